//! What becomes of the ticket's tables: each one's definition before and after, as a diff.

use super::{
    escape::block,
    message::{Boxes, Embed, Message},
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::review::{StatementReview, TableDiff, TableFate},
};
use std::fmt::Write as _;

/// The most tables that are shown; all of them are in the file.
pub const SHOWN: usize = 10;
/// Characters of one diff.
const DIFF: usize = 3_000;
const COLOUR: u32 = 0x0034_98db;

fn all(review: &[StatementReview]) -> impl Iterator<Item = &TableDiff> {
    review.iter().flat_map(|statement| &statement.tables)
}

fn heading(table: &TableDiff) -> Said {
    let (database, name) = (&table.database, &table.table);
    match (table.fate, &table.was) {
        (TableFate::Created, _) => {
            said!("🧱 {database}.{name}: would be a new table", "🧱 {database}.{name}：将新建此表")
        }
        (TableFate::Dropped, _) => {
            said!("🧱 {database}.{name}: the table would be dropped", "🧱 {database}.{name}：将删除此表")
        }
        (TableFate::Changed, Some(was)) => said!(
            "🧱 {database}.{was} would become {name}: before and after",
            "🧱 {database}.{was} 将改名为 {name}：变更前后对比"
        ),
        (TableFate::Changed, None) => {
            said!("🧱 {database}.{name}: before and after", "🧱 {database}.{name}：变更前后对比")
        }
    }
}

/// The tables as boxes, at most [`SHOWN`], each diff at most so many characters; and whether that is all of it.
#[must_use]
pub fn embeds(review: &[StatementReview], lang: Lang, diff: usize) -> (Vec<Embed>, bool) {
    let mut whole = all(review).count() <= SHOWN;
    let shown = all(review).take(SHOWN).map(|table| {
        let (text, cut) = block("diff", &table.diff, diff.min(DIFF));
        whole &= !cut && !table.is_cut;
        let title = heading(table).in_lang(lang).to_owned();
        Embed { title, text, colour: COLOUR, ..Embed::default() }
    });
    (shown.collect(), whole)
}

/// The tables as messages, at most [`SHOWN`].
#[must_use]
pub fn messages(review: &[StatementReview], lang: Lang) -> Vec<Message> {
    Boxes::new(embeds(review, lang, DIFF).0).packed()
}

/// Whether messages alone do not show all of it.
#[must_use]
pub fn needs_file(review: &[StatementReview]) -> bool {
    !embeds(review, Lang::En, DIFF).1
}

/// All tables as plain text, for a file.
#[must_use]
pub fn as_text(review: &[StatementReview], lang: Lang) -> String {
    let mut out = String::new();
    for table in all(review) {
        let cut = Said::fixed("\n(cut here)", "\n（后面省略）");
        let end = if table.is_cut { cut.in_lang(lang) } else { "" };
        let _ = writeln!(out, "{}\n{}{end}\n", heading(table).in_lang(lang), table.diff.trim_end());
    }
    out
}
