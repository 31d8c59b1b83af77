//! A table's two definitions side by side, as a unified diff.

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};
use std::fmt::Write as _;

/// The longest diff that is kept, in bytes.
pub const MAX_BYTES: usize = 12 * 1024;
/// Lines shown around a change.
const CONTEXT: usize = 3;

/// The lines that differ with some around them, and whether the end was cut off. A comma at a line's end makes no line
/// another: the last column of a table has none.
#[must_use]
pub fn unified(before: Option<&str>, after: Option<&str>) -> (String, bool) {
    let lines = |text: Option<&str>| -> Vec<String> {
        text.unwrap_or_default().lines().map(|line| line.trim_end().to_owned()).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let bare = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| line.trim_end_matches(',').to_owned()).collect()
    };
    let ops = capture_diff_slices(Algorithm::Patience, &bare(&old), &bare(&new));
    let groups = group_diff_ops(ops, CONTEXT);
    let (mut out, is_one) = (String::new(), groups.len() == 1);
    for group in &groups {
        if !is_one {
            out.push_str(&head(group));
        }
        for op in group {
            let (old, new) = (old.get(op.old_range()), new.get(op.new_range()));
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            let shown = if matches!(op, DiffOp::Equal { .. }) {
                [(' ', new), (' ', &[][..])]
            } else {
                [('-', old), ('+', new)]
            };
            for (sign, line) in
                shown.into_iter().flat_map(|(sign, lines)| lines.iter().map(move |line| (sign, line)))
            {
                // Writing to a String does not fail.
                let _ = writeln!(out, "{sign}{line}");
                if out.len() > MAX_BYTES {
                    return (cut(out), true);
                }
            }
        }
    }
    (out, false)
}

/// `@@ -1,4 +1,5 @@`, from 1.
fn head(group: &[DiffOp]) -> String {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return String::new() };
    let (old, new) =
        (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
    format!("@@ -{},{} +{},{} @@\n", old.start + 1, old.len(), new.start + 1, new.len())
}

/// Whole lines only.
fn cut(mut out: String) -> String {
    out.truncate(out.floor_char_boundary(MAX_BYTES));
    out.truncate(out.rfind('\n').map_or(0, |at| at + 1));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str =
        "CREATE TABLE `t` (\n  `a` int,\n  `b` int,\n  `c` int,\n  `d` int,\n  `e` int\n) ENGINE=InnoDB";

    #[test]
    fn a_column_at_the_end_is_one_line_and_not_two() {
        let after = BEFORE.replace("`e` int\n", "`e` int,\n  `f` int\n");
        let (diff, cut) = unified(Some(BEFORE), Some(&after));
        assert_eq!(diff, "   `c` int,\n   `d` int,\n   `e` int,\n+  `f` int\n ) ENGINE=InnoDB\n");
        assert!(!cut);
    }

    #[test]
    fn what_is_made_is_all_new_what_is_gone_all_old_and_what_is_the_same_nothing() {
        assert!(unified(None, Some(BEFORE)).0.lines().all(|line| line.starts_with('+')));
        assert!(unified(Some(BEFORE), None).0.lines().all(|line| line.starts_with('-')));
        assert_eq!(unified(Some(BEFORE), Some(BEFORE)).0, "");
    }

    #[test]
    fn a_long_diff_is_cut_between_lines() {
        let long = (0..2_000).fold(String::new(), |all, n| all + &format!("`column_{n}` int,\n"));
        let (diff, cut) = unified(None, Some(&long));
        assert!(cut && diff.len() <= MAX_BYTES && diff.ends_with(",\n"), "{}", diff.len());
    }

    #[test]
    fn changes_far_apart_are_headed_by_their_places() {
        let lines = |first: &str, last: &str| -> String {
            let middle = (0..20).fold(String::new(), |all, n| all + &format!("{n}\n"));
            format!("{first}\n{middle}{last}\n")
        };
        let (diff, _) = unified(Some(&lines("a", "b")), Some(&lines("x", "y")));
        assert_eq!(diff.lines().filter(|line| line.starts_with("@@")).count(), 2, "{diff}");
    }
}
