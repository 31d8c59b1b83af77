//! What a ticket that takes another one back brings, and what it leaves as it is.

use super::{
    escape::{code, plain},
    words,
};
use dbdesk_commands::{
    id::TicketId,
    lang::{Lang, Said, said},
    wire::entry::RowChanged,
};

/// Of [`dbdesk_commands::wire::entry::Event::TakesBack`].
pub(super) struct Told<'a> {
    pub(super) ticket: TicketId,
    pub(super) rows: u64,
    pub(super) back: u64,
    pub(super) rest: u64,
    pub(super) behind: u64,
    pub(super) changed: u64,
    pub(super) first: &'a [RowChanged],
    pub(super) structures: u32,
    pub(super) without: &'a [u32],
}

impl Told<'_> {
    pub(super) fn said(&self, lang: Lang) -> Said {
        let ticket = self.ticket;
        let n = self.structures;
        let mut what = Vec::new();
        if self.rows > 0 || n == 0 {
            what.push(words::rows(self.rows));
        }
        match n {
            0 => {}
            1 => what.push(Said::fixed("1 change of structure", "1 处结构变更")),
            _ => what.push(said!("{n} changes of structure", "{n} 处结构变更")),
        }
        let of = |part: fn(&Said) -> &str, and: &str| what.iter().map(part).collect::<Vec<_>>().join(and);
        let (en, zh) = (of(|said| &said.en, ", "), of(|said| &said.zh, "，"));
        let mut lines = vec![said!("↩️ It takes **{ticket}** back: {en}.", "↩️ 撤销 **{ticket}**：{zh}。")];
        lines.extend(Left { back: self.back, changed: self.changed, first: self.first }.lines(lang));
        if self.rest > 0 {
            let rows = words::rows(self.rest).in_lang(lang).to_owned();
            lines.push(said!(
                "　📦 {rows} more do not fit into one ticket: press **Undo** on **{ticket}** again when this one is done.",
                "　📦 一个工单放不下，还有 {rows}：本工单完成后，请在 **{ticket}** 上再点一次 **撤销变更**。"
            ));
        }
        if self.behind > 0 {
            let rows = words::rows(self.behind).in_lang(lang).to_owned();
            lines.push(said!(
                "　📦 {rows} can come back only after the structure of the table: press **Undo** on **{ticket}** again when this one is done.",
                "　📦 表结构撤销之后才能恢复 {rows}：本工单完成后，请在 **{ticket}** 上再点一次 **撤销变更**。"
            ));
        }
        if !self.without.is_empty() {
            let numbers: Vec<String> =
                self.without.iter().take(20).map(|index| (index + 1).to_string()).collect();
            let numbers = numbers.join(", ");
            lines.push(said!(
                "　⚠️ Nothing is kept of these statements of **{ticket}**, so they stay as they are: {numbers}.",
                "　⚠️ **{ticket}** 的以下语句没有保留数据，不会撤销：第 {numbers} 条。"
            ));
        }
        joined(&lines)
    }
}

/// One below the other.
pub(super) fn joined(lines: &[Said]) -> Said {
    let all = |of: fn(&Said) -> &str| lines.iter().map(of).collect::<Vec<_>>().join("\n");
    Said { en: all(|said| &said.en).into(), zh: all(|said| &said.zh).into() }
}

/// Rows that need nothing, or get nothing.
pub(super) struct Left<'a> {
    pub(super) back: u64,
    pub(super) changed: u64,
    pub(super) first: &'a [RowChanged],
}

impl Left<'_> {
    pub(super) fn lines(&self, lang: Lang) -> Vec<Said> {
        let rows = |count| words::rows(count).in_lang(lang).to_owned();
        let mut lines = Vec::new();
        if self.back > 0 {
            lines.push(said!(
                "　As before already: {n}.",
                "　已经是修改前的样子：{n}。",
                n = rows(self.back)
            ));
        }
        if self.changed > 0 {
            lines.push(said!(
                "　⚠️ Changed since by somebody else, and left as it is: {n}.",
                "　⚠️ 之后又被修改过，保持现状：{n}。",
                n = rows(self.changed)
            ));
            lines.extend(self.first.iter().map(one));
            let more = self.changed.saturating_sub(self.first.len() as u64);
            if more > 0 {
                lines.push(said!("　　… and {more} more.", "　　……另有 {more} 行。"));
            }
        }
        lines
    }
}

fn one(row: &RowChanged) -> Said {
    let (table, key) = (code(&row.table, 80), plain(&row.row, 100));
    if row.columns.is_empty() {
        return said!(
            "　　{table} {key}: it is gone, or there again.",
            "　　{table} {key}：该行已不在，或又出现了。"
        );
    }
    let columns: Vec<String> = row.columns.iter().take(5).map(|column| code(column, 64)).collect();
    let columns = columns.join(", ");
    said!("　　{table} {key}: {columns}", "　　{table} {key}：{columns}")
}
