//! What a ticket brings back of the binary log.

use super::{
    escape::code,
    undo::{Left, joined},
    words,
};
use dbdesk_commands::{
    clock::Time,
    lang::{Lang, Said, said},
};

/// Of [`dbdesk_commands::wire::entry::Event::RestoresRows`].
pub(super) struct Told<'a> {
    pub(super) table: &'a str,
    pub(super) times: (Time, Time),
    pub(super) transactions: u64,
    pub(super) rows: u64,
}

impl Told<'_> {
    pub(super) fn said(&self, left: &Left<'_>, lang: Lang) -> Said {
        let table = code(self.table, 140);
        let Said { en, zh } = words::rows(self.rows);
        let (from, until) = (words::time(self.times.0), words::time(self.times.1));
        let n = self.transactions;
        let Said { en: by_en, zh: by_zh } = match n {
            1 => Said::fixed("1 transaction", "1 个事务"),
            _ => said!("{n} transactions", "{n} 个事务"),
        };
        let head = said!(
            "↩️ It brings back what {by_en} did to {table} from {from} to {until}, by the binary log: {en}.",
            "↩️ 按 binlog 恢复 {from} 到 {until} 之间 {by_zh}对 {table} 的修改：{zh}。"
        );
        let mut lines = vec![head];
        lines.extend(left.lines(lang));
        joined(&lines)
    }
}
