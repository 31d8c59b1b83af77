//! Statements that began and ended without a word of the server: many of them are told as one line.

use super::words;
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::entry::{Entry, Event},
};

/// Results in a row from which they are told as one line.
const FOLD: usize = 12;
/// Pieces of a list of statements that are named; the others are only counted.
const SPANS: usize = 6;

/// The entries from `at` on that are such, as far as they follow each other.
pub(super) fn run(entries: &[Entry], at: usize) -> &[Entry] {
    let rest = entries.get(at..).unwrap_or_default();
    rest.get(..rest.iter().take_while(|entry| is_quiet(entry)).count()).unwrap_or_default()
}

fn is_quiet(entry: &Entry) -> bool {
    match &entry.event {
        Event::StatementStarted { .. } => true,
        Event::StatementDone { warnings, .. } => warnings.is_empty(),
        _ => false,
    }
}

/// Whether they are told as one line.
pub(super) fn is_long(run: &[Entry]) -> bool {
    run.iter().filter(|entry| is_done(entry)).count() >= FOLD
}

pub(super) fn is_done(entry: &Entry) -> bool {
    matches!(entry.event, Event::StatementDone { .. })
}

/// Whether the task of the entry at `at` has more to say in what follows: then it is told by that.
pub(super) fn goes_on(entries: &[Entry], at: usize) -> bool {
    let task = entries.get(at).and_then(|entry| entry.task);
    entries.get(at + 1..).unwrap_or_default().iter().any(|entry| entry.task == task)
}

/// All results of a run.
pub(super) fn folded(run: &[Entry], lang: Lang) -> String {
    let (mut done, mut of, mut rows, mut ms) = (Vec::new(), 0, 0_u64, 0_u64);
    for entry in run {
        if let Event::StatementDone { index, total, affected_rows, elapsed_ms, .. } = &entry.event {
            done.push(*index);
            of = *total;
            rows = rows.saturating_add(*affected_rows);
            ms = ms.saturating_add(*elapsed_ms);
        }
    }
    let (rows, ms, count) = (words::rows(rows), words::duration(ms), done.len());
    let (rows, ms) = (rows.in_lang(lang), ms.in_lang(lang));
    let spans = spans(done);
    let named = listed(&spans, lang);
    let said = match spans.len() {
        0..=1 => said!(
            "✅ Statements {named} of {of}: {rows}, {ms}",
            "✅ 第 {named} 条（共 {of} 条）：{rows}，{ms}"
        ),
        2..=SPANS => said!(
            "✅ Statements {named} of {of}: {rows}, {ms} together",
            "✅ 第 {named} 条（共 {of} 条）：{rows}，合计 {ms}"
        ),
        _ => said!(
            "✅ {count} statements of {of} ({named}): {rows}, {ms} together",
            "✅ {count} 条语句（第 {named} 条，共 {of} 条）：{rows}，合计 {ms}"
        ),
    };
    said.in_lang(lang).to_owned()
}

/// Those that began and have not ended, at least two.
pub(super) fn running(began: &[&Entry], lang: Lang) -> String {
    let statement = |entry: &&Entry| match &entry.event {
        Event::StatementStarted { index, total, .. } => Some((*index, *total)),
        _ => None,
    };
    let began: Vec<_> = began.iter().filter_map(statement).collect();
    let (count, of) = (began.len(), began.first().map_or(0, |(_, total)| *total));
    let spans = spans(began.into_iter().map(|(index, _)| index).collect());
    let named = listed(&spans, lang);
    let said = if spans.len() <= SPANS {
        said!("⏳ Statements {named} of {of} are running …", "⏳ 正在执行第 {named} 条（共 {of} 条）……")
    } else {
        said!(
            "⏳ {count} statements of {of} are running ({named}) …",
            "⏳ 正在执行 {count} 条语句（第 {named} 条，共 {of} 条）……"
        )
    };
    said.in_lang(lang).to_owned()
}

/// What follows each other, as first and last.
fn spans(mut indices: Vec<u32>) -> Vec<(u32, u32)> {
    indices.sort_unstable();
    indices.dedup();
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for index in indices {
        match spans.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(index) => *last = index,
            _ => spans.push((index, index)),
        }
    }
    spans
}

/// The first of them, as people count: `1–12, 14`.
fn listed(spans: &[(u32, u32)], lang: Lang) -> String {
    let number = |index: u32| u64::from(index) + 1;
    let one = |(first, last): &(u32, u32)| match (number(*first), number(*last)) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}–{last}"),
    };
    let mut named: Vec<String> = spans.iter().take(SPANS).map(one).collect();
    if spans.len() > SPANS {
        named.push("…".to_owned());
    }
    named.join(Said::fixed(", ", "、").in_lang(lang))
}
