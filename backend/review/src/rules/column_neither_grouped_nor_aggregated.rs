use super::{Rule, known};
use crate::{
    truth,
    facts::KeyKind,
    judge::{See, Tell},
    query::{Tested, Operand, Scope, ScopeKind, Given, Sign},
    shape::ColumnUse,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-neither-grouped-nor-aggregated", Level::Warning, include_str!("column_neither_grouped_nor_aggregated.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.kind == ScopeKind::Select) {
        let counts = scope.items.iter().any(|item| matches!(&item.what, Given::Call(call, _) if AGGREGATES.contains(&call.as_str())));
        if scope.group.is_empty() && !counts || scope.group.iter().any(|key| !matches!(key.by, Operand::Column(_))) {
            continue;
        }
        let grouped: Vec<&ColumnUse> = scope.group.iter().filter_map(|key| key.by.column()).collect();
        if grouped.iter().any(|column| decides_the_row(see, scope, column)) {
            continue;
        }
        // What an equation fixes, or a name of the list, needs no group.
        let fixed = |column: &ColumnUse| {
            scope.tests.iter().any(|test| test.needed && matches!(&test.what, Tested::Compare(Operand::Column(other), Sign::Equal, _) if truth::is_same(other, column)))
                || grouped.iter().any(|other| truth::is_same(other, column))
        };
        for item in &scope.items {
            let Given::Column(column) = &item.what else { continue };
            let named = item.alias.as_ref().is_some_and(|alias| grouped.iter().any(|other| other.column.text.eq_ignore_ascii_case(alias)));
            if named || fixed(column) {
                continue;
            }
            let shown = known::shown(see, scope, column);
            tell.at(
                known::whole(see, column.column.span),
                said!("{shown} is neither in the GROUP BY nor in an aggregate.", "{shown} 既不在 GROUP BY 里，也没有用聚合函数。"),
                said!(
                    "A group has many rows with many values of {shown}. MySQL refuses it by default (ONLY_FULL_GROUP_BY, errors 1055 and 1140); MariaDB takes any of them.",
                    "一组里有很多行，{shown} 的值可能各不相同。MySQL 默认会拒绝（ONLY_FULL_GROUP_BY，错误 1055、1140）；MariaDB 会随便取一个。",
                ),
                said!("Add {shown} to the GROUP BY, or say which value is meant: MAX({shown}), MIN({shown}), ANY_VALUE({shown}).", "请把 {shown} 加到 GROUP BY，或者说明要哪个值：MAX({shown})、MIN({shown})、ANY_VALUE({shown})。"),
            );
        }
    }
}

const AGGREGATES: [&str; 7] = ["count", "sum", "avg", "min", "max", "group_concat", "json_arrayagg"];

/// Grouped by a unique column, every other column of the table is decided.
fn decides_the_row(see: &See<'_>, scope: &Scope, column: &ColumnUse) -> bool {
    match known::column_of(see, scope, column) {
        Some((_, table, known)) => table.keys.iter().any(|key| {
            matches!(key.kind, KeyKind::Primary | KeyKind::Unique) && matches!(key.parts.as_slice(), [only] if only.column.eq_ignore_ascii_case(&known.name))
        }),
        // Of an unknown table `id` may well be the primary key.
        None => column.column.text.to_ascii_lowercase().ends_with("id"),
    }
}
