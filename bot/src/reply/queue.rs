//! What waits, what runs, and where.

use super::{
    escape::code,
    message::{Embed, Message},
    task_lines, words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::queue::{MachineView, QueueCounts, QueueView, TaskLine},
};

/// Lines of each kind.
const SHOWN: usize = 10;
/// A machine whose controls were not seen for so long may be gone.
const SEEN_LATELY_MS: u64 = 15_000;

/// The queue.
#[must_use]
pub fn message(view: &QueueView, lang: Lang) -> Message {
    let head = Embed {
        title: Said::fixed("Queue", "队列").in_lang(lang).to_owned(),
        text: format!("{}\n{}", counts(&view.counts).in_lang(lang), machines(&view.machines, lang)),
        colour: 0x0034_98db,
        ..Embed::default()
    };
    let mut embeds = vec![head];
    let parts = [
        (Said::fixed("Running", "执行中"), &view.running, 0x0058_65f2),
        (Said::fixed("Due, in the order of starting", "已到期（按开始顺序）"), &view.ready, 0x00f1_c40f),
        (Said::fixed("Waiting for their time", "等待时间"), &view.waiting, 0x001a_bc9c),
    ];
    for (title, lines, colour) in parts {
        if !lines.is_empty() {
            let title = title.in_lang(lang).to_owned();
            embeds.push(Embed { title, text: listed(lines, lang), colour, ..Embed::default() });
        }
    }
    Message { embeds, ..Message::default() }
}

fn counts(counts: &QueueCounts) -> Said {
    let QueueCounts { waiting, held, ready, running, paused, silent } = counts;
    let mut said = said!(
        "**{running}** running, **{paused}** paused, **{ready}** due, **{waiting}** waiting for their time, **{held}** on hold.",
        "执行中 **{running}**，已暂停 **{paused}**，已到期 **{ready}**，等待时间 **{waiting}**，已挂起 **{held}**。"
    );
    if *silent > 0 {
        let more = said!("\n🔇 **{silent}** do not answer.", "\n🔇 无响应 **{silent}**。");
        said = Said {
            en: format!("{}{}", said.en, more.en).into(),
            zh: format!("{}{}", said.zh, more.zh).into(),
        };
    }
    said
}

fn machines(machines: &[MachineView], lang: Lang) -> String {
    if machines.is_empty() {
        let none = Said::fixed(
            "⚠️ No machine takes tasks: no `dbdesk control` was seen within a minute. A DBA starts one.",
            "⚠️ 没有机器在接任务：一分钟内没有看到任何 `dbdesk control`。请 DBA 启动一个。",
        );
        return none.in_lang(lang).to_owned();
    }
    let lines: Vec<String> = machines.iter().take(SHOWN).map(|machine| machine_line(machine, lang)).collect();
    lines.join("\n")
}

fn machine_line(machine: &MachineView, lang: Lang) -> String {
    let (host, running, most) = (code(&machine.host, 60), machine.running, machine.tasks_at_once);
    let said = match machine.seen_ms {
        None => said!(
            "⚠️ {host}: {running} tasks run, and no control works there",
            "⚠️ {host}：有 {running} 个任务在执行，但没有 control 在工作"
        ),
        Some(ms) if ms > SEEN_LATELY_MS => {
            let Said { en, zh } = words::duration(ms);
            said!(
                "⚠️ {host}: {running} of {most} places taken; its control was last seen {en} ago",
                "⚠️ {host}：已用 {running}/{most}；它的 control 最后一次出现是 {zh}前"
            )
        }
        Some(_) if machine.draining == machine.controls => said!(
            "🚪 {host}: {running} tasks run; it takes nothing more",
            "🚪 {host}：有 {running} 个任务在执行，不再接新任务"
        ),
        Some(_) => said!("🖥️ {host}: {running} of {most} places taken", "🖥️ {host}：已用 {running}/{most}"),
    };
    said.in_lang(lang).to_owned()
}

fn listed(lines: &[TaskLine], lang: Lang) -> String {
    let mut shown: Vec<String> = lines.iter().take(SHOWN).map(|line| task_lines::line(line, lang)).collect();
    if lines.len() > SHOWN {
        let more = Said::fixed("-# More: `/task list`", "-# 更多：`/task list`");
        shown.push(more.in_lang(lang).to_owned());
    }
    shown.join("\n")
}
