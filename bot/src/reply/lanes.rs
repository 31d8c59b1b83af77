//! Work on numbered tables of several service groups: what is read of its lanes.

use super::{
    escape::{code, plain},
    limits, sentence, task_lines, words,
};
use dbdesk_commands::{
    id::TaskId,
    lang::{Lang, Said, said},
    wire::{
        entry::{Cause, Entry, Event, LaneOpened},
        task::TaskState,
        ticket::{Share, TicketState, TicketView},
    },
};
use std::fmt::Write as _;

/// Service groups of which each has a line; the others are counted.
const SHOWN: usize = 10;
/// Characters of these lines: what counts the others fits behind them into a field.
const TEXT: usize = 900;
/// Characters of what one waits for.
const WAITS: usize = 100;
/// Groups that are named when lanes begin.
const NAMED: usize = 8;
/// Characters of a group's name.
const NAME: usize = 60;

/// How much of the work each service group has done, those that need a person first.
#[must_use]
pub fn shares(shares: &[Share], lang: Lang) -> String {
    let mut sorted: Vec<&Share> = shares.iter().collect();
    sorted.sort_by_key(|share| place(share));
    let (mut text, mut shown) = (String::new(), 0);
    for share in sorted.iter().take(SHOWN) {
        let line = line(share, lang);
        if limits::length(&text) + limits::length(&line) >= TEXT {
            break;
        }
        let _ = writeln!(text, "{line}");
        shown += 1;
    }
    let rest = sorted.get(shown..).unwrap_or_default();
    if !rest.is_empty() {
        let (count, (done, total)) = (rest.len(), sum(rest.iter().copied()));
        let more = said!(
            "-# and {count} more service groups: {done} of {total}",
            "-# 另有 {count} 个服务组：{done}/{total}"
        );
        text.push_str(more.in_lang(lang));
    }
    text.trim_end().to_owned()
}

/// Statements of all groups together: those that ran, and all.
#[must_use]
pub fn sum<'a>(shares: impl IntoIterator<Item = &'a Share>) -> (u32, u32) {
    shares.into_iter().fold((0, 0), |(done, total), share| {
        (done.saturating_add(share.done), total.saturating_add(share.total))
    })
}

/// What its newest tasks say of a group's work: nothing as long as more is to come after those that succeeded.
fn state(share: &Share) -> Option<TaskState> {
    match share.state {
        None | Some(TaskState::Succeeded) if share.done >= share.total => Some(TaskState::Succeeded),
        Some(TaskState::Succeeded) => None,
        state => state,
    }
}

/// Those that need a person, then those that work, those to come, and those that are through.
fn place(share: &Share) -> u8 {
    state(share).map_or(TaskState::Succeeded.need(), |state| match state {
        TaskState::Succeeded => u8::MAX,
        state => state.need(),
    })
}

fn line(share: &Share, lang: Lang) -> String {
    let sign = state(share).map_or("▫️", task_lines::state_sign);
    let (group, done, total) = (code(&share.service_group, NAME), share.done, share.total);
    let mut line =
        said!("{sign} {group}: {done} of {total}", "{sign} {group}：{done}/{total}").in_lang(lang).to_owned();
    if let Some(waits) = &share.waits {
        let Said { en, zh } = waits.said();
        let waits = said!("It waits {en}", "{zh}");
        let _ = write!(line, "\n　{}", plain(waits.in_lang(lang), WAITS));
    }
    line
}

/// Whether its work is done by several tasks beside each other.
pub(super) fn has_lanes(ticket: &TicketView) -> bool {
    !ticket.shares.is_empty()
}

/// A lane that begins after the first of a run: what opened it has been told.
pub(super) fn joins(entry: &Entry, ticket: &TicketView) -> bool {
    let after_first = |task: TaskId| ticket.task.as_ref().is_some_and(|first| task > first.id);
    matches!(entry.event, Event::Started { .. }) && has_lanes(ticket) && entry.task.is_some_and(after_first)
}

/// The task of an entry that says neither of which statement nor of which group it is.
pub(super) fn unnamed(entry: &Entry) -> Option<TaskId> {
    let is_unnamed = matches!(
        entry.event,
        Event::TargetUnreachable { .. }
            | Event::Waits { .. }
            | Event::Holds { .. }
            | Event::Opens
            | Event::CutOverHeld { .. }
            | Event::CutOverAwaited
            | Event::Repeats { .. }
            | Event::Silent { .. }
            | Event::Answers
            | Event::Unheard { .. }
            | Event::Forced { .. }
    );
    entry.task.filter(|_| is_unnamed)
}

/// That they begin, and what each group has of it.
pub(super) fn opened(lanes: &[LaneOpened], lang: Lang) -> Said {
    let named = |lane: &LaneOpened| format!("{} {}", code(&lane.group, NAME), lane.statements);
    let mut groups: Vec<String> = lanes.iter().take(NAMED).map(named).collect();
    if let Some(more) = lanes.len().checked_sub(NAMED).filter(|more| *more > 0) {
        groups.push(said!("{more} more", "另有 {more} 个服务组").in_lang(lang).to_owned());
    }
    let left = lanes.iter().fold(0_u64, |sum, lane| sum.saturating_add(lane.statements.into()));
    let (groups, count, left) = (groups.join(" · "), lanes.len(), words::number(left));
    if count == 1 {
        return said!(
            "🔀 The first is done. Statements left: {groups}",
            "🔀 第一步已完成，剩余语句：{groups}"
        );
    }
    said!(
        "🔀 The first is done. Statements left: {left}, on {count} service groups beside each other: {groups}",
        "🔀 第一步已完成，剩余 {left} 条语句在 {count} 个服务组上并行执行：{groups}"
    )
}

/// That one ended, while the work goes on in others or is about to end.
pub(super) fn ended(
    group: &str,
    state: TicketState,
    (done, total): (u32, u32),
    cause: Option<Cause>,
) -> Said {
    let group = code(group, NAME);
    let head = match state {
        TicketState::Done if total == 1 => {
            return said!("✅ {group}: its statement ran.", "✅ {group}：语句执行成功。");
        }
        TicketState::Done => {
            return said!(
                "✅ {group}: all its {total} statements ran.",
                "✅ {group}：{total} 条语句全部执行成功。"
            );
        }
        TicketState::Cancelled => said!(
            "⏹️ {group}: stopped after {done} of its {total} statements.",
            "⏹️ {group}：已停止，执行了 {done}/{total} 条。"
        ),
        TicketState::Lost => said!(
            "❓ {group}: lost after {done} of its {total} statements; whether the one that was sent ran, nobody knows.",
            "❓ {group}：执行了 {done}/{total} 条后状态不明，已发送的那条是否执行无法确定。"
        ),
        _ => said!(
            "❌ {group}: ended after {done} of its {total} statements.",
            "❌ {group}：执行了 {done}/{total} 条后结束。"
        ),
    };
    sentence::with_cause(head, cause, done)
}

/// Whether an entry says an end of which the log of its task tells more. Of lanes each has said its own: their last entry is no
/// more that of the one that failed than of another.
#[must_use]
pub fn asks_for_log(entry: &Entry, ticket: &TicketView) -> bool {
    match entry.event {
        Event::Ended { state, cause, .. } => {
            !has_lanes(ticket) || (state != TicketState::Done && cause != Some(Cause::Lanes))
        }
        _ => is_bad_end(&entry.event),
    }
}

/// Whether a lane ended badly while others go on.
pub(super) fn is_bad_end(event: &Event) -> bool {
    matches!(event, Event::LaneEnded { state: TicketState::Failed | TicketState::Lost, .. })
}
