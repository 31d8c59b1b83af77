//! Whatever text comes, there is an answer: never a panic, never a stall.

use dbdesk_commands::{lang::Lang, wire::review::MAX_SQL_BYTES};
use dbdesk_review::{Facts, Judged, Settings};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Generous for a debug build on a busy machine; a pass that is not linear takes minutes.
const LIMIT: Duration = Duration::from_mins(3);

fn review(sql: &str) -> Judged {
    let started = Instant::now();
    let script = dbdesk_review::read(sql).expect("an answer, not a refusal");
    let settings = Settings::default();
    let questions = script.questions(&settings);
    let judged = dbdesk_review::judge(&script, &Facts::default(), &settings);
    let schema = Facts::of_schema(&script);
    let again = dbdesk_review::judge(&script, &schema, &settings);
    let took = started.elapsed();
    assert!(took < LIMIT, "{took:?} for {} bytes, {} questions", sql.len(), questions.len());
    assert_eq!(judged.statements.len(), again.statements.len());
    let started = Instant::now();
    let text = dbdesk_review::print::print("a.sql", sql, &judged, Lang::Zh);
    assert!(text.len() < 4_000 * (judged.findings().count() + 1), "{} bytes", text.len());
    assert!(started.elapsed() < LIMIT, "printing took {:?}", started.elapsed());
    for statement in judged.statements.iter().chain(&again.statements) {
        let obscure = ["not_analysable", "syntax_error"].contains(&&*statement.kind);
        assert!(
            !obscure || statement.findings.iter().any(|found| found.level.blocks()),
            "{statement:?} passes"
        );
        for found in &statement.findings {
            assert!(statement.span.holds(found.span), "{found:?}");
            assert!(sql.get(found.span.start..found.span.end).is_some(), "{found:?}");
            for said in [&found.message, &found.why, &found.fix] {
                assert!(said.en.len() < 8_000 && said.zh.len() < 8_000, "{} is long", found.rule);
            }
        }
    }
    judged
}

fn rules(sql: &str) -> Vec<String> {
    review(sql).findings().map(|found| found.rule.to_string()).collect()
}

#[test]
fn two_megabytes_of_inserts_are_reviewed() {
    let mut sql = "INSERT INTO orders (id, note) VALUES ".to_owned();
    while sql.len() < MAX_SQL_BYTES - 100 {
        sql.push_str("(1, 'it''s \\' (a; note)'), ");
    }
    sql.push_str("(1, CONCAT('a', 'b'))");
    assert_eq!(rules(&sql), ["many-rows-inserted", "statement-too-long"]);
}

#[test]
fn more_than_two_megabytes_are_refused_with_the_figure() {
    let refusal = dbdesk_review::read(&" ".repeat(MAX_SQL_BYTES + 1)).unwrap_err();
    assert!(refusal.said.en.contains("2097153"), "{refusal}");
}

#[test]
fn ten_megabytes_of_inserts_are_refused_at_once_in_both_languages() {
    let rows = "INSERT INTO orders (id) VALUES (1);".repeat(300_000);
    assert!(rows.len() > 10_000_000);
    let refusal = dbdesk_review::read(&rows).unwrap_err();
    assert!(refusal.said.en.contains("Split") && refusal.said.zh.contains("拆成几份"), "{refusal}");
}

#[test]
fn lists_are_read_up_to_a_bound_and_rows_of_an_insert_without_one() {
    let count = dbdesk_review::watch::MAX_ITEMS + 1;
    let kind =
        |sql: &str| review(sql).statements.first().map(|statement| statement.kind.clone().into_owned());
    for (begin, end) in [
        ("DELETE FROM t WHERE a IN (", "1)"),
        ("UPDATE t SET a = 1 WHERE (a, 1) IN ((1, 1), ", "(1, 1))"),
        ("INSERT INTO t (a) SELECT x FROM u WHERE b IN (", "1)"),
    ] {
        assert_ne!(
            kind(&format!("{begin}{}{end}", "1, ".repeat(count - 50))).as_deref(),
            Some("not_analysable"),
            "{begin}"
        );
        assert_eq!(
            kind(&format!("{begin}{}{end}", "1, ".repeat(count))).as_deref(),
            Some("not_analysable"),
            "{begin}"
        );
    }
    for sql in [
        format!("INSERT INTO t (a, b) VALUES {}(1, 2)", "(1, 'x'), ".repeat(count)),
        format!("REPLACE t VALUES {}(1) ", "(1),".repeat(count)),
        format!("INSERT INTO t (a) VALUES {}(1) ON DUPLICATE KEY UPDATE a = 1", "(1),".repeat(count)),
    ] {
        assert_eq!(kind(&sql).as_deref(), Some(if sql.starts_with('R') { "replace" } else { "insert" }));
    }
}

#[test]
fn a_text_without_a_statement_is_refused() {
    for sql in ["", "  \n", "-- only a note", ";;;", "/* nothing */ ;"] {
        assert!(dbdesk_review::read(sql).is_err(), "{sql:?}");
    }
}

#[test]
fn fifty_thousand_statements_are_reviewed_and_one_more_is_refused() {
    let one = "UPDATE t SET a=1 WHERE id=1;";
    assert_eq!(review(&one.repeat(50_000)).statements.len(), 50_000);
    assert!(dbdesk_review::read(&one.repeat(50_001)).is_err());
    // One finding each, and one that there are so many.
    assert_eq!(review(&"DELETE FROM 订单;".repeat(50_000)).findings().count(), 50_001);
}

#[test]
fn fifty_thousand_alters_of_one_growing_table_are_reviewed() {
    let alters = (0..49_000).map(|at| format!("ALTER TABLE t ADD c{at} int;"));
    let sql: String =
        std::iter::once("CREATE TABLE t (id int PRIMARY KEY);".to_owned()).chain(alters).collect();
    assert_eq!(review(&sql).statements.len(), 49_001);
}

#[test]
fn one_statement_with_many_changes_tells_the_most_serious_only_and_with_too_many_is_not_read() {
    let drops = |count: usize| {
        let drops: Vec<String> = (0..count).map(|at| format!("DROP c{at}")).collect();
        review(&format!("ALTER TABLE t {}", drops.join(", ")))
    };
    assert_eq!(drops(60_000).findings().count(), dbdesk_review::judge::MAX_FINDINGS + 1);
    let more = drops(100_000);
    assert_eq!(more.statements.first().map(|statement| &*statement.kind), Some("not_analysable"));
}

#[test]
fn a_statement_of_as_many_parts_as_are_read_is_answered() {
    for (begin, part, end) in [
        ("ALTER TABLE t ", "ADD KEY (a),", "ADD KEY k (b)"),
        ("ALTER TABLE t ", "ADD UNIQUE KEY k (a),", "ADD KEY (b)"),
        ("ALTER TABLE t ", "ADD c int,", "DROP c"),
        ("ALTER TABLE t ", "MODIFY c int FIRST,", "DROP c"),
        ("CREATE TABLE t (", "a int,", "b int)"),
        ("CREATE TABLE t (", "KEY (a),", "b int)"),
        ("CREATE TABLE t (a int, ", "FOREIGN KEY (a) REFERENCES u (a),", "b int)"),
        ("DROP TABLE ", "a,", "b"),
        ("RENAME TABLE ", "a TO b,", "b TO c"),
        ("UPDATE t SET ", "a = b,", "c = 1 WHERE id = 1"),
        ("UPDATE t, ", "u,", "v SET v.a = 1 WHERE v.id = 1"),
        ("DELETE FROM t WHERE id IN (", "a,", "1)"),
    ] {
        let count = 10_000;
        println!("{begin}{part}{end}");
        review(&format!("{begin}{}{end}", part.repeat(count)));
    }
}

#[test]
fn a_hundred_thousand_brackets_are_answered() {
    for sql in [
        format!("DELETE FROM t WHERE {}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("DELETE FROM t WHERE {}", "(".repeat(100_000)),
        format!("DELETE FROM t WHERE id = 1{}", ")".repeat(100_000)),
        format!("SELECT {}1", "NOT ".repeat(100_000)),
        format!("UPDATE t SET a = {}1 WHERE id = 1", "- ".repeat(100_000)),
        format!("UPDATE t SET a = {}1 END WHERE id = 1", "CASE WHEN ".repeat(100_000)),
        format!("CREATE TABLE t (a int DEFAULT {}1{})", "(".repeat(40), ")".repeat(40)),
    ] {
        assert!(!review(&sql).findings().collect::<Vec<_>>().is_empty());
    }
}

#[test]
fn chains_that_overflow_a_parser_s_stack_are_answered() {
    for (sign, count) in [
        ("AND a = 1", 9_000),
        ("OR a", 9_000),
        ("+ 1", 9_900),
        ("AND a = 1", 60_000),
        ("OR a", 200_000),
        ("+ 1", 300_000),
    ] {
        let chain = format!(" {sign}").repeat(count);
        review(&format!("UPDATE t SET a = 1 WHERE a = 1 {chain}"));
        review(&format!("UPDATE t SET a = 1 {} WHERE id = 1", if sign == "+ 1" { &chain } else { "" }));
    }
    for count in [150, 20_000] {
        review(&format!("DELETE x FROM x {} WHERE x.id = 1", "JOIN y ON 1 = 1 ".repeat(count)));
        review(&format!("INSERT INTO t (a) SELECT 1 {}", "UNION SELECT 1 ".repeat(count)));
        review(&format!("INSERT INTO t (a) SELECT 1 FROM {}x", "y, ".repeat(count)));
    }
}

#[test]
fn a_name_of_a_megabyte_is_answered_in_a_short_sentence() {
    let name = "a".repeat(1_000_000);
    for sql in [
        format!("CREATE TABLE {name} (id int PRIMARY KEY)"),
        format!("ALTER TABLE t ADD COLUMN `{name}` int"),
        format!("DELETE FROM `{name}`"),
        format!("{name} x"),
        format!("SELECT '{name}"),
        format!("UPDATE t SET a = 1 WHERE `{name}` = `{name}`"),
    ] {
        assert!(!rules(&sql).is_empty());
    }
}

#[test]
fn nul_bytes_and_control_characters_are_answered() {
    assert_eq!(rules("DELETE FROM t WHERE id = 1\0 AND 1 = 0"), ["not-analysable"]);
    assert_eq!(rules("UPDATE t SET a = 'b\0c' WHERE id = 1"), Vec::<String>::new());
    assert_eq!(rules("\u{1}\u{2}"), ["not-analysable"]);
    review("\0");
    review("DELETE FROM t\u{7f}");
    review(&"\0".repeat(500_000));
}

#[test]
fn quotes_and_comments_without_end_are_answered_in_one_pass() {
    for sign in [
        "'",
        "\"",
        "`",
        "/*",
        "/*!",
        "--",
        "#",
        "\\",
        "(",
        "delimiter ",
        "\ndelimiter x",
        "a'b`c\"d(/*",
        "'a';",
    ] {
        let text = sign.repeat(200_000 / sign.len());
        if let Ok(script) = dbdesk_review::read(&text)
            && script.statements().len() < 50_000
        {
            review(&text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn any_soup_of_sql_words_is_answered(
        words in prop::collection::vec(prop::sample::select(WORDS), 1..40)
    ) {
        let sql = words.join(" ");
        if dbdesk_review::read(&sql).is_ok() {
            review(&sql);
        }
    }

    #[test]
    fn any_text_at_all_is_answered(sql in "\\PC{0,80}") {
        if dbdesk_review::read(&sql).is_ok() {
            review(&sql);
        }
    }
}

const WORDS: &[&str] = &[
    "SELECT",
    "UPDATE",
    "DELETE",
    "INSERT",
    "INTO",
    "REPLACE",
    "FROM",
    "SET",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "NULL",
    "IS",
    "IN",
    "LIKE",
    "BETWEEN",
    "EXISTS",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "CREATE",
    "TABLE",
    "ALTER",
    "ADD",
    "DROP",
    "COLUMN",
    "INDEX",
    "KEY",
    "PRIMARY",
    "UNIQUE",
    "FOREIGN",
    "REFERENCES",
    "CONSTRAINT",
    "CHECK",
    "DEFAULT",
    "AUTO_INCREMENT",
    "COMMENT",
    "ENGINE",
    "PARTITION",
    "BY",
    "RANGE",
    "HASH",
    "VALUES",
    "ON",
    "DUPLICATE",
    "JOIN",
    "LEFT",
    "USING",
    "ORDER",
    "LIMIT",
    "RENAME",
    "TO",
    "CHANGE",
    "MODIFY",
    "FIRST",
    "AFTER",
    "TRUNCATE",
    "WITH",
    "RECURSIVE",
    "AS",
    "UNION",
    "ALL",
    "IGNORE",
    "QUICK",
    "LOW_PRIORITY",
    "IF",
    "int",
    "varchar(10)",
    "decimal(10,2)",
    "unsigned",
    "t",
    "a",
    "b",
    "`订单`",
    "t.a",
    "t.*",
    "*",
    "1",
    "0",
    "1.5",
    "'a'",
    "'%'",
    "\"x\"",
    "x'1F'",
    "@v",
    "@@g",
    ":=",
    "=",
    "<>",
    "<=>",
    "!=",
    "(",
    ")",
    ",",
    ";",
    "(1)",
    "(a)",
    "(a, b)",
    "((",
    "))",
    "-",
    "+",
    "||",
    "&&",
    "!",
    "->",
    "'$.a'",
    "-- c\n",
    "/* c */",
    "/*! c */",
    "# c\n",
    "'",
    "`",
    "NOW()",
    "COUNT(*)",
    "INTERVAL",
    "DAY",
    "COLLATE",
    "BINARY",
    "CAST(a AS char)",
    "?",
    "$$",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "~",
    "^",
    "|",
    "&",
    "<<",
    "N'x'",
    "_utf8'x'",
    "0x1F",
    "1e5",
    ".5",
    "1.",
    "e'\\''",
    "q'[x]'",
];
