//! The one message of a thread that shows how far running work is.

use super::{
    card,
    escape::code,
    lanes,
    message::{Embed, Message},
    scripts, words,
};
use dbdesk_commands::{
    id::TaskId,
    lang::{Lang, Said, said},
    wire::{
        live::{LiveTicket, Online, OnlineWaits, Progress},
        ticket::TicketState,
    },
};

/// Cells of the bar.
const CELLS: usize = 20;
/// Characters of a stage or an account.
const STAGE: usize = 80;
/// Behind the task's number in the small print.
const LIVE: &str = " · live";

/// The mark in the small print, by which the message is found again.
#[must_use]
pub fn footer(task: TaskId) -> String {
    format!("{task}{LIVE}")
}

/// Whether small print is that of such a message, of whatever task.
#[must_use]
pub fn is_live(footer: &str) -> bool {
    footer.starts_with("K-") && footer.ends_with(LIVE)
}

/// The message.
#[must_use]
pub fn message(ticket: &LiveTicket) -> Message {
    let mut text = text(&ticket.progress, ticket.lang);
    if !ticket.shares.is_empty() {
        text = format!("{text}\n\n{}", lanes::shares(&ticket.shares, ticket.lang));
    }
    let embed = Embed {
        text,
        colour: card::colour(TicketState::Running),
        footer: footer(ticket.task),
        ..Embed::default()
    };
    Message { embeds: vec![embed], ..Message::default() }
}

/// Discord takes a nonce once within minutes: two bots that overlap post one message. Once it was deleted, since the work held, the thread
/// has told more, and it is another.
#[must_use]
pub fn nonce(ticket: &LiveTicket) -> String {
    format!("l{}.{}.{}", ticket.task.0, ticket.progress.index, ticket.card.told_entry)
}

fn text(progress: &Progress, lang: Lang) -> String {
    let (number, total, time) = (progress.index + 1, progress.total, words::duration(progress.elapsed_ms));
    let time = time.in_lang(lang);
    if let Some(script) = &progress.script {
        return scripts::course(script, progress, lang);
    }
    let head = said!(
        "⏳ **Statement {number} of {total}** · {time}",
        "⏳ **第 {number} 条（共 {total} 条）** · {time}"
    );
    let mut text = vec![head.in_lang(lang).to_owned()];
    if let Some(permille) = progress.permille {
        text.push(bar(permille));
    }
    if let Some(online) = &progress.online {
        text.extend(self::online(online, progress.rows, lang));
    } else if progress.waits_for_lock() {
        text.push(lock(progress).in_lang(lang).to_owned());
    } else {
        let stage = Some(code(&progress.stage, STAGE)).filter(|_| !progress.stage.is_empty());
        let rows = progress.rows.map(|rows| words::rows(rows).in_lang(lang).to_owned());
        text.extend([stage, rows].into_iter().flatten().reduce(|stage, rows| format!("{stage} · {rows}")));
    }
    text.join("\n")
}

/// How an online change of a table goes: what it does, how fast, how long, and what it costs.
fn online(online: &Online, rows: Option<u64>, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let what = match &online.waits {
        None if online.chunk.is_some() => {
            let chunk = words::number(u64::from(online.chunk.unwrap_or_default()));
            said!("🧩 Chunk {chunk}", "🧩 第 {chunk} 批")
        }
        None if rows.is_none() => Said::fixed("🔧 The copy is being made.", "🔧 正在准备拷贝表。"),
        None => Said::fixed("📋 Copying rows", "📋 正在拷贝数据"),
        Some(OnlineWaits::Pause) => Said::fixed("⏸️ Paused", "⏸️ 已暂停"),
        Some(OnlineWaits::Replica { instance }) => {
            let instance = code(instance, STAGE);
            said!("🐢 It waits for the replica {instance}", "🐢 正在等待从库 {instance}")
        }
        Some(OnlineWaits::Load) => Said::fixed("🐢 It waits: the primary is busy", "🐢 主库繁忙，正在等待"),
        Some(OnlineWaits::QuietWindow) => {
            Said::fixed("🌙 All is copied; it waits for the quiet window", "🌙 已全部拷贝，等待低峰期切换")
        }
        Some(OnlineWaits::CutOver) => {
            Said::fixed("✋ All is copied; it waits for **Cut over**", "✋ 已全部拷贝，等待 DBA 点 **切换**")
        }
    };
    let rows = rows.map(|rows| words::rows(rows).in_lang(lang).to_owned());
    let rate = online.rows_per_s.map(|rate| {
        let rate = words::number(rate);
        said!("{rate} a second", "每秒 {rate} 行").in_lang(lang).to_owned()
    });
    let left = online.left_ms.map(|left| {
        let left = words::duration(left);
        let (en, zh) = (left.en, left.zh);
        said!("{en} left", "剩余 {zh}").in_lang(lang).to_owned()
    });
    lines.push(
        [Some(what.in_lang(lang).to_owned()), rows, rate, left]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
    );
    lines.extend(cost(online, lang));
    lines
}

/// What it costs the servers, and how much it may.
fn cost(online: &Online, lang: Lang) -> Option<String> {
    let behind = online.lag_ms.map(|lag_ms| {
        let Said { en, zh } = words::duration(lag_ms);
        match online.limits.map(|limits| words::duration(limits.max_lag_ms)) {
            Some(Said { en: most, zh: most_zh }) => {
                said!("replicas {en} behind (at most {most})", "从库延迟 {zh}（上限 {most_zh}）")
            }
            None => said!("replicas {en} behind", "从库延迟 {zh}"),
        }
    });
    let load = online.threads_running.map(|threads| match online.limits {
        Some(limits) => {
            let most = limits.max_load;
            said!("{threads} threads run (at most {most})", "活跃线程 {threads}（上限 {most}）")
        }
        None => said!("{threads} threads run", "活跃线程 {threads}"),
    });
    let cost = [behind, load].into_iter().flatten().map(|said| said.in_lang(lang).to_owned());
    cost.reduce(|behind, load| format!("{behind} · {load}"))
}

pub(super) fn bar(permille: u16) -> String {
    let permille = permille.min(1_000);
    let full = usize::from(permille) * CELLS / 1_000;
    let (percent, tenth) = (permille / 10, permille % 10);
    format!("`{}{}` {percent}.{tenth} %", "█".repeat(full), "░".repeat(CELLS - full))
}

fn lock(progress: &Progress) -> Said {
    let stage = code(&progress.stage, STAGE);
    let Some(blocker) = &progress.blocker else {
        return said!(
            "🔒 It waits for a lock that another connection holds. The server says {stage}.",
            "🔒 正在等待其他连接持有的锁。服务器状态：{stage}。"
        );
    };
    let (connection, account) = (blocker.connection, code(&blocker.account, STAGE));
    said!(
        "🔒 It waits for a lock that connection {connection} ({account}) holds. The server says {stage}.",
        "🔒 正在等待连接 {connection}（{account}）持有的锁。服务器状态：{stage}。"
    )
}
