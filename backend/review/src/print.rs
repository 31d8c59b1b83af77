//! A review as a compiler would print it: the place, the line with a marker under it, then what, why, fix.

use crate::judged::Judged;
use dbdesk_commands::{
    lang::{Lang, Said},
    wire::review::Level,
};
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The most columns of a source line that are shown.
const MAX_WIDTH: usize = 160;

/// The review of one file.
#[must_use]
pub fn print(file: &str, sql: &str, judged: &Judged, lang: Lang) -> String {
    let mut out = String::new();
    let lines = Lines::of(sql);
    for found in judged.findings() {
        let (line, column, text) = lines.at(sql, found.span.start);
        let level = level(found.level).in_lang(lang).to_owned();
        let labels = labels(lang);
        let number = line.to_string();
        let margin = " ".repeat(number.width());
        let (shown, marker) = marked(text, sql, found.span.start, found.span.end);
        let message = found.message.in_lang(lang);
        let (why, fix) = (found.why.in_lang(lang), found.fix.in_lang(lang));
        // Writing to a String does not fail.
        let _ = write!(
            out,
            "{level}[{rule}]{sep}{message}\n{margin}--> {file}:{line}:{column}\n{margin} |\n{number} | {shown}\n{margin} | {marker}\n{margin} = {}{sep}{why}\n{margin} = {}{sep}{fix}\n\n",
            labels.why,
            labels.fix,
            rule = found.rule,
            sep = labels.colon,
        );
    }
    out.push_str(&summary(judged, lang));
    out
}

struct Labels {
    why: &'static str,
    fix: &'static str,
    colon: &'static str,
}

fn labels(lang: Lang) -> Labels {
    match lang {
        Lang::En => Labels { why: "why", fix: "fix", colon: ": " },
        Lang::Zh => Labels { why: "原因", fix: "建议", colon: "：" },
    }
}

/// A level as people read it.
#[must_use]
pub fn level(level: Level) -> Said {
    match level {
        Level::Error => Said::fixed("error", "错误"),
        Level::NeedsDba => Said::fixed("needs DBA", "需要 DBA"),
        Level::Warning => Said::fixed("warning", "警告"),
        Level::Notice => Said::fixed("notice", "提示"),
    }
}

fn summary(judged: &Judged, lang: Lang) -> String {
    let statements = judged.statements.len();
    let counts: Vec<(Level, usize)> = [Level::Error, Level::NeedsDba, Level::Warning, Level::Notice]
        .into_iter()
        .map(|level| (level, judged.findings().filter(|found| found.level == level).count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    match lang {
        Lang::En if counts.is_empty() => {
            format!("{statements} {}, no findings.\n", plural(statements, "statement"))
        }
        Lang::Zh if counts.is_empty() => format!("共 {statements} 条语句，没有问题。\n"),
        Lang::En => {
            let counts: Vec<String> = counts
                .into_iter()
                .map(|(found, count)| match found {
                    Level::NeedsDba => format!("{count} for a DBA"),
                    found => format!("{count} {}", plural(count, &level(found).en)),
                })
                .collect();
            format!("{statements} {}: {}.\n", plural(statements, "statement"), counts.join(", "))
        }
        Lang::Zh => {
            let counts: Vec<String> =
                counts.into_iter().map(|(found, count)| format!("{} {count} 个", level(found).zh)).collect();
            format!("共 {statements} 条语句：{}。\n", counts.join("，"))
        }
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(sql: &str) -> Self {
        Self(std::iter::once(0).chain(sql.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// Line and column of a byte, both from 1 and in characters, and the line's start and text.
    fn at<'a>(&self, sql: &'a str, byte: usize) -> (usize, usize, (usize, &'a str)) {
        let line = self.0.partition_point(|&start| start <= byte).max(1);
        let start = self.0.get(line - 1).copied().unwrap_or(0);
        let text = sql.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let column = sql.get(start..byte).map_or(1, |before| before.chars().count() + 1);
        (line, column, (start, text.trim_end_matches('\r')))
    }
}

/// A line as it can be shown, and the marker under the part from `from` to `to`. Wide characters take two columns.
fn marked((start, text): (usize, &str), sql: &str, from: usize, to: usize) -> (String, String) {
    let before = sql.get(start..from).unwrap_or_default();
    // A long line is cut from the left, so that the place is seen.
    let skip = before.width().saturating_sub(MAX_WIDTH / 2);
    let (mut shown, mut marker) = (String::new(), String::new());
    let (mut skipped, mut width, mut at) = (0, 0, start);
    if skip > 0 {
        shown.push('…');
        marker.push(' ');
    }
    for letter in text.chars() {
        let (plain, columns) = match letter {
            '\t' => (' ', 1),
            letter => (letter, letter.width().unwrap_or(0)),
        };
        let printable = columns > 0 || !letter.is_control();
        if skipped < skip {
            skipped += columns;
        } else if width < MAX_WIDTH {
            shown.push(if printable { plain } else { '\u{fffd}' });
            let columns = if printable { columns } else { 1 };
            let sign = if at >= from && at < to { "^" } else { " " };
            marker.push_str(&sign.repeat(columns));
            width += columns;
        }
        at += letter.len_utf8();
    }
    if width >= MAX_WIDTH {
        shown.push('…');
    }
    let mut marker = marker.trim_end().to_owned();
    if !marker.contains('^') {
        marker = format!("{}^", " ".repeat(before.width().min(MAX_WIDTH)));
    }
    (shown, marker)
}
