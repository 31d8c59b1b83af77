//! `orders_{0000..0511}` is written out before a review: once, bounded, and nowhere but in names.

use dbdesk_review::{
    Facts, Settings, mend, series,
    split::{self, Piece},
};
use proptest::prelude::*;

fn written(sql: &str) -> String {
    series::written(sql).expect("it can be written out").sql.into_owned()
}

#[test]
fn a_range_stands_for_a_statement_for_each_number() {
    assert_eq!(
        written("/* a */ ALTER TABLE orders_{08..10} ADD c int; -- done\nSELECT 1"),
        "/* a */ ALTER TABLE orders_08 ADD c int;\nALTER TABLE orders_09 ADD c int;\nALTER TABLE orders_10 ADD c int; \
         -- done\nSELECT 1"
    );
    assert_eq!(
        written("CREATE TABLE `shop`.`a_{00..02}_x` LIKE b{7..9}"),
        "CREATE TABLE `shop`.`a_00_x` LIKE b7;\nCREATE TABLE `shop`.`a_01_x` LIKE b8;\nCREATE TABLE `shop`.`a_02_x` LIKE b9"
    );
    assert_eq!(
        written("DELIMITER $$\nDROP TABLE t_{1..2} /* x */ $$\ndelimiter ;\nDROP TABLE u_{5..5};"),
        "DELIMITER $$\nDROP TABLE t_1$$\nDROP TABLE t_2 /* x */ $$\ndelimiter ;\nDROP TABLE u_5;"
    );
    assert_eq!(
        written("DELIMITER //\nDROP TABLE t_{1..2}"),
        "DELIMITER //\nDROP TABLE t_1//\nDROP TABLE t_2"
    );
    let all = written("CREATE TABLE orders_{0000..0511} LIKE orders;");
    assert_eq!(
        (all.lines().count(), all.lines().last()),
        (512, Some("CREATE TABLE orders_0511 LIKE orders;"))
    );
}

#[test]
fn what_is_no_name_stays_as_it_is() {
    for sql in [
        "UPDATE t SET a = '{0..3}', b = \"{0..3}\", c = '{\"x\": {0..3}}' WHERE id = 1",
        "/* t_{0..3} */ SELECT 1 -- t_{0..3}\n; # t_{0..3}\nSELECT /* {0..3} */ 2",
        "SELECT /*!50000 {0..3} */ 1",
        "SELECT `a{0...3}`, `b{..3}`, `c{0..}`, `{a..b}`, { 0..3 }, {{x}}, {0,3}, a..b",
        "ALTER TABLE t_{0..3} ADD c int COMMENT 'never ends",
        "SELECT {d '2026-11-26'}, t1..x",
    ] {
        assert!(
            matches!(series::written(sql), Ok(series::Written { sql: text, .. }) if text == sql),
            "{sql}"
        );
    }
}

#[test]
fn what_is_not_clear_or_too_much_is_refused_with_its_place() {
    let refused = |sql: &str| {
        let refusal = series::written(sql).expect_err("it is refused");
        format!("{}\n{}\n{}\n", refusal.code.word(), refusal.said.en, refusal.said.zh)
    };
    let long = format!("CREATE TABLE t_{{00000..49999}} LIKE {};", "x".repeat(64));
    let told: Vec<String> = [
        "SELECT 1;\nDROP TABLE 订单_{0511..0000};",
        "DROP TABLE t_{0..15};",
        "CREATE TABLE a_{00..15} LIKE b_{00..14};",
        "DROP TABLE t_{00000..50000};",
        "SELECT 1; SELECT 2; DROP TABLE t_{00000..49998};",
        "DROP TABLE t_{000000000000000000..999999999999999999};",
        "DROP TABLE t_{0000000000000000000000000000..9999999999999999999999999999};",
        &long,
    ]
    .map(refused)
    .into();
    insta::assert_snapshot!(told.join("\n"));
}

/// A review of the text written out, in places of the text as it came.
fn reviewed(sql: &str) -> dbdesk_review::Judged {
    let schema = written("CREATE TABLE t_{0..3} (id int PRIMARY KEY, note text);");
    let facts = Facts::of_schema(&dbdesk_review::read(&schema).expect("a schema"));
    let written = series::written(sql).expect("it can be written out");
    let script = dbdesk_review::read(&written.sql).expect("a script");
    let mut judged = dbdesk_review::judge(&script, &facts, &Settings::default());
    written.put_back(&mut judged);
    judged
}

#[test]
fn a_review_speaks_of_the_text_as_it_came_and_mends_it() {
    let sql = "SELECT id FROM t_0 WHERE id = 1;\nALTER TABLE t_{0..3} ADD INDEX (note(9));\nDELETE FROM t_1;";
    let judged = reviewed(sql);
    assert_eq!(judged.statements.len(), 6);
    let places: Vec<_> =
        judged.findings().filter(|f| f.level.blocks()).map(|f| (&*f.rule, f.span.of(sql))).collect();
    assert!(places.contains(&("delete-without-where", "DELETE")), "{places:?}");
    let index = judged.findings().find(|found| found.rule == "index-name-without-prefix").expect("a finding");
    assert_eq!(index.span.of(sql), "INDEX (note(9))");
    assert!(index.message.en.contains("3 more tables"), "{}", index.message.en);
    let mended = mend::mend(sql, mend::fixes(&judged).map(|(_, edits)| edits));
    assert_eq!(mended, sql.replace("INDEX (", "INDEX `idx_note` ("));

    let named = "ALTER TABLE t_{0..3} ADD INDEX by_{0..3} (note(9));";
    let judged = reviewed(named);
    let index = judged.findings().find(|found| found.rule == "index-name-without-prefix").expect("a finding");
    assert_eq!((index.span.of(named), index.edits.len()), ("by_{0..3}", 0), "a number can not be written");
}

fn statements(text: &str) -> usize {
    split::split(text).iter().filter(|piece| !Piece::is_empty(piece)).count()
}

fn noise() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just(";".to_owned()),
        Just("'".to_owned()),
        Just("`".to_owned()),
        Just("\n".to_owned()),
        Just("-- ".to_owned()),
        Just("/*".to_owned()),
        Just("*/".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("..".to_owned()),
        Just("\ndelimiter $$\n".to_owned()),
        Just("$$".to_owned()),
        Just("{0..2}".to_owned()),
        Just("t_{08..11}".to_owned()),
        Just("订".to_owned()),
        "[a-z0-9 ]{0,6}",
        "\\PC{0,3}",
    ];
    prop::collection::vec(parts, 0..30).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_text_without_a_range_comes_back_to_the_byte(text in noise().prop_map(|text| text.replace("..", ". "))) {
        let written = series::written(&text).expect("nothing is refused");
        prop_assert_eq!(&*written.sql, &text);
    }

    #[test]
    fn there_are_as_many_statements_as_numbers(first in 0_usize..90_000, count in 1_usize..200, more in 0_usize..9) {
        let last = first + count - 1;
        let text = format!("{}ALTER TABLE `t_{{{first:05}..{last:05}}}` ADD c int", "SELECT 1;".repeat(more));
        let out = written(&text);
        prop_assert_eq!(statements(&out), count + more);
        let end = format!("ALTER TABLE `t_{last:05}` ADD c int");
        prop_assert!(out.ends_with(&end));
    }

    #[test]
    fn any_text_is_written_or_refused_and_every_place_leads_back_into_it(text in noise()) {
        let Ok(written) = series::written(&text) else { return Ok(()) };
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
}
