use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("constant-where", Level::NeedsDba, include_str!("constant_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    let Some(condition) = change.condition.as_ref().filter(|condition| condition.constant && !condition.always_true) else {
        return;
    };
    let Some(target) = crate::questions::changed_tables(&see.statement.shape).into_iter().next() else { return };
    let table = words::table(target);
    let shown = words::shown(condition.span.of(see.script.sql()));
    tell.at(
        condition.span,
        said!("`{shown}` looks at no column of {table}.", "`{shown}` 没有用到 {table} 的任何列。"),
        said!(
            "It does not choose among the rows of {table}: it takes all of them, none, or some by chance.",
            "它并没有在 {table} 的行之间做选择：要么全改，要么全不改，要么随机改几行。",
        ),
        said!("Name a column: WHERE column = value.", "请写上列名：WHERE 列 = 值。"),
    );
}
