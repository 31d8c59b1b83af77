//! Certain fixes: bytes to replace, and what the text is afterwards.

use crate::span::Span;
use dbdesk_commands::wire::review;
use serde::{Deserialize, Serialize};

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

/// The text with all that can be mended at once: of fixes that touch one place only the first is applied, and each is
/// applied whole or not at all. Fixes that are not of this text are left out.
#[must_use]
pub fn mend<'a>(sql: &str, fixes: impl IntoIterator<Item = &'a [Edit]>) -> String {
    let mut taken: Vec<&Edit> = Vec::new();
    let clashes = |edit: &Edit, other: &Edit| {
        edit.span.start < other.span.end && other.span.start < edit.span.end
            || edit.span.start == other.span.start
    };
    let mut fixes: Vec<&[Edit]> = fixes.into_iter().collect();
    fixes.sort_by_key(|fix| fix.iter().map(|edit| edit.span).min());
    for fix in fixes {
        let whole = fix.iter().all(|edit| sql.get(edit.span.start..edit.span.end).is_some());
        let alone = |edit: &Edit, others: &[&Edit]| !others.iter().any(|other| clashes(edit, other));
        let apart = fix.iter().enumerate().all(|(at, edit)| {
            alone(edit, &taken) && !fix.iter().skip(at + 1).any(|other| clashes(edit, other))
        });
        if whole && apart {
            taken.extend(fix);
        }
    }
    taken.sort();
    let (mut mended, mut at) = (String::with_capacity(sql.len()), 0);
    for edit in taken {
        mended.push_str(Span::new(at, edit.span.start).of(sql));
        mended.push_str(&edit.text);
        at = edit.span.end;
    }
    mended.push_str(Span::new(at, sql.len()).of(sql));
    mended
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
}
