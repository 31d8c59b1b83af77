//! Tasks, logs and the queue as lines of text.

use dbdesk_commands::{
    clock::Time,
    lang::{Lang, Said, said},
    wire::{
        cut_over::CutOver,
        queue::{QueueView, TaskLine, TaskLog, TaskPage},
        task::{TaskView, TaskWish},
        ticket::TicketView,
    },
};
use std::fmt::Write as _;

fn time(at: Time) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn word(en: &'static str, zh: &'static str, lang: Lang) -> &'static str {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// A terminal must not obey what a file, a person or a server wrote.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
}

fn state(task: &TaskView, lang: Lang) -> String {
    let state = task.state.said().in_lang(lang).to_owned();
    let extra = match task.wish {
        _ if task.silent => word("does not answer", "无响应", lang),
        Some(TaskWish::Pause) => word("on hold", "已挂起", lang),
        Some(TaskWish::Stop | TaskWish::Cancel) => word("asked to end", "已要求取消", lang),
        None if task.cut_over == Some(CutOver::Hold) => word("cut-over held", "暂缓切换", lang),
        None => return state,
    };
    format!("{state} ({extra})")
}

fn line(line: &TaskLine, lang: Lang) -> String {
    let TaskLine { task, service_group, .. } = line;
    let at = task.ended_at.or(task.started_at).unwrap_or(task.due_at);
    let (done, total) = task.counted();
    format!(
        "{}\t{}\t{}\t{}\t{}/{}\t{}\t{}\n",
        task.id,
        state(task, lang),
        task.ticket,
        service_group,
        done,
        total,
        plain(task.host.as_deref().unwrap_or("-")),
        time(at),
    )
}

fn lines(all: &[TaskLine], lang: Lang) -> String {
    all.iter().map(|task| line(task, lang)).collect()
}

/// A page of tasks.
pub(super) fn list(page: &TaskPage, lang: Lang) -> String {
    let mut text = lines(&page.tasks, lang);
    if page.tasks.is_empty() {
        text.push_str(word("No such task.\n", "没有这样的任务。\n", lang));
    }
    if let Some(before) = page.next_before {
        let more = said!("… more: --before {before}", "……更多：--before {before}");
        let _ = writeln!(text, "{}", more.in_lang(lang));
    }
    text
}

/// One task.
pub(super) fn task(task: &TaskView, lang: Lang) -> String {
    let mut text = format!("{}  {}\n", task.id, state(task, lang));
    let mut field = |name: &str, value: String| {
        let _ = writeln!(text, "  {name}: {value}");
    };
    field(word("ticket", "工单", lang), task.ticket.to_string());
    let (done, total) = task.counted();
    field(word("statements", "语句", lang), format!("{done}/{total}"));
    if let Some(lane) = &task.lane {
        field(word("lane of", "所属并行任务", lang), lane.of.to_string());
    }
    field(word("priority", "优先级", lang), task.priority.said().in_lang(lang).to_owned());
    field(word("try", "第几次", lang), task.attempt.to_string());
    field(word("due", "到期时间", lang), time(task.due_at));
    if let Some(waits) = &task.waits {
        field(word("waits", "等待原因", lang), plain(waits.said().in_lang(lang)));
    }
    if let (Some(host), Some(pid)) = (&task.host, task.pid) {
        field(word("process", "进程", lang), format!("{pid} @ {}", plain(host)));
    }
    if let Some(at) = task.started_at {
        field(word("started", "开始时间", lang), time(at));
    }
    if let Some(at) = task.ended_at {
        field(word("ended", "结束时间", lang), time(at));
    }
    text
}

/// What happened, then what the process said.
pub(super) fn log(log: &TaskLog, lang: Lang) -> String {
    let mut text = String::new();
    for entry in &log.entries {
        let event = serde_json::to_string(&entry.event).unwrap_or_default();
        let _ = writeln!(text, "{}  {}", time(entry.at), plain(&event));
    }
    for line in &log.lines {
        let _ = writeln!(text, "{}  {}", time(line.at), plain(&line.text));
    }
    if text.is_empty() {
        text.push_str(word("Nothing has happened yet.\n", "还没有任何进展。\n", lang));
    }
    if log.more {
        text.push_str(word("… there is more.\n", "……还有更多。\n", lang));
    }
    text
}

/// The queue.
pub(super) fn queue(view: &QueueView, lang: Lang) -> String {
    let counts = view.counts;
    let said = said!(
        "{running} running, {paused} paused, {silent} not answering, {ready} due, {waiting} waiting, {held} on hold",
        "执行中 {running}，已暂停 {paused}，无响应 {silent}，已到期 {ready}，等待时间 {waiting}，已挂起 {held}",
        running = counts.running,
        paused = counts.paused,
        silent = counts.silent,
        ready = counts.ready,
        waiting = counts.waiting,
        held = counts.held
    );
    let mut text = format!("{}\n", said.in_lang(lang));
    for machine in &view.machines {
        let said = said!(
            "{host}: {running} of {most} places taken, {controls} controls, {draining} draining",
            "{host}：已用 {running}/{most}，control {controls} 个，其中 {draining} 个不再接任务",
            host = plain(&machine.host),
            running = machine.running,
            most = machine.tasks_at_once,
            controls = machine.controls,
            draining = machine.draining
        );
        let _ = writeln!(text, "{}", said.in_lang(lang));
    }
    for (title, part) in [
        (Said::fixed("Running", "执行中"), &view.running),
        (Said::fixed("Due", "已到期"), &view.ready),
        (Said::fixed("Waiting", "等待时间"), &view.waiting),
    ] {
        if !part.is_empty() {
            let _ = write!(text, "\n{}\n{}", title.in_lang(lang), lines(part, lang));
        }
    }
    text
}

/// Where a ticket stands after it was steered.
pub(super) fn ticket(ticket: &TicketView, lang: Lang) -> String {
    let task = ticket.task.as_ref().map(|task| format!("  {}  {}", task.id, state(task, lang)));
    format!("{}  {}{}\n", ticket.id, ticket.state.said().in_lang(lang), task.unwrap_or_default())
}
