//! What is told of a statement that is made in chunks.

use super::{escape::plain, words};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::entry::Ran,
};

/// That it begins, or goes on.
pub(super) fn begins((index, total): (u32, u32), rows: u64, table_rows: Option<u64>, lang: Lang) -> Said {
    let n = index.saturating_add(1);
    if rows > 0 {
        let rows = words::rows(rows).in_lang(lang).to_owned();
        return said!(
            "🧩 Statement {n} of {total} goes on behind the chunks that are committed ({rows}).",
            "🧩 第 {n} 条语句（共 {total} 条）从已提交的各批（{rows}）之后继续。"
        );
    }
    let (en, zh) = table_rows.map(words::rows).map_or_else(Default::default, |Said { en, zh }| {
        (format!(" (the table has about {en})"), format!("（表中约 {zh}）"))
    });
    said!(
        "🧩 Statement {n} of {total} touches more rows than are kept at once: it runs in chunks of the primary key{en}. Each is kept and \
         committed by itself; **Pause** and **Cancel** take effect between two of them.",
        "🧩 第 {n} 条语句（共 {total} 条）影响的行超过一次备份的上限：将按主键分批执行{zh}。每批单独备份并提交；**暂停** 和 **取消** 在两批之间生效。"
    )
}

/// That it stopped between two of them.
pub(super) fn stopped(
    (index, total): (u32, u32),
    (chunks, rows): (u32, u64),
    why: &Said,
    lang: Lang,
) -> Said {
    let n = index.saturating_add(1);
    let (en, zh) = (plain(&why.en, 700), plain(&why.zh, 700));
    if chunks == 0 {
        return Said {
            en: format!("↩️ Statement {n} of {total} changed nothing: {en}.").into(),
            zh: format!("↩️ 第 {n} 条语句（共 {total} 条）没有做任何修改：{zh}。").into(),
        };
    }
    let rows = words::rows(rows).in_lang(lang).to_owned();
    said!(
        "🧩 Statement {n} of {total} stopped after {chunks} chunks ({rows}), which are committed: {en}. **Try again** goes on behind them, \
         **Undo** takes them back.",
        "🧩 第 {n} 条语句（共 {total} 条）在提交 {chunks} 批（{rows}）后停止：{zh}。**重试** 从下一批继续，**撤销变更** 可撤销这些批次。"
    )
}

/// What became of the chunk that was under way when the process vanished.
pub(super) fn found(index: u32, ran: Ran) -> Said {
    let n = index.saturating_add(1);
    match ran {
        Ran::No => said!(
            "🔎 The chunk of statement {n} that was under way did not run; those before it are committed. A DBA can press **Try again**: it \
             goes on at this chunk.",
            "🔎 第 {n} 条语句正在执行的那一批没有执行，之前各批都已提交。DBA 可以点 **重试**，从这一批继续。"
        ),
        Ran::Yes => said!(
            "🔎 The chunk of statement {n} that was under way ran, like those before it. A DBA can press **Try again** or **It ran: go on**: \
             both go on behind it.",
            "🔎 第 {n} 条语句正在执行的那一批已经执行，之前各批也都已提交。DBA 点 **重试** 或 **已执行，继续**，都会从下一批继续。"
        ),
        Ran::Unknown => said!(
            "🔎 Whether the chunk of statement {n} that was under way ran can not be told by what was kept: a DBA must look at the data. Those \
             before it are committed.",
            "🔎 根据保留的内容无法判断第 {n} 条语句正在执行的那一批是否执行过，请 DBA 核对数据。之前各批都已提交。"
        ),
    }
}
