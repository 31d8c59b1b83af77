use super::Rule;
use crate::{
    judge::{See, Tell},
    questions::changed_tables,
    read::first_word,
    settings::Mixing,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("ddl-mixed-with-dml", Level::Error, include_str!("ddl_mixed_with_dml.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Some(ddl), Some(dml)) = (see.mix.first_ddl, see.mix.first_dml) else { return };
    // The finding stands at the first statement of the sort that comes second.
    let (later, earlier) = if ddl > dml { (ddl, dml) } else { (dml, ddl) };
    let shape = &see.statement.shape;
    let here = match see.settings.limits.mixing {
        Mixing::Ticket => see.statement.index == later,
        Mixing::Table => {
            shape.is_dml() && changed_tables(shape).iter().any(|table| see.world.is_touched(table))
        }
    };
    if !here {
        return;
    }
    let (number, other) = (see.statement.index + 1, earlier + 1);
    let (this_en, that_en, this_zh, that_zh) = if shape.is_dml() {
        ("changes rows", "changes structure", "修改数据", "修改结构")
    } else {
        ("changes structure", "changes rows", "修改结构", "修改数据")
    };
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!(
            "Statement {number} {this_en}, while statement {other} {that_en}: DDL and DML in one ticket.",
            "第 {number} 条语句{this_zh}，而第 {other} 条{that_zh}：同一工单里混用了 DDL 和 DML。",
        ),
        said!(
            "A change of structure may take hours, commits what came before it, and can not be undone with the rows. If one part fails, your tables are left half changed.",
            "结构变更可能要几个小时，会自动提交它之前的修改，也不能和数据一起回退。一旦其中一部分失败，你的表就会停在改了一半的状态。",
        ),
        said!(
            "Make two tickets: one with the DDL, and one with the DML after the first is done.",
            "请拆成两张工单：先提交 DDL，完成之后再提交 DML。",
        ),
    );
}
