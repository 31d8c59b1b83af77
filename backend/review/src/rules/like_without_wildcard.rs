use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("like-without-wildcard", Level::Notice, include_str!("like_without_wildcard.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Tested::Like(Operand::Column(column), Operand::Text(pattern, span), negated) = &test.what else { continue };
        if pattern.contains(['%', '_', '\\']) {
            continue;
        }
        let (shown, sign) = (known::shown(see, scope, column), if *negated { "<>" } else { "=" });
        tell.at(
            *span,
            said!("The pattern for {shown} has no wildcard.", "{shown} 的匹配模式里没有通配符。"),
            said!("LIKE then means the same as {sign}, save that blanks at the end count: readers look for a wildcard that is not there.", "这时 LIKE 和 {sign} 几乎一样，只是结尾的空格也算；读的人会去找并不存在的通配符。"),
            said!("Write {shown} {sign} …, or add the % that was forgotten.", "请写成 {shown} {sign} …，或者补上漏掉的 %。"),
        );
    }
}
