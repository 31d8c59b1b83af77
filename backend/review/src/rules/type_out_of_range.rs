use super::{
    Rule,
    definitions::{New, new_columns},
};
use crate::{
    facts::Table,
    judge::{See, Tell},
    shape::Shape,
    types::{TypeKind, bytes_per_char},
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule = Rule::new("type-out-of-range", Level::Error, include_str!("type_out_of_range.md"), check);

/// Bytes of a row besides its TEXT and BLOB columns.
const ROW_BYTES: u64 = 65_535;

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let columns = new_columns(&see.statement.shape);
    let Some(first) = columns.first() else { return };
    let table = match &see.statement.shape {
        Shape::CreateTable(_) => see.made(),
        _ => see.world.table(first.table),
    };
    let charset = table.and_then(|table| table.charset.as_deref());
    for new in &columns {
        if tell.is_full() {
            return;
        }
        if let Some((limit, fix)) = beyond(new, charset, see.settings.flavour.is_mariadb()) {
            say(see, tell, new, &limit, fix);
        }
    }
    if let (Shape::CreateTable(_), Some(table)) = (&see.statement.shape, table) {
        row(tell, first, table);
    }
}

/// The limit that the type breaks, and what to write instead.
fn beyond(new: &New<'_>, table_charset: Option<&str>, mariadb: bool) -> Option<(Said, Said)> {
    let of = &new.column.column_type;
    let (length, decimals) = (of.length.unwrap_or(0), of.decimals.unwrap_or(0));
    let smaller = || Said::fixed("Write a smaller number.", "请把数字改小。");
    let most = |most: u64| said!("{most} is the most for this type", "这个类型最多 {most}");
    match of.kind {
        TypeKind::Char if length > 255 => Some((
            most(255),
            said!("Write VARCHAR({length}).", "请写成 VARCHAR({length})。"),
        )),
        TypeKind::Binary if length > 255 => Some((
            most(255),
            said!("Write VARBINARY({length}).", "请写成 VARBINARY({length})。"),
        )),
        TypeKind::VarChar => {
            let bytes = of.charset.as_deref().or(table_charset).map_or(1, bytes_per_char);
            let fits = ROW_BYTES / bytes;
            (length > fits).then(|| {
                (
                    said!(
                        "at {bytes} bytes a character, {fits} is the most that a row holds",
                        "按每个字符 {bytes} 字节算，一行最多放 {fits} 个字符",
                    ),
                    Said::fixed("Write TEXT or MEDIUMTEXT for long texts.", "长文本请用 TEXT 或 MEDIUMTEXT。"),
                )
            })
        }
        TypeKind::VarBinary if length > ROW_BYTES => {
            Some((most(ROW_BYTES), Said::fixed("Write BLOB or MEDIUMBLOB.", "请用 BLOB 或 MEDIUMBLOB。")))
        }
        TypeKind::Decimal if length > 65 => Some((most(65), smaller())),
        TypeKind::Decimal if decimals > 30 && !mariadb || decimals > 38 => Some((
            said!(
                "{most} digits after the point are the most",
                "小数点后最多 {most} 位",
                most = if mariadb { 38 } else { 30 },
            ),
            smaller(),
        )),
        TypeKind::Decimal | TypeKind::Float | TypeKind::Double if decimals > length && of.length.is_some() => Some((
            said!(
                "{decimals} digits after the point are more than {length} digits in all",
                "小数位 {decimals} 比总位数 {length} 还多",
            ),
            said!(
                "The first number counts all digits: write ({all},{decimals}) for {length} before the point.",
                "第一个数字是总位数：小数点前要 {length} 位，请写 ({all},{decimals})。",
                all = length.saturating_add(decimals),
            ),
        )),
        TypeKind::Bit if length > 64 => Some((most(64), smaller())),
        TypeKind::Time | TypeKind::DateTime | TypeKind::Timestamp if length > 6 => Some((most(6), smaller())),
        kind if kind.is_integer() && length > 255 => Some((
            Said::fixed("the number in brackets is no size", "括号里的数字不是大小"),
            Said::fixed("Leave the brackets out.", "请去掉括号。"),
        )),
        _ => None,
    }
}

fn say(see: &See<'_>, tell: &mut Tell<'_>, new: &New<'_>, limit: &Said, fix: Said) {
    let (table, column, of) = (new.table(), new.name(), new.written_type(see));
    let message = Said {
        en: format!("{column} of {table} can not be {of}: {}.", limit.en).into(),
        zh: format!("{table} 的 {column} 不能是 {of}：{}。", limit.zh).into(),
    };
    tell.at(
        new.column.type_span,
        message,
        said!(
            "The server refuses the whole statement, and {table} stays as it is.",
            "服务器会拒绝整条语句，{table} 不会有任何变化。",
        ),
        fix,
    );
}

/// All columns together, where the bytes of each are known.
fn row(tell: &mut Tell<'_>, first: &New<'_>, table: &Table) {
    let bytes: u64 = table
        .columns
        .iter()
        .map(|column| &column.column_type)
        .filter(|of| !of.kind.is_text() && !of.kind.is_blob())
        .filter_map(|of| of.key_bytes(None, 1))
        .sum();
    if bytes <= ROW_BYTES || tell.has_told(&[RULE.id]) {
        return;
    }
    let shown = first.table();
    tell.at(
        first.table.span(),
        said!(
            "A row of {shown} would have up to {bytes} bytes; {ROW_BYTES} are the most.",
            "{shown} 的一行最多会有 {bytes} 字节，上限是 {ROW_BYTES}。",
        ),
        said!(
            "The server refuses the statement (error 1118). TEXT and BLOB do not count: they are kept elsewhere.",
            "服务器会拒绝这条语句（错误 1118）。TEXT 和 BLOB 不计入，它们存放在别处。",
        ),
        Said::fixed(
            "Make long VARCHAR columns shorter, or turn the longest into TEXT.",
            "请缩短较长的 VARCHAR，或把最长的改成 TEXT。",
        ),
    );
}
