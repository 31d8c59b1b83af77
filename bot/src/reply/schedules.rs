//! Schedules as they are told and listed.

use super::{
    card,
    escape::{code, plain},
    findings,
    message::{Button, Embed, Message},
    reviewed::{self, Told},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::schedule::{ScheduleAdded, SchedulePage, ScheduleState, ScheduleView},
};
use serenity::model::application::ButtonStyle;
use std::fmt::Write as _;

/// Lines on one page.
pub const PAGE: usize = 12;
/// Findings that are shown of the next run.
const SHOWN: usize = 3;
const COLOUR: u32 = 0x0034_98db;

/// A schedule was made: when it runs next, with which SQL, and what the review says of it.
#[must_use]
pub fn added(added: &ScheduleAdded, lang: Lang) -> Message {
    let (id, name) = (added.schedule.id, code(&added.schedule.name, 70));
    let Said { en, zh } = next(&added.schedule);
    let said = said!(
        "🔁 **{id}** {name} is made. {en} Each run files a ticket that is reviewed like any other; this is the SQL of the next:",
        "🔁 **{id}** {name} 已创建。{zh}每次执行都会提交一个工单，照常审核。下一次执行的 SQL："
    );
    let content =
        [said.in_lang(lang).to_owned(), card::excerpt(&added.sql).0, findings::summary(&added.review, lang)];
    let told = Told { review: &added.review, sql: &added.sql, lang, has_button: false };
    let embeds = reviewed::embeds(told, SHOWN);
    let message = Message { embeds, ..Message::text(content.join("\n")) };
    if card::is_cut(&added.sql) { message.with_file("next-run.sql", added.sql.as_bytes()) } else { message }
}

/// It rests.
#[must_use]
pub fn paused(schedule: &ScheduleView, lang: Lang) -> Message {
    let (id, name) = (schedule.id, code(&schedule.name, 70));
    let said = said!(
        "⏸️ **{id}** {name} is paused. `/schedule resume` lets it go on.",
        "⏸️ **{id}** {name} 已暂停。可以用 `/schedule resume` 恢复。"
    );
    Message::text(said.in_lang(lang))
}

/// It goes on.
#[must_use]
pub fn resumed(schedule: &ScheduleView, lang: Lang) -> Message {
    let (id, name, next) = (schedule.id, code(&schedule.name, 70), next(schedule));
    let (en, zh) = (&next.en, &next.zh);
    Message::text(said!("▶️ **{id}** {name} goes on. {en}", "▶️ **{id}** {name} 已恢复。{zh}").in_lang(lang))
}

/// It is gone.
#[must_use]
pub fn removed(schedule: &ScheduleView, lang: Lang) -> Message {
    let (id, name) = (schedule.id, code(&schedule.name, 70));
    let said = said!(
        "🗑️ **{id}** {name} is removed. The tickets that it filed stay.",
        "🗑️ **{id}** {name} 已删除。它提交过的工单不受影响。"
    );
    Message::text(said.in_lang(lang))
}

/// A page of them, with a button for the next where there is one.
#[must_use]
pub fn page(page: &SchedulePage, which: &str, lang: Lang) -> Message {
    if page.schedules.is_empty() {
        let none = if which == "all" {
            Said::fixed("There are no recurring tickets.", "没有周期工单。")
        } else {
            Said::fixed(
                "You have no recurring tickets. `/schedule add` makes one.",
                "你还没有周期工单。用 `/schedule add` 创建。",
            )
        };
        return Message::text(none.in_lang(lang));
    }
    let shown: Vec<&ScheduleView> = page.schedules.iter().take(PAGE).collect();
    let cut_here = page.schedules.len() > PAGE;
    let next = if cut_here { shown.last().map(|schedule| schedule.id) } else { page.next_before };
    let buttons = next.map(|before| Button {
        custom_id: format!("schedules:{which}:{}", before.0),
        label: Said::fixed("Older", "更早的").in_lang(lang).to_owned(),
        style: ButtonStyle::Secondary,
    });
    let title = match which {
        "all" => Said::fixed("All recurring tickets", "全部周期工单"),
        _ => Said::fixed("Your recurring tickets", "你的周期工单"),
    };
    let lines: Vec<String> = shown.into_iter().map(|schedule| line(schedule, lang)).collect();
    let embed = Embed {
        title: title.in_lang(lang).to_owned(),
        text: lines.join("\n"),
        colour: COLOUR,
        ..Embed::default()
    };
    Message { embeds: vec![embed], buttons: buttons.into_iter().collect(), ..Message::default() }
}

fn line(schedule: &ScheduleView, lang: Lang) -> String {
    let sign = if schedule.state == ScheduleState::Active { "🔁" } else { "⏸️" };
    let mut line = format!(
        "{sign} **{}** {} · {} · {} {} · {}",
        schedule.id,
        code(&schedule.name, 70),
        code(&format!("{}/{}", schedule.service_group, schedule.database), 60),
        code(&schedule.cron, 40),
        plain(&schedule.time_zone, 40),
        words::person(&schedule.owner)
    );
    let (next, last) = (next(schedule), schedule.last_ticket.map(|ticket| format!(" · {ticket}")));
    let _ = write!(line, "\n　{}{}", next.in_lang(lang), last.unwrap_or_default());
    if let Some(problem) = &schedule.last_problem {
        let _ = write!(line, "\n　⚠️ {}", plain(problem, 160));
    }
    line
}

fn next(schedule: &ScheduleView) -> Said {
    match (schedule.next_at, schedule.state) {
        (Some(at), _) => {
            let (at, far) = (words::time(at), words::distance(at));
            said!("It runs next {at} ({far}).", "下一次：{at}（{far}）。")
        }
        (None, ScheduleState::Paused) => Said::fixed("It is paused.", "已暂停。"),
        (None, ScheduleState::Active) => Said::fixed("It runs no more.", "不会再执行。"),
    }
}
