use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("too-many-columns", Level::Warning, include_str!("too_many_columns.md"), check);

/// InnoDB takes no more.
const INNODB: usize = 1_017;

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (table, span, count) = match &see.statement.shape {
        Shape::CreateTable(create) => (&create.table, create.table.span(), create.columns.len()),
        Shape::AlterTable(alter) => {
            let before = see.world.table(&alter.table).map_or(0, |table| table.columns.len());
            let (mut added, mut dropped, mut last) = (0, 0, None);
            for op in &alter.ops {
                match &op.action {
                    Action::AddColumns(columns, _) => (added, last) = (added + columns.len(), Some(op.span)),
                    Action::DropColumn(..) => dropped += 1,
                    _ => {}
                }
            }
            let Some(last) = last.filter(|_| added > dropped) else { return };
            (&alter.table, last, (before + added).saturating_sub(dropped))
        }
        _ => return,
    };
    let most = see.settings.limits.columns_per_table;
    if count <= most {
        return;
    }
    let table = words::table(table);
    let level = if count > INNODB { Level::Error } else { Level::Warning };
    tell.leveled(
        level,
        span,
        said!("{table} would have {count} columns; {most} are enough for most tables.", "{table} 将有 {count} 列，一般的表 {most} 列就够了。"),
        if count > INNODB {
            said!("InnoDB refuses more than {INNODB} columns (error 1117).", "InnoDB 最多 {INNODB} 列，超过会报 1117 错误。")
        } else {
            said!(
                "Rows get long, so fewer of {table} fit into memory, and every UPDATE writes whole rows to the binary log. Mostly two things share one table.",
                "行变长，内存里能放下的 {table} 的行就少了；每次 UPDATE 还要把整行写进二进制日志。通常是两类数据挤在了一张表里。",
            )
        },
        said!(
            "Put columns that are seldom read, or that belong to another thing, into a table of their own with the same key.",
            "请把不常读的列，或属于另一类数据的列，拆到另一张主键相同的表里。",
        ),
    );
}
