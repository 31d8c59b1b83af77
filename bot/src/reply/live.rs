//! The one message of a thread that shows how far running work is.

use super::{
    card,
    escape::code,
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    id::TaskId,
    lang::{Lang, Said, said},
    wire::{
        live::{LiveTicket, Progress},
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
    let embed = Embed {
        text: text(&ticket.progress, ticket.lang),
        colour: card::colour(TicketState::Running),
        footer: footer(ticket.task),
        ..Embed::default()
    };
    // Discord takes a nonce once within minutes: two bots that overlap post one message.
    let nonce = Some(format!("l{}.{}", ticket.task.0, ticket.progress.index));
    Message { embeds: vec![embed], nonce, ..Message::default() }
}

fn text(progress: &Progress, lang: Lang) -> String {
    let (number, total, time) = (progress.index + 1, progress.total, words::duration(progress.elapsed_ms));
    let time = time.in_lang(lang);
    let head = said!(
        "⏳ **Statement {number} of {total}** · {time}",
        "⏳ **第 {number} 条（共 {total} 条）** · {time}"
    );
    let mut text = vec![head.in_lang(lang).to_owned()];
    if let Some(permille) = progress.permille {
        text.push(bar(permille));
    }
    if progress.waits_for_lock() {
        text.push(lock(progress).in_lang(lang).to_owned());
    } else {
        let stage = Some(code(&progress.stage, STAGE)).filter(|_| !progress.stage.is_empty());
        let rows = progress.rows.map(|rows| words::rows(rows).in_lang(lang).to_owned());
        text.extend([stage, rows].into_iter().flatten().reduce(|stage, rows| format!("{stage} · {rows}")));
    }
    text.join("\n")
}

fn bar(permille: u16) -> String {
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
