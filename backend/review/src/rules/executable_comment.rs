use super::Rule;
use crate::{
    judge::{See, Tell},
    shape::{Obscure, Shape},
};
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("executable-comment", Level::NeedsDba, include_str!("executable_comment.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::NotAnalysable(Obscure::Executable, span) = see.statement.shape else { return };
    tell.at(
        span,
        Said::fixed(
            "This is an executable comment: some servers run what is in it, others skip it.",
            "这是“可执行注释”：有的服务器会执行里面的内容，有的会跳过。",
        ),
        Said::fixed(
            "What happens to your table then depends on the version of the server, and a reader takes it for a comment.",
            "它会对你的表做什么取决于服务器版本，而看的人会以为它只是注释。",
        ),
        Said::fixed(
            "Write what should run without /*! */, and delete the rest.",
            "需要执行的内容请直接写出来，不要放在 /*! */ 里；其余的请删掉。",
        ),
    );
}
