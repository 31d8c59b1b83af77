use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-partition", Level::NeedsDba, include_str!("drop_partition.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    for op in alter.ops.iter().filter(|op| matches!(op.action, Action::LosePartition | Action::ExchangePartition)) {
        let table = words::table(&alter.table);
        let shown = words::shown(op.span.of(see.script.sql()));
        tell.at(
            op.span,
            said!("`{shown}` takes all rows of a part of {table} away at once.", "`{shown}` 会一次拿走 {table} 某一部分的所有行。"),
            said!(
                "It can not be rolled back; rows that turn out to be needed come back only from a backup.",
                "它不能回滚；之后发现还需要的行，只能从备份找回。",
            ),
            Said::fixed(
                "Say in the reason which rows they are and since when nobody needs them, and send it to a DBA.",
                "请在理由里写明这些是什么数据、从何时起不再需要，然后转交 DBA。",
            ),
        );
    }
}
