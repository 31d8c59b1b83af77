use super::{Rule, definitions::new_columns, names::new_keys, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    mend::Edit,
    types::DefaultValue,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("nullable-primary-key", Level::Error, include_str!("nullable_primary_key.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let shape = &see.statement.shape;
    let in_key = |name: &str| {
        new_keys(shape)
            .filter(|key| key.kind == KeyKind::Primary)
            .any(|key| key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(name)))
    };
    for new in new_columns(shape) {
        let column = new.column;
        if tell.is_full() {
            return;
        }
        if column.key != Some(KeyKind::Primary) && !in_key(&column.name.text) {
            continue;
        }
        let null = column.null.as_ref().filter(|null| null.value).map(|null| null.span);
        let default = column.default.as_ref().filter(|default| default.value == DefaultValue::Null);
        // `NOT NULL DEFAULT NULL` is told by another rule.
        let not_null = column.null.as_ref().is_some_and(|null| !null.value);
        let Some(span) = null.or(default.map(|default| default.span).filter(|_| !not_null)) else { continue };
        let (table, name) = (words::table(new.table), new.name());
        // MariaDB makes it NOT NULL without a word.
        let level = if see.settings.flavour.is_mariadb() { Level::Warning } else { Level::Error };
        let told = tell.leveled(
            level,
            span,
            said!("{name} is in the primary key of {table} and can not be NULL.", "{name} 在 {table} 的主键里，不能为 NULL。"),
            said!(
                "A key names one row; NULL names none. MySQL refuses the statement (error 1171), MariaDB makes {name} NOT NULL without a word.",
                "主键要能指明一行，而 NULL 什么也指明不了。MySQL 会拒绝这条语句（错误 1171），MariaDB 会悄悄把 {name} 变成 NOT NULL。",
            ),
            said!("Write NOT NULL at {name}, without DEFAULT NULL.", "{name} 请写 NOT NULL，不要写 DEFAULT NULL。"),
        );
        let mut edits: Vec<Edit> = null.map(|span| Edit::replace(span, "NOT NULL".to_owned())).into_iter().collect();
        match (default, null) {
            (Some(default), Some(_)) => edits.push(Edit::replace(default.span, String::new())),
            (Some(default), None) => edits.push(Edit::replace(default.span, "NOT NULL".to_owned())),
            (None, _) => {}
        }
        told.mend(edits);
    }
}
