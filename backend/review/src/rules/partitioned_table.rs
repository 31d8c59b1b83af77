use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape, TableRef},
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("partitioned-table", Level::Warning, include_str!("partitioned_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) => {
            if let Some(span) = create.partition {
                say(see, tell, &create.table, span);
            }
        }
        Shape::AlterTable(alter) => {
            for op in alter.ops.iter().filter(|op| op.action == Action::PartitionBy) {
                say(see, tell, &alter.table, op.span);
            }
        }
        _ => {}
    }
}

fn say(see: &See<'_>, tell: &mut Tell<'_>, table: &TableRef, span: Span) {
    // The words `PARTITION BY RANGE (…)`, without the partitions.
    let text = span.of(see.script.sql());
    let head = text.find(')').map_or(span, |end| Span::new(span.start, span.start + end + 1));
    let table = words::table(table);
    tell.at(
        head,
        said!("{table} would be partitioned.", "{table} 将成为分区表。"),
        said!(
            "Every unique key of {table} must hold the partitioning columns, foreign keys are not possible, a query without those columns looks into all partitions, and somebody must add partitions in time or INSERTs fail.",
            "{table} 的每个唯一键都必须包含分区列，不能有外键；查询不带分区列就要扫描所有分区；还得有人按时添加新分区，否则 INSERT 会报错。",
        ),
        Said::fixed(
            "Use it only to drop old rows by whole partitions, and say who adds the new ones; otherwise an index is enough, or numbered tables.",
            "只有需要整分区清理旧数据时才用，并说明由谁来添加新分区；其他情况用索引就够了，或者分表。",
        ),
    );
}
