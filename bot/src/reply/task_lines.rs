//! Tasks as lines, and a page of them.

use super::{
    escape::{code, plain},
    message::{Button, Embed, Message},
    ticket_lines::is_id,
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        cut_over::CutOver,
        queue::{TaskLine, TaskPage, Which},
        task::{Priority, TaskState, TaskView, TaskWish},
        waits::Waits,
    },
};
use serenity::model::application::ButtonStyle;

/// Lines on one page: what a phone shows without much scrolling.
pub const PAGE: usize = 12;

/// The page, with a button for the next where there is one.
#[must_use]
pub fn page(page: &TaskPage, which: Which, group: &str, lang: Lang) -> Message {
    if page.tasks.is_empty() {
        return Message::text(none(which).in_lang(lang));
    }
    let lines: Vec<String> = page.tasks.iter().take(PAGE).map(|task| line(task, lang)).collect();
    // A button's id holds a hundred characters.
    let place = Some(group).filter(|group| !group.is_empty() && group.len() <= 64);
    let place = place.map(|group| format!(":{group}")).unwrap_or_default();
    let buttons = page.next_before.map(|before| Button {
        custom_id: format!("tasks:{}:{}{place}", which.word(), before.0),
        label: Said::fixed("Older", "更早的").in_lang(lang).to_owned(),
        style: ButtonStyle::Secondary,
    });
    let embed = Embed {
        title: title(which).in_lang(lang).to_owned(),
        text: lines.join("\n"),
        colour: 0x0034_98db,
        ..Embed::default()
    };
    Message { embeds: vec![embed], buttons: buttons.into_iter().collect(), ..Message::default() }
}

fn title(which: Which) -> Said {
    match which {
        Which::Open => Said::fixed("Open tasks", "未结束的任务"),
        Which::Running => Said::fixed("Running tasks", "执行中的任务"),
        Which::Silent => Said::fixed("Tasks that do not answer", "无响应的任务"),
        Which::Ended => Said::fixed("Ended tasks", "已结束的任务"),
        Which::All => Said::fixed("All tasks", "全部任务"),
    }
}

fn none(which: Which) -> Said {
    match which {
        Which::Open => Said::fixed("Nothing waits and nothing runs.", "没有等待或执行中的任务。"),
        Which::Running => Said::fixed("Nothing runs.", "没有执行中的任务。"),
        Which::Silent => Said::fixed("Every task that runs answers.", "执行中的任务都有响应。"),
        Which::Ended => Said::fixed("No task has ended.", "没有已结束的任务。"),
        Which::All => Said::fixed("There are no tasks.", "没有任务。"),
    }
}

/// One task in a line or two.
#[must_use]
pub fn line(line: &TaskLine, lang: Lang) -> String {
    let TaskLine { task, service_group, thread_id } = line;
    let thread =
        thread_id.as_deref().filter(|id| is_id(id)).map(|id| format!(" <#{id}>")).unwrap_or_default();
    let beside = if task.lane.is_some() { " 🔀" } else { "" };
    format!(
        "{} **{}** {} · {}{thread} · {}{beside} · {}",
        sign(task),
        task.id,
        state(task, lang),
        task.ticket,
        code(service_group, 40),
        about(task, lang),
    )
}

/// A task's sign.
#[must_use]
pub fn sign(task: &TaskView) -> &'static str {
    match task.state {
        _ if task.silent => "🔇",
        TaskState::Waiting | TaskState::Ready if task.wish == Some(TaskWish::Pause) => "✋",
        state => state_sign(state),
    }
}

/// A state's sign.
#[must_use]
pub fn state_sign(state: TaskState) -> &'static str {
    match state {
        TaskState::Waiting => "🗓️",
        TaskState::Ready => "🚦",
        TaskState::Running => "▶️",
        TaskState::Paused => "⏸️",
        TaskState::Succeeded => "✅",
        TaskState::Failed => "❌",
        TaskState::Cancelled => "⏹️",
        TaskState::Lost => "❓",
    }
}

/// Its state with what a person asked for and whether it answers.
#[must_use]
pub fn state(task: &TaskView, lang: Lang) -> String {
    let held = !matches!(task.state, TaskState::Running | TaskState::Paused);
    let extra = match task.wish {
        _ if task.silent => Some(Said::fixed("does not answer", "无响应")),
        Some(TaskWish::Pause) if held => Some(Said::fixed("on hold", "已挂起")),
        Some(TaskWish::Pause) if task.state == TaskState::Running => {
            Some(Said::fixed("asked to hold", "已要求暂停"))
        }
        Some(TaskWish::Stop | TaskWish::Cancel) => Some(Said::fixed("asked to end", "已要求取消")),
        None if task.cut_over == Some(CutOver::Hold) => Some(Said::fixed("cut-over held", "暂缓切换")),
        _ => None,
    };
    let state = task.state.said().in_lang(lang).to_owned();
    match extra {
        Some(Said { en, zh }) => said!("{state}, {en}", "{state}，{zh}").in_lang(lang).to_owned(),
        None => state,
    }
}

/// What it waits for, as a sentence.
#[must_use]
pub fn waiting(waits: &Waits, lang: Lang) -> String {
    let Said { en, zh } = waits.said();
    let said = said!("It waits {en}.", "{zh}。");
    plain(said.in_lang(lang), 300)
}

fn about(task: &TaskView, lang: Lang) -> String {
    let host = task.host.as_deref().map(|host| plain(host, 40)).unwrap_or_default();
    let (done, total) = task.counted();
    match task.state {
        TaskState::Waiting | TaskState::Ready => {
            let priority = match task.priority {
                Priority::Normal => String::new(),
                other => format!(" · {}", other.said().in_lang(lang)),
            };
            let waits = task.waits.as_ref().map(|waits| format!("\n　{}", waiting(waits, lang)));
            format!("{}{priority}{}", words::distance(task.due_at), waits.unwrap_or_default())
        }
        TaskState::Running | TaskState::Paused => {
            let since = task.started_at.map(words::distance).unwrap_or_default();
            format!("{done}/{total} · {host} · {since}")
        }
        _ => {
            let end = task.ended_at.map(words::distance).unwrap_or_default();
            said!("{done}/{total} · {end}", "{done}/{total} · {end}").in_lang(lang).to_owned()
        }
    }
}
