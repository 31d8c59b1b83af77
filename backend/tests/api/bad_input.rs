//! Whatever comes in is answered: with what is wrong, where, and what to do.

use crate::stage::{SMALL, Stage, answer, line, submission};
use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;

fn changed(key: &str, value: Value) -> Value {
    let mut body = submission(SMALL, "now");
    body[key] = value;
    body
}

#[tokio::test]
async fn what_is_wrong_with_a_submission_is_told_in_both_languages() -> Result<()> {
    let stage = Stage::start().await?;
    let mut told = String::new();
    for body in [
        changed("service_group", json!("shpo")),
        changed("service_group", json!("x".repeat(5_000))),
        changed("database", json!("shops")),
        changed("reason", json!(" ")),
        changed("reason", json!("长".repeat(1_001))),
        changed("when", json!("tomorrow")),
        changed("when", json!("2026-11-21 08:00")),
        changed("sql", json!(" \n")),
        changed("sql", json!("-- nothing")),
        changed("sql", json!("x".repeat(2 * 1024 * 1024 + 1))),
        changed("sql", json!(7)),
        changed("sqll", json!("x")),
        json!({ "service_group": "shop" }),
        json!([1]),
        json!("text"),
    ] {
        told += &stage.both("ann", "/v1/tickets", &body).await?;
    }
    insta::assert_snapshot!(told);
    let none = stage.get("ann", "/v1/tickets").await?.ok()?;
    ensure!(none["tickets"] == json!([]), "nothing was filed: {none:#}");
    Ok(())
}

#[tokio::test]
async fn bodies_that_are_no_json_no_utf_8_or_too_large_are_explained() -> Result<()> {
    let stage = Stage::start().await?;
    let mut told = String::new();
    let gbk = b"{\"sql\": \"-- \xb9\xa4\xb5\xa5\"}".to_vec();
    let bodies: [(Vec<u8>, &str); 9] = [
        (gbk, "application/json"),
        (br#"{"sql": "UPDATE t SET a = '\ud800' WHERE id = 1"}"#.to_vec(), "application/json"),
        (br#"{"sql": "\udc00\ud800"}"#.to_vec(), "application/json"),
        (b"{\"sql\": \"UPDATE t\nSET a = 1\"}".to_vec(), "application/json"),
        (b"{\"sql\": ".to_vec(), "application/json"),
        (b"{\"sql\": \"a\",}".to_vec(), "application/json"),
        (b"{} {}".to_vec(), "application/json"),
        (b"sql=1".to_vec(), "application/x-www-form-urlencoded"),
        (vec![b' '; 5 * 1024 * 1024], "application/json"),
    ];
    for (body, kind) in bodies {
        for lang in ["en", "zh-CN"] {
            let request = stage.ask("ann", Method::POST, "/v1/reviews").header("Accept-Language", lang);
            let refused = answer(request.header("Content-Type", kind).body(body.clone())).await?;
            told += &line(&refused.body);
        }
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn sql_with_nul_and_other_control_characters_is_reviewed() -> Result<()> {
    let stage = Stage::start().await?;
    let sql = "DELETE FROM t WHERE id = 1\0 OR 1 = 1;\u{7f}\u{1};UPDATE t SET a = 'b\0c' WHERE id = 1";
    let review = stage.post("ann", "/v1/reviews", &json!({ "sql": sql })).await?.ok()?;
    let statements = review.as_array().map(Vec::as_slice).unwrap_or_default();
    let kinds: Vec<&Value> = statements.iter().map(|statement| &statement["kind"]).collect();
    ensure!(kinds == ["not_analysable", "not_analysable", "update"], "{review:#}");
    Ok(())
}

#[tokio::test]
async fn wrong_paths_methods_numbers_and_queries_are_explained() -> Result<()> {
    let stage = Stage::start().await?;
    let mut told = String::new();
    for (method, path) in [
        (Method::GET, "/v1/nothing"),
        (Method::DELETE, "/v1/tickets"),
        (Method::GET, "/v1/tickets/abc"),
        (Method::GET, "/v1/tickets/T-77"),
        (Method::GET, "/v1/tickets/77/log"),
        (Method::GET, "/v1/tickets/77/events"),
        (Method::GET, "/v1/tickets/%FF"),
        (Method::GET, "/v1/tasks/K-77"),
        (Method::GET, "/v1/tickets?limit=many"),
        (Method::GET, "/v1/tickets?state=asleep"),
        (Method::GET, "/v1/tickets?whose=mine"),
        (Method::GET, "/v1/tickets?service_group=shpo"),
        (Method::GET, "/v1/service-groups/shpo/topology"),
    ] {
        for lang in ["en", "zh-CN"] {
            let request = stage.ask("ann", method.clone(), path).header("Accept-Language", lang);
            writeln!(told, "{method} {path}: {}", line(&answer(request).await?.body).trim_end())?;
        }
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn two_megabytes_of_sql_are_taken() -> Result<()> {
    let stage = Stage::start().await?;
    let mut sql = String::from(SMALL);
    sql.push_str("-- ");
    sql.push_str(&"长".repeat((2 * 1024 * 1024 - sql.len()) / 3));
    ensure!(sql.len() > 2 * 1024 * 1024 - 3, "{}", sql.len());
    let ticket = stage.submit(&sql).await?;
    ensure!(ticket["sql"] == sql, "it is kept byte for byte");
    Ok(())
}
