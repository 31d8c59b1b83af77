use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("temporary-table", Level::Warning, include_str!("temporary_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (target, span) = match &see.statement.shape {
        Shape::CreateTable(create) if create.temporary => (&create.table, create.table.span()),
        Shape::DropTable(drop) if drop.temporary => {
            let Some(first) = drop.tables.first() else { return };
            (first, first.span())
        }
        _ => return,
    };
    let table = words::table(target);
    tell.at(
        span,
        said!("{table} is a temporary table.", "{table} 是临时表。"),
        said!(
            "{table} is there for one session only. A ticket that is paused goes on in another session, where {table} is gone and the statements after it fail or, worse, find a lasting table of the same name.",
            "{table} 只在一个会话里存在。工单暂停后会换一个会话继续，那时 {table} 已经没有了，后面的语句会报错，更糟的是会用到同名的普通表。",
        ),
        Said::fixed(
            "Write the rows that you need into the statement itself (a sub-select), or use a lasting table and drop it in a later ticket.",
            "请把需要的数据写进语句本身（子查询），或者用普通表，之后再用工单删除。",
        ),
    );
}
