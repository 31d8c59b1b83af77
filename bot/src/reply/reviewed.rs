//! Findings as a colleague would tell them: statement by statement, each at its place in the text, with what to write
//! instead.

use super::{
    escape::{block, code, prose},
    findings::{self, SHOWN},
    limits,
    message::{Boxes, Embed, Message},
    place::line_and_column,
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::review::{Finding, StatementReview},
};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// Text of one embed.
const EMBED_TEXT: usize = 3_600;
/// Columns of a line of SQL that are shown; a thread beside its channel, or a phone, shows about forty.
const FRAME_WIDTH: usize = 34;
/// Columns shown before the place, where the line is long.
const FRAME_BEFORE: usize = 14;

/// What is reviewed, and how it is told.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The review.
    pub review: &'a [StatementReview],
    /// Its text.
    pub sql: &'a str,
    /// The reader's language.
    pub lang: Lang,
    /// Whether a button applies the certain fixes.
    pub has_button: bool,
}

/// The most serious findings, at most `most`, in the order of the statements.
fn shown(review: &[StatementReview], most: usize) -> Vec<(&StatementReview, Vec<&Finding>)> {
    let mut worst: Vec<_> = findings::sorted(review).into_iter().take(most).collect();
    worst.sort_by_key(|(statement, finding)| (statement.index, finding.level, finding.start));
    let mut by_statement: Vec<(&StatementReview, Vec<&Finding>)> = Vec::new();
    for (statement, finding) in worst {
        match by_statement.last_mut() {
            Some((last, all)) if last.index == statement.index => all.push(finding),
            _ => by_statement.push((statement, vec![finding])),
        }
    }
    by_statement
}

/// The findings of each statement as boxes, at most `most` findings.
#[must_use]
pub fn embeds(told: Told<'_>, most: usize) -> Vec<Embed> {
    let all = shown(told.review, most).into_iter();
    all.flat_map(|(statement, findings)| of_statement(statement, &findings, told)).collect()
}

/// The findings as messages.
#[must_use]
pub fn messages(told: Told<'_>) -> Vec<Message> {
    Boxes::new(embeds(told, SHOWN)).packed()
}

/// The findings of one statement: one box, or several where they are long.
fn of_statement(statement: &StatementReview, all: &[&Finding], told: Told<'_>) -> Vec<Embed> {
    let mut embeds: Vec<Embed> = Vec::new();
    let mut last_frame = String::new();
    for finding in all {
        let frame = frame(told.sql, finding.start, finding.end);
        // Two findings at one place need not show it twice.
        let repeated = frame == last_frame;
        let text = one(finding, if repeated { "" } else { &frame }, told);
        match embeds.last_mut() {
            Some(embed) if limits::length(&embed.text) + limits::length(&text) <= EMBED_TEXT => {
                embed.text.push_str("\n\n");
                embed.text.push_str(&text);
            }
            _ => {
                let text = if repeated { one(finding, &frame, told) } else { text };
                let title = title(statement, told);
                embeds.push(Embed {
                    title,
                    text,
                    colour: words::level_colour(finding.level),
                    ..Embed::default()
                });
            }
        }
        last_frame = frame;
    }
    embeds
}

/// `Statement 2 · UPDATE · line 5`.
fn title(statement: &StatementReview, told: Told<'_>) -> String {
    let (line, _) = line_and_column(told.sql, statement.start);
    let (number, kind) = (statement.index + 1, words::kind(&statement.kind));
    let Said { en, zh } = kind;
    let said = said!("Statement {number} · {en} · line {line}", "第 {number} 条语句 · {zh} · 第 {line} 行");
    said.in_lang(told.lang).to_owned()
}

/// What is wrong, where, what it does, and how to mend it.
fn one(finding: &Finding, frame: &str, told: Told<'_>) -> String {
    let lang = told.lang;
    let (sign, level) = words::level(finding.level);
    let mut text = format!("{sign} **{}** · {}", level.in_lang(lang), prose(&finding.message, 700));
    if !frame.is_empty() {
        let _ = write!(text, "\n{}", block("", frame, 400).0);
    }
    if !finding.why.trim().is_empty() {
        let _ = write!(text, "\n{}", prose(&finding.why, 600));
    }
    if !finding.fix.trim().is_empty() {
        let head = Said::fixed("How to mend it", "怎么改");
        let (fix, gap) = if findings::is_sql(&finding.fix) {
            (block("sql", &finding.fix, 700).0, "\n")
        } else {
            (prose(&finding.fix, 700), if lang == Lang::En { " " } else { "" })
        };
        let colon = if lang == Lang::En { ":" } else { "：" };
        let _ = write!(text, "\n👉 **{}**{colon}{gap}{fix}", head.in_lang(lang));
    }
    let _ = write!(text, "\n-# {}", code(&finding.rule, 70));
    if told.has_button && !finding.edits.is_empty() {
        let said = Said::fixed(" · 🪄 **Apply fixes** writes it for you", " · 🪄 点 **应用修复** 可自动改好");
        text.push_str(said.in_lang(lang));
    }
    text
}

/// The line of a place, with a mark under it: `3 | UPDATE usres SET …`. Of a place over several lines the first is shown.
#[must_use]
pub fn frame(sql: &str, start: usize, end: usize) -> String {
    let (number, _) = line_and_column(sql, start);
    let before = sql.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = sql.get(line_start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    if line.trim().is_empty() {
        return String::new();
    }
    let (mut shown, mut marks) = (String::new(), String::new());
    let skip = skipped(line, start - line_start);
    if skip > 0 {
        shown.push('…');
        marks.push(' ');
    }
    let mut width = 0;
    for (at, letter) in line.char_indices().filter(|(at, _)| *at >= skip) {
        let columns = if letter == '\t' { 1 } else { letter.width().unwrap_or(1) };
        if width + columns > FRAME_WIDTH {
            shown.push('…');
            break;
        }
        shown.push(if letter == '\t' { ' ' } else { letter });
        let byte = line_start + at;
        marks.push_str(&(if (start..end).contains(&byte) { "^" } else { " " }).repeat(columns));
        width += columns;
    }
    let margin = " ".repeat(number.to_string().len());
    let marks = marks.trim_end();
    // A place without a width is the end of the line.
    let marks =
        if marks.is_empty() { format!("{}^", " ".repeat(width.min(FRAME_WIDTH))) } else { marks.to_owned() };
    format!("{number} | {shown}\n{margin} | {marks}")
}

/// How many bytes of a long line are left out before a place.
fn skipped(line: &str, at: usize) -> usize {
    let width = |text: &str| text.chars().map(|letter| letter.width().unwrap_or(1)).sum::<usize>();
    let before = line.get(..at).unwrap_or_default();
    if width(line) <= FRAME_WIDTH || width(before) <= FRAME_BEFORE {
        return 0;
    }
    let mut kept = 0;
    let from = before.char_indices().rev().find(|(_, letter)| {
        kept += letter.width().unwrap_or(1);
        kept > FRAME_BEFORE
    });
    from.map_or(0, |(at, letter)| at + letter.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn a_frame_marks_the_exact_place_in_its_line() {
        let sql = "SELECT 1;\nUPDATE `订单` SET 名 = 1 WHERE id = NULL;\n";
        let at = |text: &str| {
            let start = sql.find(text).expect("it is there");
            frame(sql, start, start + text.len())
        };
        assert_eq!(at("订单"), "2 | UPDATE `订单` SET 名 = 1 WHERE id …\n  |         ^^^^");
        assert_eq!(at("= NULL"), "2 | … = 1 WHERE id = NULL;\n  |                ^^^^^^");
        assert_eq!(at("1;\nUPDATE"), "1 | SELECT 1;\n  |        ^^");
        let long = format!("INSERT INTO t VALUES ({}usres{})", "1, ".repeat(60), ", 2".repeat(60));
        let start = long.find("usres").expect("it is there");
        let shown = frame(&long, start, start + 5);
        let (line, marks) = shown.split_once('\n').expect("two lines");
        assert!(line.chars().count() < 45 && line.starts_with("1 | …") && line.ends_with('…'), "{shown}");
        let column = |text: &str, find: &str| text.find(find).map(|at| text[..at].chars().count());
        assert_eq!(column(line, "usres"), column(marks, "^^^^^"), "{shown}");
    }
}
