//! Certain fixes: bytes to replace, and what the text is afterwards.

use crate::{judged::Judged, span::Span};
use dbdesk_commands::wire::review;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Other bytes for one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edit {
    /// What is taken away, in the whole text; empty for a mere insertion.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl Edit {
    /// `text` in place of what stands at `span`.
    #[must_use]
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// `text` before the byte `at`.
    #[must_use]
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(Span::new(at, at), text)
    }

    /// Nothing in place of what stands at `span`.
    #[must_use]
    pub fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }

    /// For the wire.
    #[must_use]
    pub fn on_wire(&self) -> review::Edit {
        review::Edit { start: self.span.start, end: self.span.end, text: self.text.clone() }
    }
}

/// A text with what was mended in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The text afterwards.
    pub sql: String,
    /// The places of the fixes that were applied, among those given.
    pub applied: Vec<usize>,
    /// The lines that went (`- `) and came (`+ `).
    pub diff: String,
}

/// The text with all that can be mended at once: of fixes that touch one place only the first is applied, and each is
/// applied whole or not at all. Fixes that are not of this text are left out.
#[must_use]
pub fn mend<'a>(sql: &str, fixes: impl IntoIterator<Item = &'a [Edit]>) -> String {
    mended(sql, fixes).sql
}

/// The same, with what was done.
#[must_use]
pub fn mended<'a>(sql: &str, fixes: impl IntoIterator<Item = &'a [Edit]>) -> Mended {
    let mut fixes: Vec<(usize, &[Edit])> = fixes.into_iter().enumerate().collect();
    fixes.retain(|(_, fix)| !fix.is_empty());
    fixes.sort_by_key(|(_, fix)| fix.iter().map(|edit| edit.span).min());
    let (mut taken, mut applied): (BTreeMap<usize, &Edit>, Vec<usize>) = (BTreeMap::new(), Vec::new());
    for (place, fix) in fixes {
        let whole = fix.iter().all(|edit| sql.get(edit.span.start..edit.span.end).is_some());
        let apart = fix.iter().enumerate().all(|(at, edit)| {
            !clashes_with_any(&taken, edit) && !fix.iter().skip(at + 1).any(|other| clash(edit, other))
        });
        if whole && apart {
            taken.extend(fix.iter().map(|edit| (edit.span.start, edit)));
            applied.push(place);
        }
    }
    applied.sort_unstable();
    let edits: Vec<&Edit> = taken.into_values().collect();
    Mended { sql: with_edits(sql, Span::new(0, sql.len()), &edits), applied, diff: diff(sql, &edits) }
}

fn clash(edit: &Edit, other: &Edit) -> bool {
    edit.span.start < other.span.end && other.span.start < edit.span.end
        || edit.span.start == other.span.start
}

/// Those taken lie apart, so that only the neighbours can be in the way.
fn clashes_with_any(taken: &BTreeMap<usize, &Edit>, edit: &Edit) -> bool {
    let before = taken.range(..=edit.span.start).next_back();
    let after = taken.range(edit.span.start..).next();
    before.into_iter().chain(after).any(|(_, other)| clash(edit, other))
}

/// The part of the text at `span` after the edits that lie in it.
fn with_edits(sql: &str, span: Span, edits: &[&Edit]) -> String {
    let (mut out, mut at) = (String::with_capacity(span.end - span.start), span.start);
    for edit in edits {
        out.push_str(Span::new(at, edit.span.start).of(sql));
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(Span::new(at, span.end).of(sql));
    out
}

/// Each group of edits whose lines touch, as the lines before and after.
fn diff(sql: &str, edits: &[&Edit]) -> String {
    let line_of = |span: Span| {
        let start = sql.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let end =
            sql.get(span.end..).and_then(|after| after.find('\n')).map_or(sql.len(), |at| span.end + at);
        Span::new(start, end)
    };
    let mut groups: Vec<(Span, Vec<&Edit>)> = Vec::new();
    for edit in edits {
        let lines = line_of(edit.span);
        match groups.last_mut() {
            Some((all, group)) if lines.start <= all.end => {
                *all = all.to(lines);
                group.push(edit);
            }
            _ => groups.push((lines, vec![edit])),
        }
    }
    let mut out = String::new();
    for (lines, group) in groups {
        let (before, after) = (lines.of(sql), with_edits(sql, lines, &group));
        for (sign, side) in [('-', before), ('+', after.as_str())] {
            for line in side.lines().filter(|line| !line.trim().is_empty()) {
                out.extend([sign, ' ']);
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
    }
    out
}

/// After fixes of these rules' findings (one name for each fix), the rule that they do not silence, or that blocks more
/// than before.
#[must_use]
pub fn in_the_way(before: &Judged, after: &Judged, mended: &[&str]) -> Option<String> {
    let count = |judged: &Judged| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for found in judged.findings() {
            *counts.entry(found.rule.clone().into_owned()).or_default() += 1;
        }
        counts
    };
    let (was, is) = (count(before), count(after));
    let allowed = |rule: &str| {
        let gone = mended.iter().filter(|name| **name == rule).count();
        was.get(rule).copied().unwrap_or(0).saturating_sub(gone)
    };
    let blocks = after.findings().filter(|found| found.level.blocks()).map(|found| &*found.rule);
    let mut looked = blocks.chain(mended.iter().copied());
    looked.find(|rule| is.get(*rule).copied().unwrap_or(0) > allowed(rule)).map(str::to_owned)
}

/// A review's certain fixes, each with its rule.
pub fn fixes(judged: &Judged) -> impl Iterator<Item = (&str, &[Edit])> {
    let with_edits = judged.findings().filter(|found| !found.edits.is_empty());
    with_edits.map(|found| (&*found.rule, &*found.edits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_apply_whole_and_apart() {
        let sql = "a = NULL OR 订单 = 1";
        let at = |text: &str| {
            let start = sql.find(text).expect("it is there");
            Span::new(start, start + text.len())
        };
        let is_null = [Edit::replace(at("="), "IS")];
        let quoted = [Edit::insert(at("订单").start, "`"), Edit::insert(at("订单").end, "`")];
        let late = [Edit::replace(at("= NULL"), "<=> NULL"), Edit::delete(at("a"))];
        let elsewhere = [Edit::delete(Span::new(13, 14))];
        assert_eq!(mend(sql, [&quoted[..], &is_null, &elsewhere]), "a IS NULL OR `订单` = 1");
        assert_eq!(mend(sql, [&late[..], &is_null]), " <=> NULL OR 订单 = 1");
        assert_eq!(mend(sql, []), sql);
    }
    #[test]
    fn a_diff_shows_the_lines_that_change() {
        let sql = "ALTER TABLE t\n  ADD INDEX a (x),\n  ADD INDEX b (y);\nDELETE FROM t WHERE z = NULL;\n";
        let at = |text: &str| {
            let start = sql.find(text).expect("it is there");
            Span::new(start, start + text.len())
        };
        let fixes = [
            [Edit::replace(at("b"), "idx_y")],
            [Edit::replace(at("= NULL"), "IS NULL")],
            [Edit::delete(at("b (y)"))],
        ];
        let mended = mended(sql, fixes.iter().map(|fix| &fix[..]));
        assert_eq!(mended.applied, [0, 1]);
        assert_eq!(
            mended.diff,
            "-   ADD INDEX b (y);\n+   ADD INDEX idx_y (y);\n- DELETE FROM t WHERE z = NULL;\n+ DELETE FROM t WHERE z IS NULL;\n"
        );
    }
}
