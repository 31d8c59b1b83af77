use super::{
    Rule,
    definitions::{Redefined, known_alter},
    words,
};
use crate::{
    facts::{Column, Table},
    judge::{See, Tell},
    shape::{Action, AlterTable, ColumnDef, Name},
    span::Span,
    types::{ColumnType, TypeKind},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("column-narrowed", Level::NeedsDba, include_str!("column_narrowed.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some((alter, known)) = known_alter(see) else { return };
    for op in &alter.ops {
        if let Action::Convert(charset, _) = &op.action {
            converted(tell, alter, known, charset, op.span);
        }
        let Some(Redefined { old, name, new, span }) = Redefined::by(op, known) else { continue };
        if tell.is_full() || fits(old, new) {
            continue;
        }
        let (table, column) = (words::table(&alter.table), words::quoted(&name.text));
        let (was, becomes) = (described(&old.data_type, old.nullable), described(&new.data_type, new.nullable));
        tell.at(
            span,
            said!(
                "{column} of {table} changes from {was} to {becomes}: not every value may fit.",
                "{table} 的 {column} 从 {was} 变成 {becomes}：原有的值不一定都放得下。",
            ),
            said!(
                "Values of {column} that do not fit are cut or changed, or make the ALTER fail after it has copied much of {table}.",
                "{column} 里放不下的值会被截断或改变，或者让 ALTER 在复制了大半张 {table} 之后失败。",
            ),
            said!(
                "Look first for values that do not fit. If there are none, send it to a DBA; else keep {was}.",
                "请先查一查有没有放不下的值。如果没有，请转交 DBA；否则请保留 {was}。",
            ),
        );
    }
}

/// `CONVERT TO` gives every text of the table another character set.
fn converted(tell: &mut Tell<'_>, alter: &AlterTable, known: &Table, charset: &Name, span: Span) {
    let wanted = ColumnType { kind: TypeKind::VarChar, charset: Some(charset.text.to_ascii_lowercase()), ..ColumnType::default() };
    let lossy = |column: &&Column| column.column_type.kind.has_charset() && !charset_fits(&column.column_type, &wanted);
    let lost: Vec<&str> = known.columns.iter().filter(lossy).map(|column| column.name.as_str()).collect();
    if lost.is_empty() || charset.text.eq_ignore_ascii_case("default") {
        return;
    }
    let (table, columns) = (words::table(&alter.table), words::list(lost.into_iter()));
    let charset = words::shown(&charset.text);
    tell.at(
        span,
        said!("{columns} of {table} would be converted to {charset}, which has fewer characters.", "{table} 的 {columns} 将转换成 {charset}，它能表示的字符更少。"),
        said!(
            "Characters that {charset} does not have make the ALTER fail, or become `?` for good.",
            "{charset} 里没有的字符会让 ALTER 报错，或者永久变成 `?`。",
        ),
        said!("Keep the wider character set; utf8mb4 holds everything.", "请保留更大的字符集；utf8mb4 能表示所有字符。"),
    );
}

fn described(data_type: &str, nullable: bool) -> String {
    let data_type = words::shown(data_type);
    if nullable { format!("`{data_type}`") } else { format!("`{data_type} NOT NULL`") }
}

/// Whether every value of the old column certainly fits the new one.
fn fits(old: &Column, new: &ColumnDef) -> bool {
    let nulls_fit = !old.nullable || new.nullable;
    let (before, after) = (&old.column_type, &new.column_type);
    let kinds_fit = before.holds_as(after)
        || integer_fits(before, after)
        || decimal_fits(before, after)
        || text_fits(before, after)
        || members_fit(before, after)
        || time_fits(before, after);
    nulls_fit && kinds_fit && charset_fits(before, after)
}

fn integer_fits(old: &ColumnType, new: &ColumnType) -> bool {
    let (Some(before), Some(after)) = (old.kind.integer_bytes(), new.kind.integer_bytes()) else { return false };
    match (old.unsigned, new.unsigned) {
        (false, false) | (true, true) => after >= before,
        (true, false) => after > before,
        (false, true) => false,
    }
}

/// `decimal(10,2)` fits where neither the digits before the point nor those after it get fewer; an integer fits where
/// there are digits enough; `float` fits `double`.
fn decimal_fits(old: &ColumnType, new: &ColumnType) -> bool {
    if (old.kind, new.kind) == (TypeKind::Float, TypeKind::Double) {
        return old.decimals.is_none() && (!new.unsigned || old.unsigned);
    }
    if new.kind != TypeKind::Decimal || new.unsigned && !old.unsigned {
        return false;
    }
    let (after, room) = (new.decimals.unwrap_or(0), new.length.unwrap_or(10));
    let (digits, decimals) = match old.kind {
        TypeKind::Decimal => (old.length.unwrap_or(10), old.decimals.unwrap_or(0)),
        TypeKind::TinyInt => (3, 0),
        TypeKind::SmallInt => (5, 0),
        TypeKind::MediumInt => (8, 0),
        TypeKind::Int => (10, 0),
        TypeKind::BigInt => (20, 0),
        _ => return false,
    };
    after >= decimals && room.saturating_sub(after) >= digits.saturating_sub(decimals)
}

/// `varchar(10)` fits `varchar(20)` and the text types; a text type fits a longer one.
fn text_fits(old: &ColumnType, new: &ColumnType) -> bool {
    let (Some((old_binary, before)), Some((new_binary, after))) = (capacity(old), capacity(new)) else { return false };
    old_binary == new_binary && after >= before
}

/// Whether a type holds bytes instead of characters, and the most bytes that it can hold.
fn capacity(column: &ColumnType) -> Option<(bool, u64)> {
    let length = column.length.unwrap_or(1);
    Some(match column.kind {
        // Four bytes a character, whatever the character set.
        TypeKind::Char | TypeKind::VarChar => (false, length.saturating_mul(4)),
        TypeKind::Binary | TypeKind::VarBinary => (true, length),
        kind if kind.is_text() => (false, kind.most_bytes()?),
        kind if kind.is_blob() => (true, kind.most_bytes()?),
        _ => return None,
    })
}

/// Members of an `ENUM` or `SET` may come at the end; the numbers of the others stay then.
fn members_fit(old: &ColumnType, new: &ColumnType) -> bool {
    match new.kind {
        TypeKind::Enum | TypeKind::Set => old.kind == new.kind && new.members.starts_with(&old.members),
        TypeKind::VarChar | TypeKind::Char if old.kind == TypeKind::Enum => {
            old.members.iter().all(|member| member.chars().count() as u64 <= new.length.unwrap_or(1))
        }
        _ => false,
    }
}

/// Digits below the second may get more; a day fits a moment.
fn time_fits(old: &ColumnType, new: &ColumnType) -> bool {
    let timed = matches!(new.kind, TypeKind::DateTime | TypeKind::Timestamp | TypeKind::Time);
    (old.kind == new.kind && timed && new.length.unwrap_or(0) >= old.length.unwrap_or(0))
        || (old.kind, new.kind) == (TypeKind::Date, TypeKind::DateTime)
        || old.kind == TypeKind::Bit && new.kind == TypeKind::Bit && new.length.unwrap_or(1) >= old.length.unwrap_or(1)
}

/// Every character has a place in the character sets of all Unicode, and ASCII in every one.
fn charset_fits(old: &ColumnType, new: &ColumnType) -> bool {
    let (Some(before), Some(after)) = (&old.charset, &new.charset) else { return true };
    let plain = |name: &str| if name == "utf8" { "utf8mb3".to_owned() } else { name.to_owned() };
    let (before, after) = (plain(before), plain(after));
    !old.kind.has_charset()
        || !new.kind.has_charset()
        || before == after
        || before == "ascii"
        || ["utf8mb4", "utf16", "utf16le", "utf32", "gb18030"].contains(&after.as_str())
        || (before.as_str(), after.as_str()) == ("gb2312", "gbk")
        || after == "utf8mb3" && before.starts_with("latin")
}
