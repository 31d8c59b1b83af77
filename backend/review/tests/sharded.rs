//! Numbered tables that lie in several databases of several groups: each statement is written with the database of its own.

use dbdesk_review::{
    Facts, Settings, mend,
    series::{self, Home, Placed, Written},
    split::{self, Piece},
};
use proptest::prelude::*;

/// `orders` and `items`, eight tables each: four in `shop_3` of `shop-1`, four in `shop_10` of `shop-2`; of `wide`, four in each of
/// three databases whose names are odd; `late` like `orders`, but six and two.
fn home(name: &str) -> Home {
    let Some((stem, number)) = name.rsplit_once('_') else { return Home::Unknown };
    let homes: &[(u64, &str, &str)] = match stem {
        "orders" | "items" => &[(4, "shop-1", "shop_3"), (8, "shop-2", "shop_10")],
        "late" => &[(6, "shop-1", "shop_3"), (8, "shop-2", "shop_10")],
        "wide" => &[(2, "shop-1", "商店"), (4, "shop-1", "shop-4"), (6, "shop-2", "order")],
        _ => return Home::Unknown,
    };
    let number: u64 = match number.parse() {
        Ok(of) if number.len() == 2 => of,
        _ => return Home::Missing,
    };
    match homes.iter().find(|(end, ..)| number < *end) {
        Some((_, group, database)) => {
            Home::In { group: (*group).to_owned(), database: (*database).to_owned() }
        }
        None => Home::Missing,
    }
}

fn on(sql: &str) -> Written<'_> {
    series::written_on(sql, &home).unwrap_or_else(|refusal| panic!("{sql}: {}", refusal.said.en))
}

fn lines(sql: &str) -> Vec<String> {
    on(sql).sql.lines().map(str::to_owned).collect()
}

fn places(sql: &str) -> Vec<String> {
    let told = |placed: Placed| format!("{} {} {}", placed.group, placed.database, placed.shard);
    on(sql).placed.unwrap_or_default().into_iter().map(told).collect()
}

#[test]
fn each_statement_names_the_database_of_its_table_and_says_where_it_runs() {
    let sql = "ALTER TABLE orders_{02..05} ADD c int;\nUPDATE `orders_{02..05}` SET c = 1 WHERE id = 7";
    assert_eq!(
        lines(sql),
        [
            "ALTER TABLE  shop_3.orders_02 ADD c int;",
            "ALTER TABLE  shop_3.orders_03 ADD c int;",
            "ALTER TABLE shop_10.orders_04 ADD c int;",
            "ALTER TABLE shop_10.orders_05 ADD c int;",
            "UPDATE  shop_3.`orders_02` SET c = 1 WHERE id = 7;",
            "UPDATE  shop_3.`orders_03` SET c = 1 WHERE id = 7;",
            "UPDATE shop_10.`orders_04` SET c = 1 WHERE id = 7;",
            "UPDATE shop_10.`orders_05` SET c = 1 WHERE id = 7",
        ]
    );
    let once = ["shop-1 shop_3 2", "shop-1 shop_3 3", "shop-2 shop_10 4", "shop-2 shop_10 5"];
    assert_eq!(places(sql), [once, once].concat());
}

#[test]
fn a_database_is_quoted_where_its_name_needs_it_and_parts_of_a_number_may_be_written_out() {
    assert_eq!(
        lines("TRUNCATE wide_{01..05}"),
        [
            "TRUNCATE `商店`.wide_01;",
            "TRUNCATE `shop-4`.wide_02;",
            "TRUNCATE `shop-4`.wide_03;",
            "TRUNCATE  `order`.wide_04;",
            "TRUNCATE  `order`.wide_05",
        ]
    );
    assert_eq!(
        lines("DROP TABLE orders_0{3..4}"),
        ["DROP TABLE  shop_3.orders_03;", "DROP TABLE shop_10.orders_04"]
    );
    assert_eq!(places("DROP TABLE orders_0{3..4}"), ["shop-1 shop_3 3", "shop-2 shop_10 4"]);
    assert_eq!(lines("UPDATE`orders_{07..07}`SET a=1"), ["UPDATE shop_10.`orders_07`SET a=1"]);
}

#[test]
fn every_table_of_a_statement_gets_its_database_and_nothing_else_does() {
    for (sql, first) in [
        (
            "UPDATE orders_{00..07} o JOIN items_{00..07} i ON i.id = o.id SET o.n = i.n",
            "UPDATE  shop_3.orders_00 o JOIN  shop_3.items_00 i ON i.id = o.id SET o.n = i.n;",
        ),
        (
            "DELETE orders_{00..07} FROM orders_{00..07} JOIN items_{00..07} i ON i.id = orders_{00..07}.id",
            "DELETE  shop_3.orders_00 FROM  shop_3.orders_00 JOIN  shop_3.items_00 i ON i.id = orders_00.id;",
        ),
        (
            "DELETE o FROM orders_{00..07} o WHERE o.id IN (SELECT id FROM items_{00..07})",
            "DELETE o FROM  shop_3.orders_00 o WHERE o.id IN (SELECT id FROM  shop_3.items_00);",
        ),
        (
            "DELETE FROM orders_{00..07} WHERE id < 3 ORDER BY (SELECT MAX(n) FROM items_{00..07}) LIMIT 2",
            "DELETE FROM  shop_3.orders_00 WHERE id < 3 ORDER BY (SELECT MAX(n) FROM  shop_3.items_00) LIMIT 2;",
        ),
        (
            "INSERT INTO orders_{00..07} (id) SELECT id FROM items_{00..07} WHERE note = 'orders_{00..07}'",
            "INSERT INTO  shop_3.orders_00 (id) SELECT id FROM  shop_3.items_00 WHERE note = 'orders_{00..07}';",
        ),
        (
            "WITH w AS (SELECT id FROM items_{00..07}) UPDATE orders_{00..07} JOIN w USING (id) SET n = 1",
            "WITH w AS (SELECT id FROM  shop_3.items_00) UPDATE  shop_3.orders_00 JOIN w USING (id) SET n = 1;",
        ),
        (
            "ALTER TABLE orders_{00..07} ADD INDEX orders_{00..07} (n), ADD FOREIGN KEY (n) REFERENCES items_{00..07} (id)",
            "ALTER TABLE  shop_3.orders_00 ADD INDEX orders_00 (n), ADD FOREIGN KEY (n) REFERENCES  shop_3.items_00 (id);",
        ),
        (
            "RENAME TABLE orders_{00..07} TO items_{00..07}",
            "RENAME TABLE  shop_3.orders_00 TO  shop_3.items_00;",
        ),
        (
            "CREATE TABLE orders_{00..07} LIKE common.orders",
            "CREATE TABLE  shop_3.orders_00 LIKE common.orders;",
        ),
        ("OPTIMIZE TABLE orders_{00..07}", "OPTIMIZE TABLE  shop_3.orders_00;"),
    ] {
        assert_eq!(lines(sql).first().map(String::as_str), Some(first));
        assert_eq!(on(sql).placed.map(|placed| placed.len()), Some(8), "{sql}");
    }
}

#[test]
fn a_text_without_a_sharded_table_is_written_as_ever() {
    for sql in [
        "ALTER TABLE shop_3.orders_{00..03} ADD c int; SELECT 1",
        "ALTER TABLE a_{0..3} ADD c int; DROP TABLE b",
        "CREATE VIEW v_{0..3} AS SELECT * FROM a_{0..3}",
        "ALTER TABLE t ADD INDEX orders_{00..07} (n)",
        "UPDATE t SET a = 'orders_{00..07}'",
        "DELIMITER 00\nDROP TABLE orders_{00..07}00",
    ] {
        let written = on(sql);
        assert_eq!(Ok(&written), series::written(sql).as_ref(), "{sql}");
        assert_eq!(written.placed, None);
    }
}

#[test]
fn what_would_run_nobody_knows_where_is_refused_with_its_place() {
    let refused = |sql: &str| {
        let refusal = series::written_on(sql, &home).expect_err(sql);
        format!("{sql}\n{}\n{}\n{}\n", refusal.code.word(), refusal.said.en, refusal.said.zh)
    };
    let told: Vec<String> = [
        "ALTER TABLE orders_{00..08} ADD c int",
        "DROP TABLE a;\nALTER TABLE orders_{000..007} ADD c int",
        "ALTER TABLE orders_{00..07} ADD c int;\n\nDROP TABLE a_{00..07}",
        "SET NAMES utf8mb4;\nALTER TABLE orders_{00..07} ADD c int",
        "UPDATE orders_{00..07} o JOIN late_{00..07} l USING (id) SET o.n = l.n",
        "INSERT INTO orders_{00..07} SELECT * FROM `新订单` WHERE id < 7",
        "ALTER TABLE orders_{00..07} RENAME TO gone_{00..07}",
        "CREATE TABLE orders_{00..07} LIKE orders",
        "CREATE TABLE orders_{00..07} AS SELECT 1",
        "SELECT id FROM orders_{00..07}",
        "CREATE TRIGGER t_{00..07} BEFORE INSERT ON orders_{00..07} FOR EACH ROW SET NEW.n = 1",
        "ALTER TABLE orders_{00..07} FROBNICATE",
        "DELIMITER shop_3\nDROP TABLE orders_{00..07} shop_3",
    ]
    .map(refused)
    .into();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn tens_of_thousands_of_tables_are_placed() {
    let home = |name: &str| match name.strip_prefix("t_").and_then(|number| number.parse::<u64>().ok()) {
        Some(number) => {
            Home::In { group: format!("g-{}", number % 7), database: format!("db_{}", number % 31) }
        }
        None => Home::Unknown,
    };
    let rows = series::written_on("DELETE FROM t_{00000..39999} WHERE id = 1", &home).expect("it is written");
    assert_eq!(rows.placed.map(|placed| placed.len()), Some(40_000));
    let drop = |tables: usize| format!("DROP TABLE {}", vec!["t_{00..01}"; tables].join(","));
    let two = drop(60_000);
    let two = series::written_on(&two, &home).expect("it is written");
    assert_eq!(two.placed.map(|placed| placed.len()), Some(2));
    let long = "DELETE FROM t_{00000..39999} WHERE id = 1 AND note = 'aa'";
    assert!(series::written(long).is_ok(), "2 MB without the databases");
    assert_eq!(series::written_on(long, &home).expect_err("and more with them").code.word(), "too-large");
}

#[test]
fn the_names_to_look_up_are_those_of_the_ranges() {
    let names = series::first_names(
        "ALTER TABLE x.orders_{00..07} ADD c int; DROP TABLE `my items_0{1..2}`, t{3..9}x, '{0..1}'; DROP `{0..1}",
    );
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["my items_01", "orders_00", "t3x"]);
    assert!(series::first_names("DROP TABLE t").is_empty());
}

/// A review of the text written out, in places of the text as it came.
fn reviewed(sql: &str) -> dbdesk_review::Judged {
    let schema = series::written_on("CREATE TABLE orders_{00..07} (id int PRIMARY KEY, note text);", &home)
        .expect("a schema");
    let facts = Facts::of_schema(&dbdesk_review::read(&schema.sql).expect("a schema"));
    let written = on(sql);
    let script = dbdesk_review::read(&written.sql).expect("a script");
    let mut judged = dbdesk_review::judge(&script, &facts, &Settings::default());
    written.put_back(&mut judged);
    judged
}

#[test]
fn a_review_speaks_of_the_text_as_it_came_and_mends_it() {
    let sql = "ALTER TABLE orders_{00..07} ADD INDEX (note(9));\nDELETE FROM `orders_{02..05}`;";
    let judged = reviewed(sql);
    assert_eq!(judged.statements.len(), 12);
    let index = judged.findings().find(|found| found.rule == "index-name-without-prefix").expect("a finding");
    assert_eq!(index.span.of(sql), "INDEX (note(9))");
    let mended = mend::mend(sql, mend::fixes(&judged).map(|(_, edits)| edits));
    assert_eq!(mended, sql.replace("INDEX (", "INDEX `idx_note` ("));
    assert_eq!(
        judged.findings().filter(|found| found.rule == "delete-without-where").count(),
        1,
        "told once"
    );

    let missing = reviewed("ALTER TABLE items_{02..05} ADD COLUMN n int");
    let sql = "ALTER TABLE items_{02..05} ADD COLUMN n int";
    let spans: Vec<_> = missing.findings().map(|found| (&*found.rule, found.span.of(sql))).collect();
    assert!(spans.contains(&("unknown-table", "items_{02..05}")), "{spans:?}");
}

fn noise() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just(";"),
        Just("'"),
        Just("`"),
        Just("\n"),
        Just(" /* "),
        Just(" */ "),
        Just("ALTER TABLE orders_{00..07} ADD INDEX (n);"),
        Just("ALTER TABLE `items_{02..05}` ADD COLUMN id varchar(9);"),
        Just("DELETE FROM wide_{00..05};"),
        Just("UPDATE orders_{03..06} JOIN items_{03..06} USING (id) SET a = NULL;"),
        Just(" orders_{03..06} "),
        Just("items_{02..05}"),
        Just(" , "),
        Just(" FROM "),
        Just("\ndelimiter $$\n"),
        Just("$$"),
        Just("订"),
        Just("{00..08}"),
    ];
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_placed_or_refused_and_every_place_leads_back_into_it(text in noise()) {
        let Ok(written) = series::written_on(&text, &home) else { return Ok(()) };
        if let Some(placed) = &written.placed {
            let pieces = split::split(&written.sql);
            prop_assert_eq!(pieces.iter().filter(|piece| !Piece::is_empty(piece)).count(), placed.len());
        }
        let Ok(script) = dbdesk_review::read(&written.sql) else { return Ok(()) };
        let mut judged = dbdesk_review::judge(&script, &Facts::default(), &Settings::default());
        written.put_back(&mut judged);
        for statement in &judged.statements {
            let spans = statement.findings.iter().map(|found| found.span).chain([statement.span]);
            for span in spans {
                prop_assert!(text.get(span.start..span.end).is_some(), "{:?}", span);
                prop_assert!(statement.span.holds(span), "{:?} in {:?}", span, statement.span);
            }
            for edit in statement.findings.iter().flat_map(|found| &found.edits) {
                prop_assert!(text.get(edit.span.start..edit.span.end).is_some(), "{:?}", edit);
            }
        }
    }

    #[test]
    fn a_placed_text_is_the_text_with_a_database_before_each_table(first in 0_usize..8, count in 1_usize..9, more in 0_usize..3) {
        let last = (first + count - 1).min(7);
        let text = format!("{}ALTER TABLE `orders_{{{first:02}..{last:02}}}` ADD c int", "TRUNCATE items_{00..07};".repeat(more));
        let (placed, plain) = (on(&text), series::written(&text).expect("it is written"));
        prop_assert_eq!(placed.placed.as_ref().map(Vec::len), Some(more * 8 + last - first + 1));
        let without = placed.sql.replace("shop_10.", "").replace("shop_3.", "");
        let words = |sql: &str| sql.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&without), words(&plain.sql));
    }
}
