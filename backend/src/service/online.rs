//! What the online tool can not do is told at the review, so that a DBA decides whether it runs as it is written.

use dbdesk_commands::{
    lang::{Said, said},
    wire::{review::Level, rule::NO_ONLINE_TOOL},
};
use dbdesk_components::osc::alter;
use dbdesk_review::{Facts, Found, Judged, Script, Settings, Statement, shape::Shape};

/// Tells it, and gives the statements that the tool makes, from 0.
pub(super) fn judge(judged: &mut Judged, script: &Script, facts: &Facts, settings: &Settings) -> Vec<u32> {
    let mut online = judged.online();
    online.retain(|index| {
        let Some(statement) = script.statements().get(*index as usize) else { return false };
        let Shape::AlterTable(alter) = &statement.shape else { return false };
        let database = settings.database.as_deref().unwrap_or_default();
        let Err(why) = alter::online(script, alter, facts, database) else { return true };
        if let Some(told) = judged.statements.get_mut(*index as usize) {
            told.way = None;
            told.findings.push(found(statement, &why));
        }
        false
    });
    online
}

fn found(statement: &Statement, why: &Said) -> Found {
    let Said { en, zh } = why;
    Found {
        rule: NO_ONLINE_TOOL.into(),
        level: Level::NeedsDba,
        span: statement.span,
        message: said!(
            "The table is large, and the online tool can not change it: {en}.",
            "这张表较大，而在线改表工具无法执行：{zh}。"
        ),
        why: said!(
            "It would run as it is written, in one go: writes to the table may wait until it is done.",
            "它会原样一次性执行，期间对该表的写入可能一直等待。"
        ),
        fix: said!(
            "Mend what stands in the way, or send it to a DBA, who can approve it for a quiet window.",
            "请先处理妨碍执行的因素；或转交 DBA，由 DBA 批准在低峰期执行。"
        ),
        edits: Vec::new(),
    }
}
