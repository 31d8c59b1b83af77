use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "table-without-required-columns",
    Level::Warning,
    include_str!("table_without_required_columns.md"),
    check,
)
.off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateTable(create) = &see.statement.shape else { return };
    if create.temporary || create.like.is_some() || create.select.is_some() {
        return;
    }
    let has = |wanted: &str| create.columns.iter().any(|column| column.name.text.eq_ignore_ascii_case(wanted));
    let missing: Vec<&str> =
        see.settings.limits.required_columns.iter().map(String::as_str).filter(|wanted| !has(wanted)).collect();
    if missing.is_empty() {
        return;
    }
    let (table, missing) = (words::table(&create.table), words::list(missing.into_iter()));
    tell.at(
        create.table.span(),
        said!("{table} lacks columns that every table has here: {missing}.", "{table} 缺少约定每张表都要有的列：{missing}。"),
        said!(
            "Exports, archiving and audits of {table} go by these columns: without them nobody can tell which rows are new or changed.",
            "{table} 的同步、归档和审计都依赖这些列：没有它们，就无法知道哪些行是新增或改过的。",
        ),
        said!(
            "Add {missing}; for times: datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, the one of changes with ON UPDATE CURRENT_TIMESTAMP.",
            "请加上 {missing}；时间列可以写 datetime NOT NULL DEFAULT CURRENT_TIMESTAMP，更新时间再加 ON UPDATE CURRENT_TIMESTAMP。",
        ),
    );
}
