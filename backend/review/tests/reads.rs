//! What a developer reads, in both languages.

use dbdesk_commands::{lang::Lang, wire::review::Level};
use dbdesk_review::{Facts, Judged, PolicyLimits, RuleLevel, Settings, print, rules};

const SCHEMA: &str = "CREATE TABLE orders (id bigint unsigned NOT NULL PRIMARY KEY, user_id bigint NOT NULL, note varchar(200), KEY idx_user_id (user_id));
CREATE TABLE users (id bigint unsigned NOT NULL PRIMARY KEY, name varchar(40));";

/// A ticket as a developer writes it in a hurry.
const TICKET: &str = "-- 工单：清理订单
ALTER TABLE orders ADD INDEX idx_user_id_note (user_id, note);
CREATE TABLE order_log (
    order_id bigint unsigned NOT NULL,
    `备注` text
) ENGINE = MyISAM;
alter table orders add column paid_at datetime;
UPDATE orders SET noet = '“半角”' WHERE id = 7;
UPDATE LOW_PRIORITY orders SET note = 'x' WHERE user_id = 7 OR 1 = 1;
DELETE FROM `订单明细`;
\tINSERT INTO users VALUES (1, '王小明'), (2);
DROP TABLE users;
SELEC 1;
UPDATE orders SET note = ‘x’ WHERE id = 7;
";

fn judged(sql: &str) -> Judged {
    let schema = dbdesk_review::read(SCHEMA).expect("schema");
    let script = dbdesk_review::read(sql).expect("script");
    dbdesk_review::judge(&script, &Facts::of_schema(&schema), &Settings::default())
}

#[test]
fn a_ticket_with_many_faults_reads_like_a_patient_colleague_s_answer() {
    let judged = judged(TICKET);
    insta::assert_snapshot!("ticket_en", print::print("ticket.sql", TICKET, &judged, Lang::En));
    insta::assert_snapshot!("ticket_zh", print::print("ticket.sql", TICKET, &judged, Lang::Zh));
}

#[test]
fn a_clean_script_says_so() {
    let sql = "ALTER TABLE orders ADD COLUMN paid_at datetime NULL COMMENT 'when it was paid';";
    let way = "statement 1 runs by changing the definition only: Adding the column `paid_at` changes only the definition \
               of `orders`; no row is touched.\n";
    let said = print::print("a.sql", sql, &judged(sql), Lang::En);
    assert!(said.ends_with(&format!("1 statement, no findings.\n{way}")), "{said}");
    let way = "第 1 条语句只改定义：新增列 `paid_at` 只改 `orders` 的定义，不动任何一行。\n";
    let said = print::print("a.sql", sql, &judged(sql), Lang::Zh);
    assert!(said.ends_with(&format!("共 1 条语句，没有问题。\n{way}")), "{said}");
}

#[test]
fn the_same_script_gets_the_same_answer_every_time() {
    let first = judged(TICKET);
    for _ in 0..5 {
        assert_eq!(judged(TICKET), first);
    }
}

#[test]
fn a_place_in_a_very_long_line_is_still_seen() {
    let values: Vec<String> = (0..500).map(|at| format!("({at}, '名字{at}')")).collect();
    let sql = format!("INSERT INTO users (id, name) VALUES {}, (7)", values.join(", "));
    insta::assert_snapshot!("long_line", print::print("a.sql", &sql, &judged(&sql), Lang::En));
}

#[test]
fn settings_switch_rules_off_and_change_their_level() {
    let script = dbdesk_review::read("DELETE FROM orders").expect("a script");
    let found = |level: Option<RuleLevel>| {
        let rules = level.map(|level| ("delete-without-where".to_owned(), level)).into_iter().collect();
        let settings = Settings { rules, ..Settings::default() };
        let judged = dbdesk_review::judge(&script, &Facts::default(), &settings);
        judged.findings().find(|found| found.rule == "delete-without-where").map(|found| found.level)
    };
    assert_eq!(found(None), Some(Level::NeedsDba));
    assert_eq!(found(Some(RuleLevel::Error)), Some(Level::Error));
    assert_eq!(found(Some(RuleLevel::Notice)), Some(Level::Notice));
    assert_eq!(found(Some(RuleLevel::Off)), None);
}

#[test]
fn what_is_not_understood_never_passes_by_itself_whatever_the_settings_say() {
    let off = |rule: &rules::Rule| (rule.id.to_owned(), RuleLevel::Off);
    let settings = Settings { rules: rules::ALL.iter().map(off).collect(), ..Settings::default() };
    let passes = |sql: &str| {
        let script = dbdesk_review::read(sql).expect("a script");
        let live = Facts { live: true, ..Facts::default() };
        dbdesk_review::judge(&script, &live, &settings).within_policy(&PolicyLimits::default())
    };
    assert!(passes("INSERT INTO orders (id) VALUES (1)"));
    for sql in [
        "CREATE PROCEDURE p() DELETE FROM orders",
        "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.id = 1",
        "GRANT ALL ON *.* TO 'a'@'%'",
        "INSERT INTO orders (id) VALUES (1) /*!99999 , (2) */",
        "LOCK TABLES orders WRITE",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "COMMIT",
        "SELEC 1",
    ] {
        assert!(!passes(sql), "{sql}");
    }
}
