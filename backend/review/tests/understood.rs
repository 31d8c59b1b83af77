//! Statements that real servers accept, in all the ways they are written: every one is understood.

use dbdesk_review::{Facts, Flavour, Settings};

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
