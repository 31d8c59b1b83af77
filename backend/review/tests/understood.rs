//! Statements that real servers accept, in all the ways they are written: every one is understood.

use dbdesk_review::{Facts, Flavour, Settings};
use proptest::prelude::*;

const BOTH: &str = include_str!("understood/both.sql");

const MYSQL: &str = include_str!("understood/mysql.sql");

const MARIADB: &str = include_str!("understood/mariadb.sql");

#[test]
fn what_servers_accept_is_understood() {
    let mut unread = Vec::new();
    for (flavour, statements) in
        [(Flavour::mysql(8, 0), [BOTH, MYSQL]), (Flavour::mariadb(10, 11), [BOTH, MARIADB])]
    {
        for sql in statements.into_iter().flat_map(str::lines) {
            let script = dbdesk_review::read(sql).expect("a script");
            let settings = Settings { flavour, ..Settings::default() };
            let judged = dbdesk_review::judge(&script, &Facts::default(), &settings);
            for found in judged.findings() {
                if matches!(
                    &*found.rule,
                    "not-analysable" | "syntax-error" | "syntax-of-another-server" | "full-width-punctuation"
                ) {
                    unread.push(format!(
                        "{flavour}: {} at `{}`\n   {sql}",
                        found.rule,
                        &sql[found.span.start..found.span.end]
                    ));
                }
            }
        }
    }
    assert!(unread.is_empty(), "{} are not understood:\n{}", unread.len(), unread.join("\n"));
}

/// The words and signs of a statement, as the scan sees them.
fn pieces(sql: &str) -> Vec<&str> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(found) = dbdesk_review::scan::next(sql.as_bytes(), at) {
        all.push(&sql[at..found.end]);
        at = found.end;
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn whatever_slips_while_writing_a_statement_there_is_an_answer_inside_it(
        line in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        slip in 0..4_u8,
    ) {
        let lines: Vec<&str> = [BOTH, MYSQL, MARIADB].into_iter().flat_map(str::lines).collect();
        let mut words = pieces(lines[line.index(lines.len())]);
        let others = pieces(lines[other.index(lines.len())]);
        let place = at.index(words.len());
        match slip {
            0 => _ = words.remove(place),
            1 => words.insert(place, words[place]),
            2 => words[place] = others[from.index(others.len())],
            _ => words.truncate(place + 1),
        }
        let sql = words.concat();
        let Ok(script) = dbdesk_review::read(&sql) else { return Ok(()) };
        let again = dbdesk_review::read(&sql).ok();
        prop_assert_eq!(Some(&script), again.as_ref());
        let settings = Settings::default();
        let _ = script.questions(&settings);
        let judged = dbdesk_review::judge(&script, &Facts::of_schema(&script), &settings);
        for (statement, judged) in script.statements().iter().zip(&judged.statements) {
            for only in &statement.only {
                prop_assert!(statement.span.holds(only.span), "{sql}: {only:?}");
            }
            for found in &judged.findings {
                prop_assert!(judged.span.holds(found.span) && sql.get(found.span.start..found.span.end).is_some());
            }
        }
    }
}
