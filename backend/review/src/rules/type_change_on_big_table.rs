use super::{Rule, definitions::Redefined, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{
    lang::said,
    wire::review::{Level, Way},
};

pub const RULE: Rule = Rule::new("type-change-on-big-table", Level::Warning, include_str!("type_change_on_big_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    let Some(known) = see.world.table(&alter.table) else { return };
    let Some(bytes) = known.bytes.filter(|bytes| *bytes >= see.settings.limits.big_table_bytes) else { return };
    // What the server changes without touching the rows is no matter of size.
    let light = matches!(crate::way::of(see), Some(judged) if matches!(judged.way, Way::MetadataOnly | Way::InPlace { rebuilds: false, .. }));
    if light {
        return;
    }
    for op in &alter.ops {
        let Some(Redefined { old, name, new, span }) = Redefined::by(op, known) else { continue };
        if old.data_type == new.data_type {
            continue;
        }
        if tell.is_full() || grows_in_place(&old.data_type, &new.data_type) {
            continue;
        }
        let (table, column) = (words::table(&alter.table), words::quoted(&name.text));
        let size = words::bytes(bytes);
        tell.at(
            span,
            said!(
                "The type of {column} changes, and {table} has {size}.",
                "{column} 的类型要改，而 {table} 有 {size}。",
            ),
            said!(
                "The server copies all of {table} for it: no writes to {table} while it copies, as much free disk as {table} is big, and replicas that wait for all of it afterwards.",
                "服务器要为此复制整张 {table}：复制期间 {table} 不能写入，需要和 {table} 一样大的空闲磁盘，从库之后也要等它全部重做一遍。",
            ),
            said!(
                "Ask a DBA to do it by hand with an online change tool, or add a new column, fill it in pieces and use it instead.",
                "请 DBA 手工用在线变更工具执行；或者新加一列，分批填好数据后改用新列。",
            ),
        );
    }
}

/// A `varchar` that grows and needs no second byte for its length is changed in place.
fn grows_in_place(old: &str, new: &str) -> bool {
    let (Some(before), Some(after)) = (varchar(old), varchar(new)) else { return false };
    // Four bytes a character: up to 63 characters have one byte for the length, from 256 on certainly two.
    before <= after && (after <= 63 || before >= 256)
}

fn varchar(data_type: &str) -> Option<u32> {
    data_type.strip_prefix("varchar(")?.strip_suffix(')')?.parse().ok()
}
