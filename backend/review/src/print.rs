//! A review as a compiler would print it: the place, the line with a marker under it, then what, why, fix.

use crate::{judged::Judged, span::Span};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::review::{Level, Way},
};
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The most ways to run that are told.
const MAX_WAYS: usize = 15;
/// The most columns of a source line that are shown.
const MAX_WIDTH: usize = 160;

/// The review of one file.
#[must_use]
pub fn print(file: &str, sql: &str, judged: &Judged, lang: Lang) -> String {
    let mut out = String::new();
    let mut lines = Lines::of(sql);
    for found in judged.findings() {
        let Place { line, column, span } = lines.at(sql, found.span.start);
        let level = level(found.level).in_lang(lang).to_owned();
        let labels = labels(lang);
        let number = line.to_string();
        let margin = " ".repeat(number.width());
        let (shown, marker) = marked(sql, span, found.span);
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
    out.push_str(&tables(judged, lang));
    out.push_str(&summary(judged, lang));
    out.push_str(&ways(judged, lang));
    out
}

/// Each table before and after.
fn tables(judged: &Judged, lang: Lang) -> String {
    let mut out = String::new();
    for table in judged.statements.iter().flat_map(|statement| &statement.tables) {
        let name = &table.table;
        let head = said!("`{name}`: before and after", "`{name}`：变更前后对比");
        let cut = Said::fixed("(cut here)\n", "（后面省略）\n");
        let end = if table.is_cut { cut.in_lang(lang) } else { "" };
        let _ = writeln!(out, "{}\n{}{end}", head.in_lang(lang), table.diff);
    }
    out
}

/// How the statements should run that do not simply run, the heaviest first.
fn ways(judged: &Judged, lang: Lang) -> String {
    let mut all: Vec<_> = judged
        .statements
        .iter()
        .filter_map(|statement| Some((statement.index + 1, statement.way.as_ref()?)))
        .filter(|(_, judged)| judged.way != Way::Direct)
        .collect();
    all.sort_by_key(|(number, judged)| (std::cmp::Reverse(judged.way.weight()), *number));
    let more = all.len().saturating_sub(MAX_WAYS);
    let as_written = all.first().and_then(|(_, judged)| judged.way.as_written());
    let mut out = String::new();
    for (number, judged) in all.into_iter().take(MAX_WAYS) {
        let (way, reason) = (judged.way.said(), judged.reason.in_lang(lang));
        let _ = match (lang, judged.way.is_advice()) {
            (Lang::En, false) => writeln!(out, "statement {number} runs {}: {reason}", way.en),
            (Lang::En, true) => writeln!(out, "advised for statement {number}, {}: {reason}", way.en),
            (Lang::Zh, false) => writeln!(out, "第 {number} 条语句{}：{reason}", way.zh),
            (Lang::Zh, true) => writeln!(out, "第 {number} 条语句建议{}：{reason}", way.zh),
        };
    }
    if more > 0 {
        let said = said!("… and {more} more.\n", "……还有 {more} 条。\n");
        out.push_str(said.in_lang(lang));
    }
    if let Some(said) = as_written {
        let _ = writeln!(out, "{}", said.in_lang(lang));
    }
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

/// Where each line begins, and the place that was asked last: findings come in order, so that columns are counted once
/// even when the whole script is one line.
struct Lines {
    starts: Vec<usize>,
    last: (usize, usize, usize),
}

/// A place as people count, from 1 and in characters, and the bytes of its line.
struct Place {
    line: usize,
    column: usize,
    span: Span,
}

impl Lines {
    fn of(sql: &str) -> Self {
        let starts = std::iter::once(0).chain(sql.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts, last: (0, 0, 1) }
    }

    fn at(&mut self, sql: &str, byte: usize) -> Place {
        let line = self.starts.partition_point(|&start| start <= byte).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let end = self.starts.get(line).map_or(sql.len(), |next| next - 1);
        let (from, column) = match self.last {
            (last_start, last_byte, column) if last_start == start && last_byte <= byte => {
                (last_byte, column)
            }
            _ => (start, 1),
        };
        let column = column + sql.get(from..byte).map_or(0, |before| before.chars().count());
        self.last = (start, byte, column);
        Place { line, column, span: Span::new(start, end) }
    }
}

/// What is shown of a line, and the marker under the part that `at` names. Wide characters take two columns. Of a long
/// line only what stands around the place is looked at.
fn marked(sql: &str, line: Span, at: Span) -> (String, String) {
    let begin = line.start.max(sql.floor_char_boundary(at.start.saturating_sub(MAX_WIDTH / 2)));
    let (mut shown, mut marker) = (String::new(), String::new());
    if begin > line.start {
        shown.push('…');
        marker.push(' ');
    }
    let (mut width, mut byte) = (0, begin);
    let text = sql.get(begin..line.end).unwrap_or_default();
    let mut letters = text.trim_end_matches('\r').chars();
    for letter in letters.by_ref() {
        let plain = match letter {
            '\t' => ' ',
            letter if letter.is_control() => '\u{fffd}',
            letter => letter,
        };
        let columns = plain.width().unwrap_or(0);
        shown.push(plain);
        let sign = if (at.start..at.end).contains(&byte) { "^" } else { " " };
        marker.push_str(&sign.repeat(columns));
        width += columns;
        byte += letter.len_utf8();
        if width >= MAX_WIDTH {
            break;
        }
    }
    if letters.next().is_some() {
        shown.push('…');
    }
    let mut marker = marker.trim_end().to_owned();
    if !marker.contains('^') {
        // A place without a width, such as the end of the line.
        let before = sql.get(begin..at.start).unwrap_or_default().width() + usize::from(begin > line.start);
        marker = format!("{}^", " ".repeat(before.min(MAX_WIDTH)));
    }
    (shown, marker)
}
