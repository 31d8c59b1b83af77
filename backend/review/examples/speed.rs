//! Statements a second of the whole offline review beside the bare sqlparser on the same text and core, and growth from
//! 1,000 to 50,000 statements. Printed, not asserted: `cargo run --release -p dbdesk-review --example speed`.

use dbdesk_review::{Facts, Settings};
use sqlparser::{dialect::MySqlDialect, parser::Parser};
use std::time::{Duration, Instant};

const MIX: &[&str] = &[
    "UPDATE orders SET note = 'paid, it''s done', total = total + 1.5 WHERE id = 17 AND user_id IN (1, 2, 3);\n",
    "DELETE FROM carts WHERE created_at < '2024-01-01' AND (gone = 1 OR user_id IS NULL);\n",
    "INSERT INTO users (id, name, mail) VALUES (1, 'a', 'a@x'), (2, 'b', 'b@x'), (3, 'c', NULL);\n",
    "UPDATE orders o JOIN users u ON u.id = o.user_id SET o.note = u.name WHERE u.id = 3;\n",
];
const DDL: &[&str] = &[
    "CREATE TABLE t (id bigint unsigned NOT NULL AUTO_INCREMENT, a varchar(40) NOT NULL DEFAULT '', b datetime, PRIMARY KEY (id), KEY idx_a (a)) ENGINE=InnoDB COMMENT='x';\n",
    "ALTER TABLE orders ADD COLUMN c int NOT NULL DEFAULT 0, ADD INDEX idx_c (c);\n",
];

fn main() {
    for (name, statements) in [("DML", MIX), ("DDL", DDL)] {
        for count in [1_000, 5_000, 10_000, 20_000] {
            let text: String = statements.iter().cycle().take(count).copied().collect();
            if text.len() > dbdesk_commands::wire::review::MAX_SQL_BYTES {
                continue;
            }
            print(name, count, &text);
        }
    }
    print("short", 50_000, &"UPDATE t SET a=1 WHERE id=1;\n".repeat(50_000));
    let rows = "(1, 'it''s a note', 2.5, NULL), ".repeat(60_000);
    print(
        "one INSERT",
        1,
        &format!("INSERT INTO orders (id, note, total, gone) VALUES {rows}(1, 'x', 1, 1)"),
    );
}

fn print(name: &str, count: usize, text: &str) {
    let ours = best(|| {
        let script = dbdesk_review::read(text).expect("a script");
        assert_eq!(
            dbdesk_review::judge(&script, &Facts::default(), &Settings::default()).statements.len(),
            count
        );
    });
    let bare = best(|| drop(Parser::parse_sql(&MySqlDialect {}, text)));
    let rate = |took: Duration| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64();
    println!(
        "{name:10} {count:6} statements, {:8} bytes: review {ours:>9.1?} ({:>9.0}/s), bare sqlparser {bare:>9.1?} ({:>9.0}/s), {:.2} of its speed",
        text.len(),
        rate(ours),
        rate(bare),
        bare.as_secs_f64() / ours.as_secs_f64(),
    );
}

fn best(mut work: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        work();
        best = best.min(started.elapsed());
    }
    best
}
