use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("ip-address-as-text", Level::Notice, include_str!("ip_address_as_text.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| looks_like_ip(&new.column.name.text) && matches!(new.column.column_type.kind, TypeKind::Char | TypeKind::VarChar) && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("Addresses are kept as text in {columns} of {table}.", "{table} 的 {columns} 用文本存地址。"),
        said!("A text sorts 10.0.0.10 before 10.0.0.9, a range of addresses can not be searched by index, and each takes up to 45 bytes instead of 4 or 16.", "文本排序时 10.0.0.10 在 10.0.0.9 前面，按地址段查询用不上索引，每个地址最多占 45 字节而不是 4 或 16 字节。"),
        said!("Write VARBINARY(16) with INET6_ATON and INET6_NTOA (MariaDB: INET6).", "请用 VARBINARY(16)，配合 INET6_ATON 和 INET6_NTOA（MariaDB 可用 INET6 类型）。"),
    );
}

fn looks_like_ip(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "ip" || name.ends_with("_ip") || name.starts_with("ip_addr")
}
