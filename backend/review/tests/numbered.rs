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

/// Four tables in each of two databases, the one with a longer name.
fn in_databases(sql: &str) -> String {
    let names = (0..8).map(|number| (if number < 4 { "shop_9" } else { "`shop-10`" }, number));
    let written = names.map(|(database, number)| {
        let padded = format!("{database:>9}");
        sql.replace("DB", &padded).replace('#', &format!("{number:04}")) + ";\n"
    });
    written.collect()
}

#[test]
fn a_series_in_several_databases_is_told_once_with_each_tables_database() {
    let schema = in_databases("CREATE TABLE DB.orders_# (id int NOT NULL PRIMARY KEY, note varchar(40))");
    let facts = Facts::of_schema(&dbdesk_review::read(&schema).expect("a schema"));
    let settings = Settings::default();
    for (change, rule, told) in [
        (
            "ALTER TABLE DB.orders_# ADD INDEX by_note (note)",
            "index-name-without-prefix",
            "The index `by_note` does not begin with `idx_`. So it is with 7 more tables: `shop_9`.`orders_0001`, \
             `shop_9`.`orders_0002`, `shop_9`.`orders_0003` ….",
        ),
        (
            "DELETE FROM DB.orders_#",
            "delete-without-where",
            "This DELETE on `shop_9`.`orders_0000` has no WHERE. So it is with 7 more tables: \
             `shop_9`.`orders_0001`, `shop_9`.`orders_0002`, `shop_9`.`orders_0003` ….",
        ),
        (
            "UPDATE DB.orders_# SET nota = 1 WHERE id IN (SELECT id FROM DB.other)",
            "unknown-column",
            "`shop_9`.`orders_0000` has no column `nota`. So it is with 7 more tables: `shop_9`.`orders_0001`, \
             `shop_9`.`orders_0002`, `shop_9`.`orders_0003` ….",
        ),
    ] {
        let sql = in_databases(change);
        let script = dbdesk_review::read(&sql).expect("a script");
        let judged = dbdesk_review::judge(&script, &facts, &settings);
        let of_rule: Vec<_> =
            judged.findings().filter(|found| found.rule == rule).map(|found| &*found.message.en).collect();
        assert_eq!(of_rule, [told], "{change}");
    }
    let script = dbdesk_review::read(&in_databases("ALTER TABLE DB.orders_# ADD INDEX by_note (note)"));
    let asked = script.expect("a script").questions(&settings);
    assert_eq!(
        asked.iter().filter(|ask| matches!(ask, Question::Syntax(_))).count(),
        1,
        "the server is asked once"
    );
}

#[test]
fn what_differs_in_more_than_number_and_database_is_no_series() {
    let sql = "ALTER TABLE a.orders_0 ADD c int;\nALTER TABLE b.orders_1 ADD d int;\nALTER TABLE c.orders_2 ADD e int;\n\
               ALTER TABLE a.t_0 ADD c int;\nALTER TABLE t_1 ADD c int;\nALTER TABLE t_2 ADD c int;";
    let script = dbdesk_review::read(sql).expect("a script");
    let numbered = dbdesk_review::numbered::Numbered::of(&script);
    assert!((0..6).all(|index| numbered.beginning_at(index).is_empty() && !numbered.is_repeated(index)));
}
