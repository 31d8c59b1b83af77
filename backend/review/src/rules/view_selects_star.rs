use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{ObjectKind, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("view-selects-star", Level::Warning, include_str!("view_selects_star.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::StoredObject(object) = &see.statement.shape else { return };
    let (ObjectKind::View, Some(star), Some(name)) = (object.kind, object.star, object.names.first()) else { return };
    let view = words::table(name);
    tell.at(
        star,
        said!("The view {view} takes all columns by `*`.", "视图 {view} 用 `*` 取所有列。"),
        said!(
            "The server writes today's columns down: one that is added later is not in {view}, and one that is dropped breaks it (error 1356).",
            "服务器会把当前的列固定下来：以后新加的列不会出现在 {view} 里，删掉一列则会让它报错（1356）。",
        ),
        Said::fixed("Name the columns.", "请写出各列的名称。"),
    );
}
