use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("primary-key-changed", Level::NeedsDba, include_str!("primary_key_changed.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    let Some(op) = alter.ops.iter().find(|op| op.action == Action::DropPrimaryKey) else { return };
    let table = words::table(&alter.table);
    tell.at(
        op.span,
        said!("This takes away the primary key of {table}.", "这会去掉 {table} 的主键。"),
        said!(
            "The rows of {table} lie in the order of the primary key, and every index holds it: the server writes all of {table} anew. Rows that no longer differ make the statement fail at the end, and online change tools have nothing to copy by.",
            "{table} 的行按主键顺序存放，每个索引里也都带着主键：服务器要把整张 {table} 重写一遍。如果新主键有重复，语句会在最后才报错；在线变更工具也没有可用来分批的键。",
        ),
        Said::fixed(
            "Keep the key and add a unique index for the other columns; or have a DBA plan it as a new table that takes the old one's place.",
            "请保留原来的主键，给其他列加唯一索引；确实要换，请由 DBA 用新表替换的方式来做。",
        ),
    );
}
