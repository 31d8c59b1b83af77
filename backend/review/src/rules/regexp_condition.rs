use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("regexp-condition", Level::Notice, include_str!("regexp_condition.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Tested::Regexp(Operand::Column(column), _, _) = &test.what else { continue };
        let shown = known::shown(see, scope, column);
        tell.at(
            known::whole(see, test.span),
            said!("{shown} is tested by a regular expression.", "{shown} 用正则表达式匹配。"),
            said!("It is run on every row; no index on {shown} helps.", "每一行都要执行一次，{shown} 的索引用不上。"),
            said!("Where only the beginning matters write {shown} LIKE 'abc%'; else narrow the rows by another condition first.", "如果只关心开头，请写 {shown} LIKE 'abc%'；否则请先用别的条件缩小范围。"),
        );
    }
}
