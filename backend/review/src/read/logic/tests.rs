use super::*;
use crate::truth::{Truth, unseen};
use sqlparser::{dialect::MySqlDialect, parser::Parser};

fn truth(condition: &str) -> Truth {
    let expr = Parser::new(&MySqlDialect {})
        .try_with_sql(condition)
        .and_then(|mut parser| parser.parse_expr())
        .expect("a condition");
    unseen(&of(&expr, false))
}

#[test]
fn what_holds_for_every_row_is_seen_in_any_dress() {
    for condition in [
        "1 = 1",
        "id = id",
        "t.id = id",
        "1=1 OR x",
        "x OR NOT x",
        "NOT (1 = 2)",
        "id <> id + 1",
        "id < id + 1",
        "id > 5 OR id < 10",
        "id > 5 OR id <= 5",
        "NOT (id > 5 AND id < 3)",
        "id IN (1, 2) OR id NOT IN (1, 2)",
        "id NOT BETWEEN 10 AND 1",
        "LOWER(a) = LOWER(a)",
        "COALESCE(a, 0) IS NOT NULL",
        "LENGTH(a) >= 0",
        "a LIKE '%%'",
        "a REGEXP '.*'",
        "IF(a, 1, 1)",
        "CASE WHEN a THEN 1 ELSE 1 END",
        "EXISTS (SELECT COUNT(*) FROM t)",
        "EXISTS (SELECT 1 FROM DUAL)",
        "1 = (SELECT 1)",
        "(a = 1) = 1 OR a <> 1",
        "d > '2024-01-01' OR d <= '2024-01-01'",
        "s = 'a' OR s <> 'A'",
        "1 | 0",
        "5 DIV 2",
        "-id = -id",
        "a <=> a",
        "'1' = 1",
    ] {
        assert_eq!(truth(condition), Truth::Always, "{condition}");
    }
}

#[test]
fn what_holds_for_no_row_is_seen() {
    for condition in [
        "1 = 0",
        "a = NULL",
        "a <> NULL",
        "NOT (a = NULL)",
        "a IN (NULL)",
        "a NOT IN (1, NULL)",
        "a = 1 AND a = 2",
        "a > 5 AND a < 3",
        "a BETWEEN 10 AND 1",
        "a IS NULL AND a = 1",
        "s = 'a' AND s = 'b'",
        "d > '2024-05-01' AND d < '2024-04-01 12:00:00'",
        "a <> a",
        "a NOT LIKE '%'",
        "x AND NOT x",
        "LENGTH(a) < 0",
        "(a = 1 OR a = 2) AND a = 3",
    ] {
        assert_eq!(truth(condition), Truth::Never, "{condition}");
    }
}

#[test]
fn what_depends_on_the_row_is_left_open() {
    for condition in [
        "a = 1",
        "a = b",
        "a IS NOT NULL",
        "a = 1 OR b <> 1",
        "a > 5 AND b < 3",
        "a >= 0",
        "RAND() = RAND()",
        "a LIKE 'x%'",
        "a = '1' AND a = '01'",
        "a > 9007199254740993 AND a < 9007199254740995",
        "a NOT IN (1, 2)",
        "EXISTS (SELECT 1 FROM t)",
        "IF(a, 1, 0)",
        "d > '2024-01-01' AND d < '2024-02-01'",
        "x.a = 1 AND y.a = 2",
        "a <> NULL OR b = 1",
    ] {
        assert_eq!(truth(condition), Truth::Open, "{condition}");
    }
}
