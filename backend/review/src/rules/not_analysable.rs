use super::{Rule, words};
use crate::{
    facts::Prepared,
    judge::{See, Tell},
    read::first_word,
    shape::{Obscure, Shape},
    watch,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule =
    Rule::new("not-analysable", Level::NeedsDba, include_str!("not_analysable.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (why, span) = match see.statement.shape {
        Shape::NotAnalysable(why, span) => (why, span),
        // What it is, is known; what it does, no rule has looked at.
        Shape::StoredObject(_) | Shape::Admin(_) if !tell.is_blocked() => {
            (Obscure::Kind, first_word(see.script.sql(), see.statement.span))
        }
        _ => return,
    };
    let prepared = see.facts.syntax.get(&see.statement.index);
    // Somebody else has said why it does not pass. Nothing but this may keep the rule silent.
    if tell.has_told(&["syntax-error", "executable-comment"]) || see.refusal().is_some() {
        return;
    }
    let shown = words::shown(span.of(see.script.sql()));
    let message = match why {
        Obscure::Unread | Obscure::Executable => said!(
            "The review does not understand this statement from `{shown}` on.",
            "评审从 `{shown}` 处开始看不懂这条语句。",
        ),
        Obscure::Kind => said!(
            "The review does not read statements of this kind (`{shown}` …).",
            "评审不分析这一类语句（`{shown}` …）。",
        ),
        Obscure::Control => Said::fixed(
            "A control character (such as NUL) stands here, outside quotes.",
            "引号之外出现了控制字符（例如 NUL）。",
        ),
        Obscure::TooBig => said!(
            "The statement nests more than {depth} brackets, or chains more than {chain} operators.",
            "这条语句的括号嵌套超过 {depth} 层，或连续运算超过 {chain} 个。",
            depth = watch::MAX_DEPTH,
            chain = watch::MAX_CHAIN,
        ),
    };
    let why_said = if matches!(prepared, Some(Prepared::Understood)) {
        Said::fixed(
            "The server parses it, so it would run; but no rule could look at what it does to your tables.",
            "服务器能解析它，也就是说它会执行；但没有一条规则能检查它会对你的表做什么。",
        )
    } else {
        Said::fixed(
            "No rule could look at what it does to your tables, and what is not understood never passes by itself.",
            "没有一条规则能检查它会对你的表做什么，而看不懂的语句绝不会自动通过。",
        )
    };
    let fix = match why {
        Obscure::Control => Said::fixed("Remove the character; your editor can show it.", "请删掉这个字符，编辑器可以显示它。"),
        Obscure::TooBig => Said::fixed(
            "Split it into several statements, or write the long condition as IN (…). Else send it to a DBA.",
            "请拆成几条语句，或把很长的条件写成 IN (…)；否则请转交 DBA。",
        ),
        _ => Said::fixed(
            "If it is a slip, mend it. If it is meant so, send it to a DBA, who can read and run it.",
            "如果是笔误请修改；如果确实要这样写，请转交 DBA，由 DBA 查看并执行。",
        ),
    };
    tell.at(span, message, why_said, fix);
}
