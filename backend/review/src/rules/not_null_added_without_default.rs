use super::{
    Rule,
    definitions::{How, is_lob, new_columns},
};
use crate::{
    judge::{See, Tell},
    types::{ColumnType, TypeKind},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "not-null-added-without-default",
    Level::NeedsDba,
    include_str!("not_null_added_without_default.md"),
    check,
);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for new in new_columns(&see.statement.shape) {
        let column = new.column;
        let added = new.how == How::Added && see.world.made_by(new.table).is_none();
        if !added || column.nullable || column.has_default || column.key.is_some() || tell.is_full() {
            continue;
        }
        let (table, name, of) = (new.table(), new.name(), new.written_type(see));
        let kind = column.column_type.kind;
        let literal = !is_lob(kind) || see.settings.flavour.is_mariadb();
        let rows = see.rows_said(new.table);
        let filled = filling(&column.column_type);
        let message = said!(
            "{name} {of} comes to {table} as NOT NULL without a DEFAULT.",
            "{table} 新增的 {name} {of} 是 NOT NULL，却没有 DEFAULT。",
        );
        let why = dbdesk_commands::lang::Said {
            en: format!(
                "The rows that {table} has{} get {filled} there, and every INSERT that does not name {name} fails from then on (error 1364): programs that run now do not name it.",
                rows.en
            )
            .into(),
            zh: format!(
                "{table} 现有的行{}会被填上 {filled}；之后凡是没写 {name} 的 INSERT 都会失败（错误 1364），而正在运行的程序都不会写它。",
                rows.zh
            )
            .into(),
        };
        let fix = if literal {
            said!(
                "Add a DEFAULT that is right for old rows and old programs, or let {name} be NULL at first.",
                "请加上对旧数据和旧程序都合适的 DEFAULT，或者先让 {name} 允许 NULL。",
            )
        } else {
            said!(
                "Let {name} be NULL at first, or since MySQL 8.0.13 write an expression in brackets: DEFAULT ('').",
                "请先让 {name} 允许 NULL，或在 MySQL 8.0.13 以后写带括号的表达式：DEFAULT ('')。",
            )
        };
        tell.at(column.span, message, why, fix);
    }
}

/// What old rows get.
fn filling(of: &ColumnType) -> String {
    match of.kind {
        kind if kind.is_number() || kind == TypeKind::Bit => "0".to_owned(),
        TypeKind::Date | TypeKind::DateTime | TypeKind::Timestamp => "'0000-00-00'".to_owned(),
        TypeKind::Enum => of.members.first().map_or_else(|| "''".to_owned(), |first| format!("'{first}'")),
        _ => "''".to_owned(),
    }
}
