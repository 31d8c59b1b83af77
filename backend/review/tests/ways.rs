//! How a statement should run: the size of its table makes the difference, and the reason says so.

use dbdesk_commands::wire::{review::Way, ticket::Risk};
use dbdesk_review::{
    Facts, Flavour, Judged, PolicyLimits, Settings,
    facts::{Counted, Looked},
};
use std::fmt::Write as _;

const SCHEMA: &str = "CREATE TABLE orders (id bigint NOT NULL PRIMARY KEY, user_id int NOT NULL, note varchar(40), KEY idx_user_id (user_id)) CHARSET=utf8mb4;
    CREATE TABLE heap (a int, b int) CHARSET=utf8mb4;";

/// The review by a live server on which every table has so many bytes.
fn review(sql: &str, bytes: u64, flavour: Flavour) -> Judged {
    let mut facts = Facts::of_schema(&dbdesk_review::read(SCHEMA).expect("a schema"));
    for looked in facts.tables.values_mut() {
        if let Looked::Found(table) = looked {
            (table.bytes, table.rows) = (Some(bytes), Some(bytes / 100));
            table.engine = Some("InnoDB".into());
        }
    }
    (facts.live, facts.flavour) = (true, Some(flavour));
    let script = dbdesk_review::read(sql).expect("a script");
    for statement in script.statements().iter().filter(|_| sql.starts_with("UPDATE")) {
        facts.counted.insert(statement.index, Counted::Rows(if sql.contains("id = 1") { 1 } else { 5_000 }));
    }
    dbdesk_review::judge(&script, &facts, &Settings { flavour, ..Settings::default() })
}

#[test]
fn the_reason_speaks_of_the_asker_s_own_table_in_both_languages() {
    const MB: u64 = 1 << 20;
    let (mysql57, mysql9, mariadb) = (Flavour::mysql(5, 7), Flavour::mysql(9, 7), Flavour::mariadb(10, 11));
    let mut told = String::new();
    for (sql, bytes, flavour) in [
        ("ALTER TABLE orders ADD COLUMN paid_at datetime", 12_000 * MB, mysql9),
        ("ALTER TABLE orders ADD COLUMN paid_at datetime", 500 * MB, mysql57),
        ("ALTER TABLE orders ADD COLUMN paid_at datetime", 12_000 * MB, mysql57),
        ("ALTER TABLE orders ADD INDEX idx_note (note)", 500 * MB, mariadb),
        ("ALTER TABLE orders ADD FULLTEXT INDEX ft_note (note)", 8 * MB, mariadb),
        ("ALTER TABLE orders MODIFY user_id bigint NOT NULL", 8 * MB, mysql9),
        ("ALTER TABLE orders MODIFY user_id bigint NOT NULL", 500 * MB, mysql9),
        ("ALTER TABLE heap MODIFY a bigint", 500 * MB, mysql9),
        ("UPDATE orders SET note = 'x' WHERE id = 1", 500 * MB, mysql9),
        ("UPDATE orders SET note = 'x' WHERE user_id > 7", 500 * MB, mysql9),
        ("RENAME TABLE orders TO old_orders", 500 * MB, mysql9),
        ("CREATE TABLE made (id int PRIMARY KEY); ALTER TABLE made MODIFY id bigint", 0, mysql9),
    ] {
        let judged = review(sql, bytes, flavour);
        let size = bytes / MB;
        let _ = writeln!(told, "{sql} ({flavour}, {size} MB)");
        for statement in &judged.statements {
            let way = statement.way.as_ref().expect("a way");
            let said = way.way.said();
            let reason = &way.reason;
            let _ = writeln!(told, "    {} | {}\n    {}\n    {}", said.en, said.zh, reason.en, reason.zh);
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn policy_looks_at_the_way_and_not_only_at_the_size() {
    let limits = PolicyLimits::default();
    let huge = 900 << 30;
    let passes = |sql: &str, bytes: u64| {
        let judged = review(sql, bytes, Flavour::mysql(9, 7));
        let blocking = judged.findings().filter(|found| found.level.blocks());
        assert_eq!(blocking.map(|found| &*found.message.en).collect::<Vec<_>>(), Vec::<&str>::new());
        (judged.within_policy(&limits), judged.risk())
    };
    // The definition alone: whatever the size. A copy of 100 MB makes writes wait: a person looks at it.
    assert_eq!(passes("ALTER TABLE orders ADD COLUMN paid_at datetime COMMENT 'x'", huge), (true, Risk::Low));
    assert_eq!(passes("ALTER TABLE orders MODIFY user_id bigint NOT NULL", 8 << 20), (true, Risk::Low));
    assert_eq!(passes("ALTER TABLE orders MODIFY user_id bigint NOT NULL", 100 << 20), (false, Risk::Medium));
    assert_eq!(passes("ALTER TABLE orders ADD INDEX idx_note (note)", 100 << 20), (true, Risk::Low));
    assert_eq!(passes("ALTER TABLE orders ADD INDEX idx_note (note)", huge), (false, Risk::Medium));
    // The tool needs a key to copy by; without one it is heavy all the same.
    let keyless = review("ALTER TABLE heap MODIFY a bigint", 100 << 20, Flavour::mysql(9, 7));
    assert_eq!(keyless.statements[0].way.as_ref().map(|way| (way.way, way.heavy)), Some((Way::Copy, true)));
    assert!(!keyless.within_policy(&limits));
}

#[test]
fn what_works_through_a_large_table_keeps_the_server_busy() {
    const MB: u64 = 1 << 20;
    let index = "ALTER TABLE orders ADD INDEX idx_note (note)";
    for (sql, bytes, busy) in [
        (index, 100 * MB, false),
        (index, 100 * MB + 1, true),
        ("ALTER TABLE orders ADD COLUMN paid_at datetime", 12_000 * MB, false),
        ("ALTER TABLE orders MODIFY user_id bigint NOT NULL", 500 * MB, true),
        ("UPDATE orders SET note = 'x' WHERE id = 1", 500 * MB, false),
        ("UPDATE orders SET note = 'x' WHERE user_id > 7", 500 * MB, true),
    ] {
        assert_eq!(review(sql, bytes, Flavour::mariadb(10, 11)).keeps_busy(), busy, "{sql} ({bytes} bytes)");
    }
    let judged = review(index, 500 * MB, Flavour::mariadb(10, 11));
    assert!(judged.within_policy(&PolicyLimits::default()), "a busy ticket may need no person");
}
