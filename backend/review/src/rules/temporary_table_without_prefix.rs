use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "temporary-table-without-prefix",
    Level::Notice,
    include_str!("temporary_table_without_prefix.md"),
    check,
);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateTable(create) = &see.statement.shape else { return };
    let prefix = &see.settings.limits.temporary_prefix;
    let name = &create.table.table;
    if !create.temporary || name.text.to_lowercase().starts_with(&prefix.to_lowercase()) {
        return;
    }
    let (table, better) = (words::quoted(&name.text), words::quoted(&format!("{prefix}_{}", name.text).replace("__", "_")));
    tell.at(
        name.span,
        said!(
            "The name of the temporary table {table} does not begin with `{prefix}`.",
            "临时表 {table} 的名称没有以 `{prefix}` 开头。",
        ),
        said!(
            "Who reads a later statement can not see that {table} is no lasting table.",
            "看后面的语句时，看不出 {table} 是临时表。",
        ),
        said!("Call it {better}.", "建议命名为 {better}。"),
    );
}
