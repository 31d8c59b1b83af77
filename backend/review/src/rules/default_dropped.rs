use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("default-dropped", Level::Warning, include_str!("default_dropped.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    let known = see.world.table(&alter.table);
    for op in &alter.ops {
        let Action::DropDefault(name) = &op.action else { continue };
        let column = known.and_then(|table| table.column(&name.text));
        if column.is_some_and(|column| !column.has_default) {
            continue;
        }
        let (table, shown) = (words::table(&alter.table), words::quoted(&name.text));
        tell.at(
            op.span,
            said!("This takes the default of {shown} away.", "这会去掉 {shown} 的默认值。"),
            said!(
                "Every INSERT into {table} that leaves {shown} out fails from that moment on (error 1364), even where {shown} may be NULL.",
                "从那一刻起，不写 {shown} 的 INSERT INTO {table} 都会报错（1364），{shown} 允许为 NULL 也一样。",
            ),
            Said::fixed(
                "First release programs that always write the column. If NULL shall be the default: SET DEFAULT NULL.",
                "请先发布总是写入这一列的程序版本。如果想让默认值为 NULL，请写 SET DEFAULT NULL。",
            ),
        );
    }
}
