//! `COVERAGE.md` tells the truth: the rules that it names exist.

use dbdesk_review::rules;

/// `| A1 what | answer |` as (`A1`, answer).
fn rows() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../COVERAGE.md").lines();
    let cells = lines.filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let rows = cells.map(|(row, answer)| (row.split(' ').next().unwrap_or_default(), answer));
    rows.filter(|(row, _)| row.ends_with(|last: char| last.is_ascii_digit())).collect()
}

/// What looks like the id of a rule among the words in backquotes.
fn ids(answer: &str) -> impl Iterator<Item = &str> {
    let is_id = |word: &&str| {
        word.contains('-') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    answer.split('`').skip(1).step_by(2).filter(is_id)
}

#[test]
fn every_rule_that_the_coverage_names_exists() {
    let rows = rows();
    assert!(rows.len() > 20, "the table is not read");
    let unknown: Vec<_> = rows
        .iter()
        .flat_map(|(row, answer)| ids(answer).map(move |id| (row, id)))
        .filter(|(_, id)| rules::by_id(id).is_none())
        .collect();
    assert!(unknown.is_empty(), "no such rules: {unknown:?}");
}

#[test]
fn no_row_stands_twice_and_none_is_empty() {
    let mut rows = rows();
    assert!(rows.iter().all(|(_, answer)| !answer.trim().is_empty()));
    rows.sort_unstable();
    for pair in rows.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "twice");
    }
}
