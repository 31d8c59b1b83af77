//! A change of `orders_0000` to `orders_0511` is one change to its owner, and is told as one.

use dbdesk_review::{Facts, Settings, facts::Question, mend, rules::SYNTAX_ERROR};
use std::fmt::Write as _;

/// The schema with all the tables, and the script that alters each of them.
fn series(tables: usize, schema: fn(usize) -> String, change: fn(usize) -> String) -> (Facts, String) {
    let created: Vec<String> = (0..tables).map(schema).collect();
    let facts = Facts::of_schema(&dbdesk_review::read(&created.concat()).expect("a schema"));
    let sql = (0..tables).fold(String::new(), |mut sql, number| {
        let _ = writeln!(sql, "{}", change(number));
        sql
    });
    (facts, sql)
}

fn orders(number: usize) -> String {
    format!("CREATE TABLE orders_{number:04} (id int NOT NULL PRIMARY KEY, note varchar(40));\n")
}

#[test]
fn what_is_wrong_with_512_tables_is_told_once_and_mended_in_all() {
    let change = |number| format!("ALTER TABLE orders_{number:04} ADD INDEX by_note (note);");
    let (facts, sql) = series(512, orders, change);
    let settings = Settings::default();
    let script = dbdesk_review::read(&sql).expect("a script");
    let judged = dbdesk_review::judge(&script, &facts, &settings);
    let told: Vec<_> =
        judged.findings().map(|found| (found.rule.as_ref(), found.message.en.as_ref())).collect();
    assert_eq!(
        told,
        [(
            "index-name-without-prefix",
            "The index `by_note` does not begin with `idx_`. So it is with 511 more tables: `orders_0001`, \
             `orders_0002`, `orders_0003` …."
        )]
    );
    let syntax = script.questions(&settings).iter().filter(|ask| matches!(ask, Question::Syntax(_))).count();
    assert_eq!(syntax, 1, "the server is asked once whether it understands them");
}

#[test]
fn the_tables_that_are_missing_or_differ_are_named_and_counted() {
    let schema = |number: usize| match number {
        7 | 300 => String::new(),
        40 => "CREATE TABLE orders_0040 (id int NOT NULL PRIMARY KEY);\n".to_owned(),
        number => orders(number),
    };
    let change = |number| format!("ALTER TABLE orders_{number:04} MODIFY note varchar(80);");
    let (facts, sql) = series(512, schema, change);
    let script = dbdesk_review::read(&sql).expect("a script");
    let judged = dbdesk_review::judge(&script, &facts, &Settings::default());
    let told: Vec<_> = judged
        .statements
        .iter()
        .flat_map(|statement| statement.findings.iter().map(|found| (statement.index, found)))
        .map(|(index, found)| {
            format!("{} {}: {} | {}", index + 1, found.rule, found.message.en, found.message.zh)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn fixes_of_a_series_mend_every_statement_of_it() {
    let change = |number| format!("ALTER TABLE orders_{number:04} ADD INDEX (note);");
    let (facts, sql) = series(4, orders, change);
    let settings = Settings::default();
    let script = dbdesk_review::read(&sql).expect("a script");
    let judged = dbdesk_review::judge(&script, &facts, &settings);
    let mended = mend::mended(&sql, mend::fixes(&judged).map(|(_, edits)| edits));
    assert_eq!(mended.sql, sql.replace("INDEX (", "INDEX `idx_note` ("));
    let after = dbdesk_review::judge(&dbdesk_review::read(&mended.sql).expect("a script"), &facts, &settings);
    assert_eq!(mend::in_the_way(&judged, &after, &["index-name-without-prefix"]), None);
    assert!(
        after.findings().all(|found| found.rule != SYNTAX_ERROR && found.rule != "index-name-without-prefix")
    );
}
