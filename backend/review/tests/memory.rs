//! What a review takes and does, counted and not timed: bytes in use at the worst moment, and bytes asked for in all, which
//! stand for the work. Both are the same at every run, whatever else the machine does.
//!
//! Every input is measured by a process of its own: the counter knows the worst moment since a process began.

use cap::Cap;
use dbdesk_commands::lang::Lang;
use dbdesk_review::{Facts, Settings, watch::MAX_ITEMS};
use std::{alloc::System, process::Command};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// The most bytes that a review has in use at once: for each byte of its text, for each of its first 65,535 things between
/// commas, for each statement. Of 2 MB a review thus takes half a gigabyte at the very worst.
const BYTES_FOR_EACH: usize = 160;
const BYTES_FOR_ITEM: usize = 3_200;
const BYTES_FOR_STATEMENT: usize = 6_000;
/// And at all.
const BYTES_AT_ALL: usize = 2 << 20;
/// The size of the larger texts; small, for a debug build.
const BYTES: usize = 64 << 10;
/// Names the input that a child measures.
const INPUT: &str = "DBDESK_MEMORY_INPUT";

/// Reviews; bytes in use at the worst moment, and bytes asked for.
fn measured(sql: &str) -> (usize, usize) {
    let (before, asked) = (MEMORY.allocated(), MEMORY.total_allocated());
    let settings = Settings::default();
    if let Ok(script) = dbdesk_review::read(sql) {
        let questions = script.questions(&settings);
        let judged = dbdesk_review::judge(&script, &Facts::of_schema(&script), &settings);
        drop(questions);
        let _ = dbdesk_review::print::print("a.sql", sql, &judged, Lang::En);
    }
    (MEMORY.max_allocated() - before, MEMORY.total_allocated() - asked)
}

/// What a process of its own measures for an input, by running one of these tests.
fn by_child(test: &str, input: usize) -> (usize, usize) {
    let this = std::env::current_exe().expect("the test's own path");
    let child =
        Command::new(this).args(["--exact", test, "--nocapture"]).env(INPUT, input.to_string()).output();
    let child = child.expect("a child");
    let out = String::from_utf8_lossy(&child.stdout);
    let figures =
        out.lines().find_map(|line| line.split_once("measured ")).expect("figures").1.split_once(' ');
    let (peak, asked) = figures.unwrap_or_else(|| panic!("{out}{}", String::from_utf8_lossy(&child.stderr)));
    (peak.parse().expect("bytes"), asked.parse().expect("bytes"))
}

/// In a child: measures its input, and says so.
#[expect(clippy::disallowed_methods, reason = "the harness passes no arguments on to a test")]
fn as_child(inputs: &[(&str, String)]) -> bool {
    let Some(input) = std::env::var(INPUT).ok().and_then(|input| input.parse::<usize>().ok()) else {
        return false;
    };
    let (peak, asked) = measured(&inputs[input].1);
    println!("\nmeasured {peak} {asked}");
    true
}

/// Texts of so many bytes that somebody could send by mistake or by malice.
fn hostile(bytes: usize) -> Vec<(&'static str, String)> {
    let filled = |begin: &str, one: &str, end: &str| {
        format!("{begin}{}{end}", one.repeat((bytes - begin.len() - end.len()) / one.len()))
    };
    let name = "a".repeat(bytes / 3);
    vec![
        ("statements", filled("", "UPDATE t SET a=1 WHERE id=1;", "")),
        ("DELETEs without WHERE", filled("", "DELETE FROM t;", "")),
        ("unreadable words", filled("", "x y z;", "")),
        ("rows of one number", filled("INSERT INTO t (a) VALUES ", "(1),", "(1)")),
        ("rows with texts", filled("INSERT INTO t (a, b) VALUES ", "(1, 'it''s a note'), ", "(1, 'x')")),
        ("rows of sums", filled("INSERT INTO t (a) VALUES ", "(1+1+1),", "(1)")),
        ("one row of numbers", filled("INSERT INTO t VALUES (", "1,", "1)")),
        ("one long text", filled("INSERT INTO t (a) VALUES ('", "x", "')")),
        ("a list of numbers", filled("DELETE FROM t WHERE id IN (", "1,", "1)")),
        ("a condition of many parts", filled("DELETE FROM t WHERE ", "a = 1 OR ", "a")),
        ("sets", filled("UPDATE t SET ", "a=1,", "a=1 WHERE id = 1")),
        ("signs", filled("UPDATE t SET a = ", "-", "1")),
        ("brackets", format!("DELETE FROM t WHERE {}1{}", "(".repeat(bytes / 2), ")".repeat(bytes / 2))),
        ("open brackets", filled("DELETE FROM t WHERE ", "(", "")),
        ("a long name", format!("DELETE FROM {name} WHERE {name} = 1")),
        ("columns", filled("CREATE TABLE t (", "a int,", "b int)")),
        ("enum values", filled("CREATE TABLE t (a enum(", "'a',", "'b'))")),
        ("changes", filled("ALTER TABLE t ", "DROP a,", "DROP b")),
        ("keys", filled("ALTER TABLE t ", "ADD KEY (a),", "ADD KEY (b)")),
        (
            "partitions",
            filled(
                "ALTER TABLE t PARTITION BY LIST (a) (",
                "PARTITION a VALUES IN (1),",
                "PARTITION b VALUES IN (2))",
            ),
        ),
        ("tables", filled("DROP TABLE ", "a,", "b")),
        ("renames", filled("RENAME TABLE ", "a TO b,", "a TO b")),
        ("NUL bytes", "\0".repeat(bytes)),
        ("a text without end", filled("SELECT '", "x", "")),
        ("a comment", filled("/*", "x", "*/ SELECT 1")),
        ("blanks", "\n".repeat(bytes)),
        ("delimiter lines", filled("", "delimiter $$\n", "")),
        ("sub-selects", filled("DELETE FROM t WHERE ", "a IN (SELECT 1) AND ", "1")),
        ("a list of sub-selects", filled("DELETE FROM t WHERE a IN (", "(SELECT 1),", "1)")),
        ("joins", filled("INSERT INTO t (a) SELECT x.a FROM x", ", y", "")),
        ("columns of tables", filled("INSERT INTO t (a) SELECT x.a", ", x.a", " FROM x, y, z")),
        ("Chinese", filled("UPDATE 订单 SET 备注 = '", "订", "' WHERE id = 1")),
    ]
}

#[test]
fn no_text_takes_more_memory_than_is_stated_nor_grows_faster_than_its_length() {
    const NAME: &str = "no_text_takes_more_memory_than_is_stated_nor_grows_faster_than_its_length";
    let (small, large) = (hostile(BYTES / 2), hostile(BYTES));
    let inputs: Vec<_> = small.into_iter().chain(large).collect();
    if as_child(&inputs) {
        return;
    }
    let kinds = inputs.len() / 2;
    let mut wrong = Vec::new();
    for (at, (what, sql)) in inputs.iter().enumerate().skip(kinds) {
        let (_, half) = by_child(NAME, at - kinds);
        let (peak, asked) = by_child(NAME, at);
        let statements = dbdesk_review::read(sql).map_or(0, |script| script.statements().len());
        let items = (sql.matches(',').count() + 6 * sql.matches("SELECT").count()).min(MAX_ITEMS);
        let most = BYTES_AT_ALL
            + sql.len() * BYTES_FOR_EACH
            + items * BYTES_FOR_ITEM
            + statements * BYTES_FOR_STATEMENT;
        let growth = (asked - asked.min(half)) * 100 / half.max(1);
        println!(
            "{what}: {peak} bytes at once for {} of text, {growth} % more asked for than for half of it",
            sql.len()
        );
        if peak > most {
            wrong.push(format!("{what}: {peak} bytes at once, {most} is the most"));
        }
        // Twice the text is twice the work; a list that grows is copied now and then.
        if asked > 1 << 18 && growth > 170 {
            wrong.push(format!("{what}: {growth} % more work for twice the text"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
