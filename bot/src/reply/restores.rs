//! What the binary log has of a table's rows, to the one who asked.

use super::{
    escape::{code, plain},
    message::{Button, Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        restore::{RestoreTransaction, RestoreView, RestoreWhat},
        ticket::TicketView,
    },
};
use serenity::model::application::ButtonStyle;
use std::fmt::Write as _;

const COLOUR: u32 = 0x0034_98db;
/// Characters of a statement that are shown.
const STATEMENT: usize = 160;

/// What was found, with a button for what can be filed from it.
#[must_use]
pub fn found(found: &RestoreView, lang: Lang) -> Message {
    let table = code(&format!("{}.{}", found.database, found.table), 140);
    let (from, until) = (words::time(found.from), words::time(found.until));
    let Said { en, zh } = counts(found.deleted, found.changed, found.inserted);
    let head = said!(
        "🔎 The binary log of **{group}** has changes of {table} from {from} to {until}. All in all: {en}. Nothing is filed yet.",
        "🔎 **{group}** 的 binlog 里，{from} 到 {until} 之间 {table} 有修改。合计：{zh}。还没有提交工单。",
        group = plain(&found.service_group, 60)
    );
    let mut lines: Vec<String> = found.transactions.iter().map(|one| line(one, lang)).collect();
    if found.more > 0 {
        let more = found.more;
        lines.push(
            said!("… and {more} more transactions.", "……另有 {more} 个事务。").in_lang(lang).to_owned(),
        );
    }
    if found.transactions.iter().all(|one| one.account.is_none()) {
        lines.push(nobody().in_lang(lang).to_owned());
    }
    let title = Said::fixed("Transactions, the oldest first", "事务，按时间先后");
    let embed = Embed {
        title: title.in_lang(lang).to_owned(),
        text: lines.join("\n"),
        colour: COLOUR,
        ..Embed::default()
    };
    let what = Said::fixed(
        "Rows that were changed again since are left as they are. A DBA approves the ticket before anything is changed.",
        "之后又被修改过的行会保持现状。DBA 批准工单之前，不会作任何修改。",
    );
    let content = format!("{}\n{}", head.in_lang(lang), what.in_lang(lang));
    Message { embeds: vec![embed], buttons: buttons(found, lang), ..Message::text(content) }
}

/// The servers' logs hold no names of accounts.
fn nobody() -> Said {
    Said::fixed(
        "Who it was, the log does not say: only connections that are still there can be told by name.",
        "binlog 不记录是谁执行的：只有仍在线的连接才能查到账号。",
    )
}

fn buttons(found: &RestoreView, lang: Lang) -> Vec<Button> {
    let id = found.id.0;
    let of = |what: RestoreWhat, label: Said| Button {
        custom_id: format!("restore:{}:{id}", what.word()),
        label: label.in_lang(lang).to_owned(),
        style: ButtonStyle::Primary,
    };
    let deleted = Said::fixed("Restore deleted rows", "恢复被删除的行");
    let all = Said::fixed("Take all of it back", "撤销全部修改");
    let mut buttons = Vec::new();
    if found.deleted > 0 {
        buttons.push(of(RestoreWhat::Deleted, deleted));
    }
    if found.changed + found.inserted > 0 {
        buttons.push(Button { style: ButtonStyle::Secondary, ..of(RestoreWhat::All, all) });
    }
    buttons
}

fn line(one: &RestoreTransaction, lang: Lang) -> String {
    let count = counts(one.deleted, one.changed, one.inserted);
    let mut line = format!("{} · {}", words::time(one.at), count.in_lang(lang));
    if let Some(connection) = one.connection {
        let said = said!("connection {connection}", "连接 {connection}");
        line.push_str(" · ");
        line.push_str(said.in_lang(lang));
    }
    for part in [&one.account, &one.gtid].into_iter().flatten() {
        line.push_str(" · ");
        line.push_str(&code(part, 90));
    }
    if !one.rows.is_empty() {
        let rows: Vec<String> = one.rows.iter().map(|row| plain(row, 70)).collect();
        let all = one.deleted + one.changed + one.inserted;
        let more = if all > one.rows.len() as u64 { " …" } else { "" };
        let _ = write!(line, "\n　{}{more}", rows.join("; "));
    }
    if let Some(statement) = &one.statement {
        let _ = write!(line, "\n　{}", code(statement, STATEMENT));
    }
    line
}

/// `2 rows deleted, 1 row changed`
fn counts(deleted: u64, changed: u64, inserted: u64) -> Said {
    let mut parts = Vec::new();
    for (count, en, zh) in
        [(deleted, "deleted", "删除"), (changed, "changed", "修改"), (inserted, "inserted", "新增")]
    {
        if count > 0 {
            let rows = words::rows(count);
            parts.push((format!("{} {en}", rows.en), format!("{zh} {}", rows.zh)));
        }
    }
    let en: Vec<&str> = parts.iter().map(|(en, _)| en.as_str()).collect();
    let zh: Vec<&str> = parts.iter().map(|(_, zh)| zh.as_str()).collect();
    Said { en: en.join(", ").into(), zh: zh.join("，").into() }
}

/// It is filed.
#[must_use]
pub fn filed(ticket: &TicketView, lang: Lang) -> Message {
    let id = ticket.id;
    let said = said!(
        "↩️ **{id}** is filed: it brings the rows back. Nothing is changed until a second person has approved it.",
        "↩️ 已提交 **{id}**，用来恢复这些行。另一位有权限的人批准之前，不会作任何修改。"
    );
    Message::text(said.in_lang(lang))
}
