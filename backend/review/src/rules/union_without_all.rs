use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("union-without-all", Level::Notice, include_str!("union_without_all.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let queries = &see.statement.queries;
    for union in queries.unions.iter().filter(|union| union.word == "UNION" && !union.all) {
        let Some(right) = queries.at(union.right) else { continue };
        let table = known::called(right);
        tell.at(
            first_word(see.script.sql(), right.span),
            said!("UNION with {table} looks for equal rows.", "与 {table} 的 UNION 会去重。"),
            Said::fixed(
                "All rows of both sides go into a temporary table, and each is compared with the others, even where none can be equal.",
                "两边的所有行都要放进临时表逐一比较去重，即使根本不可能有重复。",
            ),
            Said::fixed("Write UNION ALL where no row can come twice, or may.", "如果不会有重复，或者允许重复，请写 UNION ALL。"),
        );
    }
}
