use super::{Rule, primary_key_columns::new_primary, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("primary-key-not-integer", Level::Warning, include_str!("primary_key_not_integer.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(primary) = new_primary(see) else { return };
    let long = |bytes: Option<u64>| bytes.is_none_or(|bytes| bytes > 8);
    let Some(column) = primary.columns.iter().find(|column| {
        !column.column_type.kind.is_integer() && long(column.column_type.key_bytes(None, 4))
    }) else {
        return;
    };
    let (table, name) = (words::table(primary.table), words::quoted(&column.name));
    let data_type = words::shown(&column.data_type);
    tell.at(
        primary.span,
        said!(
            "The primary key of {table} has {name} {data_type}, which is no integer.",
            "{table} 的主键里有 {name} {data_type}，它不是整数。",
        ),
        said!(
            "InnoDB keeps {table} in the order of this key and repeats the key in each other index: long keys make all of them bigger, and random ones (UUID, hashes) make each INSERT write another page.",
            "InnoDB 按主键的顺序存放 {table}，其他每个索引里也都要带上主键：主键长，所有索引都变大；主键是随机值（UUID、哈希），每次 INSERT 都会写不同的页。",
        ),
        said!(
            "Take `id` bigint unsigned AUTO_INCREMENT as the primary key and a UNIQUE KEY for {name}.",
            "请用 `id` bigint unsigned AUTO_INCREMENT 作主键，{name} 另建 UNIQUE KEY。",
        ),
    );
}
