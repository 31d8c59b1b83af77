//! One task, and its log.

use super::{
    escape::{block, code},
    limits,
    message::{Embed, Message},
    sentence, task_lines, words,
};
use dbdesk_commands::{
    id::TaskId,
    lang::{Lang, Said, said},
    wire::queue::{LogLine, TaskLine, TaskLog},
};
use std::fmt::Write as _;

/// Lines that are shown; more are a file.
const LINES: usize = 20;
/// Characters of them.
const LINES_TEXT: usize = 1_500;
/// Characters of what happened; the first ones give way.
const ENTRIES_TEXT: usize = 2_000;
/// Bytes of a file; Discord takes 10 MiB.
const FILE_BYTES: usize = 8 << 20;
const COLOUR: u32 = 0x0034_98db;

/// The task.
#[must_use]
pub fn page(line: &TaskLine, lang: Lang) -> Message {
    let TaskLine { task, service_group, .. } = line;
    let mut fields = Vec::new();
    let mut field = |name: Said, value: String| fields.push((name.in_lang(lang).to_owned(), value, true));
    let state = format!("{} {}", task_lines::sign(task), task_lines::state(task, lang));
    field(Said::fixed("State", "状态"), state);
    field(Said::fixed("Ticket", "工单"), task.ticket.to_string());
    if !service_group.is_empty() {
        field(Said::fixed("Service group", "服务组"), code(service_group, 80));
    }
    let (done, total) = task.counted();
    field(Said::fixed("Statements", "语句"), format!("{done}/{total}"));
    if let Some(lane) = &task.lane {
        let beside = said!(
            "other tasks of {ticket}; the first is {first}",
            "{ticket} 的其他任务；第一个是 {first}",
            ticket = task.ticket,
            first = lane.of
        );
        field(Said::fixed("Runs beside", "并行于"), beside.in_lang(lang).to_owned());
    }
    field(Said::fixed("Priority", "优先级"), task.priority.said().in_lang(lang).to_owned());
    if task.attempt > 1 {
        field(Said::fixed("Try", "第几次"), task.attempt.to_string());
    }
    field(Said::fixed("Due", "到期时间"), words::time(task.due_at));
    if let (Some(host), Some(pid)) = (&task.host, task.pid) {
        field(
            Said::fixed("Process", "进程"),
            said!("{pid} on {host}", "{host} 上的 {pid}", host = code(host, 80)).in_lang(lang).to_owned(),
        );
    }
    if let Some(at) = task.started_at {
        field(Said::fixed("Started", "开始时间"), words::time(at));
    }
    if let Some(at) = task.ended_at {
        field(Said::fixed("Ended", "结束时间"), words::time(at));
    }
    let text = said!(
        "`/ticket show ticket:{ticket}` shows its SQL, `/task log task:{task}` what happened.",
        "用 `/ticket show ticket:{ticket}` 查看 SQL，用 `/task log task:{task}` 查看经过。",
        ticket = task.ticket,
        task = task.id
    );
    let waits = task.waits.as_ref().map(|waits| format!("{}\n", task_lines::waiting(waits, lang)));
    let text = format!("{}{}", waits.unwrap_or_default(), text.in_lang(lang));
    let embed = Embed { title: task.id.to_string(), text, colour: COLOUR, fields, ..Embed::default() };
    Message { embeds: vec![embed], ..Message::default() }
}

/// What happened, then what the process said; as a file where that is long.
#[must_use]
pub fn log(log: &TaskLog, lang: Lang) -> Message {
    let mut told: Vec<String> = log.entries.iter().map(|entry| sentence::line(entry, lang).0).collect();
    told.retain(|line| !line.is_empty());
    if told.is_empty() && log.lines.is_empty() {
        let none = said!("Nothing has happened with {t} yet.", "{t} 还没有任何进展。", t = log.task);
        return Message::text(none.in_lang(lang));
    }
    let mut text = newest(&told);
    let lines: Vec<&str> = log.lines.iter().map(|line| line.text.as_str()).collect();
    let (shown, cut) = block(
        "",
        &lines.join(
            "
",
        ),
        LINES_TEXT,
    );
    let as_file = cut || is_long(&log.lines);
    if log.more {
        let cut = Said::fixed("There is more than is shown here.", "这里没有显示全部内容。");
        let _ = write!(text, "\n-# {}", cut.in_lang(lang));
    }
    if !log.lines.is_empty() && !as_file {
        let _ = write!(text, "\n{shown}");
    }
    let title = said!("Log of {t}", "{t} 的日志", t = log.task).in_lang(lang).to_owned();
    let embed = Embed { title, text, colour: COLOUR, ..Embed::default() };
    let message = Message { embeds: vec![embed], ..Message::default() };
    if as_file { message.with_file(file_name(log.task), file(&log.lines)) } else { message }
}

/// The newest of what happened, as much as there is room for.
fn newest(told: &[String]) -> String {
    let mut room = ENTRIES_TEXT;
    let fits = told.iter().rev().take_while(|line| {
        let length = limits::length(line) + 1;
        let fits = length <= room;
        room = room.saturating_sub(length);
        fits
    });
    let count = fits.count();
    let shown = told.get(told.len() - count..).unwrap_or_default().join("\n");
    if count < told.len() { format!("…\n{shown}") } else { shown }
}

/// Whether these are more lines than a message holds.
#[must_use]
pub fn is_long(lines: &[LogLine]) -> bool {
    let text: usize = lines.iter().map(|line| limits::length(&line.text) + 1).sum();
    lines.len() > LINES || text > LINES_TEXT
}

/// `K-7.log`
#[must_use]
pub fn file_name(task: TaskId) -> String {
    format!("{task}.log")
}

/// The lines as a text file, as far as Discord takes it.
#[must_use]
pub fn file(lines: &[LogLine]) -> String {
    let mut text = String::new();
    for line in lines {
        if text.len() > FILE_BYTES {
            text.push_str("…\n");
            break;
        }
        let _ = writeln!(text, "{} {}", line.at.format("%Y-%m-%d %H:%M:%S%.3f"), line.text);
    }
    text
}
