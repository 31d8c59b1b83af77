use super::{Rule, definitions::After, names::new_keys, words};
use crate::{
    facts::{KeyKind, Table},
    judge::{See, Tell},
    questions::changed_tables,
    shape::KeyDef,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("index-too-long", Level::Error, include_str!("index_too_long.md"), check);

/// Bytes of an InnoDB index with the usual row format and pages of 16 kB.
const MOST: u64 = 3_072;
/// The same with the old row formats.
const MOST_OLD: u64 = 767;
/// Bytes of a character where the charset is not known: so many for certain, so many at most.
const CHARACTER: (u64, u64) = (1, 4);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if new_keys(&see.statement.shape).next().is_none() {
        return;
    }
    let (Some(after), Some(table)) = (After::of(see), changed_tables(&see.statement.shape).first().copied()) else {
        return;
    };
    let is_innodb = |table: &Table| table.engine.as_ref().is_none_or(|engine| engine.eq_ignore_ascii_case("innodb"));
    if !after.table().is_none_or(is_innodb) {
        return;
    }
    let format = after.table().and_then(|table| table.row_format.as_deref());
    let each = if matches!(format, Some("compact" | "redundant")) { MOST_OLD } else { MOST };
    for key in new_keys(&see.statement.shape) {
        if tell.is_full() || matches!(key.kind, KeyKind::FullText | KeyKind::Spatial | KeyKind::Foreign) {
            continue;
        }
        let Some(bytes) = bytes(key, &after) else { continue };
        let too_long = |one: u64, all: u64| one > each || all > MOST;
        let certain = too_long(bytes.one.0, bytes.all.0);
        if !certain && !too_long(bytes.one.1, bytes.all.1) {
            continue;
        }
        // MariaDB hashes a long unique index, and cuts a column of a plain one that is too long, with a note.
        let mariadb = see.settings.flavour.is_mariadb();
        let spared = mariadb
            && each == MOST
            && (key.kind == KeyKind::Unique || key.kind == KeyKind::Plain && bytes.all.1.min(bytes.one.1) > MOST && key.parts.len() == 1);
        let level = if certain && !spared { Level::Error } else { Level::Warning };
        let (table, name) = (words::table(table), key.name.as_ref().map_or_else(String::new, |name| words::quoted(&name.text)));
        let name = if key.kind == KeyKind::Primary { "PRIMARY KEY".to_owned() } else { name };
        let (size, most) = if certain { (bytes.all.0, bytes.one.0) } else { (bytes.all.1, bytes.one.1) };
        let limit = if most > each { each } else { MOST };
        let size = words::number(size);
        tell.leveled(
            level,
            key.span,
            said!(
                "The index {name} of {table} takes up to {size} bytes a row; {limit} is the most.",
                "{table} 的索引 {name} 每行最多占 {size} 字节，上限是 {limit}。",
            ),
            match (certain, spared) {
                (true, false) => said!(
                    "The server refuses the statement (error 1071). The limit counts bytes: a character of utf8mb4 counts four.",
                    "服务器会拒绝这条语句（错误 1071）。上限按字节算：utf8mb4 的一个字符算四个字节。",
                ),
                (_, true) => said!(
                    "MariaDB then keeps only the beginning of the values in the index, or a hash of them, which serves no range and no ORDER BY.",
                    "MariaDB 这时只在索引里保留值的开头，或者只存一个哈希，范围查询和 ORDER BY 都用不上它。",
                ),
                _ => said!(
                    "It is so if the columns are utf8mb4, as the database's default may be; then the server refuses the statement (error 1071).",
                    "如果这些列是 utf8mb4（数据库的默认值可能就是它），服务器会拒绝这条语句（错误 1071）。",
                ),
            },
            said!(
                "Index the first characters only, as {column}(100), or make the column as short as its values are.",
                "请只索引前若干个字符，例如 {column}(100)，或者把列缩短到实际需要的长度。",
                column = longest(key, &after),
            ),
        );
    }
}

/// Bytes of the longest part and of all: at least, and at most.
struct Bytes {
    one: (u64, u64),
    all: (u64, u64),
}

fn bytes(key: &KeyDef, after: &After<'_>) -> Option<Bytes> {
    let mut sum = Bytes { one: (0, 0), all: (0, 0) };
    for part in &key.parts {
        if part.is_expression {
            return None;
        }
        let column = after.column(&part.column)?;
        let bytes = |each| column.column_type.key_bytes(part.prefix, each);
        let (least, most) = (bytes(CHARACTER.0)?, bytes(CHARACTER.1)?);
        sum.one = (sum.one.0.max(least), sum.one.1.max(most));
        sum.all = (sum.all.0.saturating_add(least), sum.all.1.saturating_add(most));
    }
    Some(sum)
}

fn longest(key: &KeyDef, after: &After<'_>) -> String {
    let size = |name: &str| after.column(name).and_then(|column| column.column_type.key_bytes(None, 4)).unwrap_or(u64::MAX);
    let longest = key.parts.iter().max_by_key(|part| size(&part.column));
    longest.map_or_else(String::new, |part| words::quoted(&part.column))
}
