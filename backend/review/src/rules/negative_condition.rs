use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand, Sign, InList},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("negative-condition", Level::Notice, include_str!("negative_condition.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let (Tested::Compare(Operand::Column(column), Sign::NotEqual, _)
        | Tested::InList(InList { left: Operand::Column(column), negated: true, .. })
        | Tested::InQuery(Operand::Column(column), true, _)
        | Tested::Like(Operand::Column(column), _, true)) = &test.what
        else {
            continue;
        };
        let shown = known::shown(see, scope, column);
        tell.at(
            known::whole(see, test.span),
            said!("{shown} is asked for what it is not.", "对 {shown} 使用了否定条件。"),
            said!("All but a few values match, so an index on {shown} chooses too little to be used; rows where it is NULL do not match.", "几乎所有值都会命中，{shown} 的索引筛不掉多少行，通常不会被使用；值为 NULL 的行不会命中。"),
            said!("Name the values of {shown} that are meant.", "请写出 {shown} 应该取的值。"),
        );
    }
}
