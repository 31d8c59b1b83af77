use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand},
    questions::changed_tables,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("changed-table-in-sub-select", Level::Error, include_str!("changed_table_in_sub_select.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let queries = &see.statement.queries;
    let flavour = see.settings.flavour;
    let is_update = matches!(see.statement.shape, Shape::Update(_));
    // MariaDB allows it: in UPDATE since 10.3, in DELETE since 11.1.
    let allowed = flavour.is_mariadb() && (is_update && flavour.at_least(10, 3) || flavour.at_least(11, 1));
    let Some(change) = queries.change().filter(|_| !allowed) else { return };
    let changed: Vec<_> = changed_tables(&see.statement.shape).into_iter().map(|table| see.world.name(table)).collect();
    for test in &change.tests {
        let start = match &test.what {
            Tested::InQuery(_, _, start)
            | Tested::Exists(_, start)
            | Tested::Compare(Operand::Query(start, _), _, _)
            | Tested::Compare(_, _, Operand::Query(start, _)) => *start,
            _ => continue,
        };
        let Some(inner) = queries.at(start) else { continue };
        let same = inner.sources.iter().find_map(|source| source.table.as_ref().filter(|table| !queries.is_with(table) && changed.contains(&see.world.name(table))));
        let Some(table) = same else { continue };
        let name = words::table(table);
        tell.at(
            table.span(),
            said!("{name} is changed and read in one statement.", "同一条语句里既修改又读取 {name}。"),
            said!("The server refuses to read {name} in a sub-select while it changes it (error 1093).", "服务器不允许在修改 {name} 的同时在子查询里读取它（错误 1093）。"),
            said!("Join instead: UPDATE {name} JOIN (SELECT …) x ON …; or put one more query around the sub-select.", "请改用关联：UPDATE {name} JOIN (SELECT …) x ON …；或者在子查询外再套一层。"),
        );
    }
}
