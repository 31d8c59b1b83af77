use super::{Rule, primary_key_columns::new_primary, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "primary-key-of-many-columns",
    Level::Warning,
    include_str!("primary_key_of_many_columns.md"),
    check,
);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(primary) = new_primary(see) else { return };
    let most = see.settings.limits.primary_key_columns;
    let count = primary.parts;
    if count <= most {
        return;
    }
    let table = words::table(primary.table);
    tell.at(
        primary.span,
        said!(
            "The primary key of {table} has {count} columns; {most} are enough for most tables.",
            "{table} 的主键有 {count} 列，一般的表 {most} 列就够了。",
        ),
        said!(
            "Every other index of {table} repeats all {count} columns, and whoever names one row has to name them all.",
            "{table} 的其他每个索引都要重复这 {count} 列；要指明一行，也得把它们全写上。",
        ),
        said!(
            "Take `id` bigint unsigned AUTO_INCREMENT as the primary key and make these columns a UNIQUE KEY.",
            "请用 `id` bigint unsigned AUTO_INCREMENT 作主键，把这些列做成 UNIQUE KEY。",
        ),
    );
}
