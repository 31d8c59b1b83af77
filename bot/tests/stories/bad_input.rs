//! What people send that cannot be taken, and a backend that does not answer: each has an answer, nothing is lost.

use crate::stage::{Stage, eventually, settings};
use dbdesk_bot::{bot, config::Config};
use dbdesk_commands::{clock::Clock, point::Points};
use std::time::Duration;

const SUBMIT: &str = "/sql submit group:shop database:shop reason:tidy";

#[tokio::test]
async fn a_file_that_is_not_utf8_is_refused_with_the_place() {
    let stage = Stage::set().await;
    let sent = stage.ann().types(SUBMIT).attach("latin1.sql", b"SELECT 1;\nSELECT '\xe9'".as_slice());
    let told = sent.send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("not UTF-8") && told.contains("line 2"), "{told}");
    assert!(stage.double.world().tickets.is_empty());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_file_larger_than_two_megabytes_is_refused_before_it_is_fetched() {
    let stage = Stage::set().await;
    let sent = stage.sim.person("wei").types(SUBMIT).attach("big.sql", vec![b'x'; 2 * 1024 * 1024 + 1]);
    let told = sent.send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("文件超过 2 MB"), "{told}");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn two_megabytes_of_sql_pass_through() {
    let stage = Stage::set().await;
    let sql = "UPDATE orders SET a = 1 WHERE id = 7;\n".repeat(2 * 1024 * 1024 / 38);
    let told = stage.ann().types(SUBMIT).attach("big.sql", sql.as_bytes()).send().await.unwrap();
    assert!(told.message().unwrap().contains("is filed"), "{told}");
    let card = stage.tickets().wait_for("T-1").await.unwrap();
    let first = stage.sim.thread_of(&card).wait_for("Ann filed").await.unwrap();
    assert_eq!(first.files[0].bytes.len(), sql.len());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_refused_ticket_gives_the_sql_back() {
    let stage = Stage::set().await;
    let wei = stage.sim.person("wei");
    let form =
        wei.types("/sql submit group:shpo database:shop reason:x").send().await.unwrap().modal().unwrap();
    let told = form.fill("sql", "SELECT 1").submit().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("没有这个服务组") && told.contains("是不是 `shop`"), "{told}");
    assert_eq!(told.files[0].bytes, b"SELECT 1");
    assert!(told.contains("/sql submit group:shpo database:shop reason:x"), "{told}");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn what_was_typed_comes_back_in_one_line_but_never_a_hash() {
    let stage = Stage::set().await;
    stage.double.world().down = true;
    for line in [
        "/account request group:shop database:shop level:ro from:reports until:30d reason:monthly figures tables:orders",
        "/database request group:shop name:stock reason:a new service size:500",
        "/emergency on group:shop reason:it burns",
    ] {
        let told = stage.ann().types(line).send().await.unwrap().ephemeral().unwrap();
        assert!(told.contains(line), "{line}\n{told}");
    }
    let secret =
        "/account request group:shop database:shop level:ro from:reports until:30d reason:r hash:hunter2";
    let told = stage.ann().types(secret).send().await.unwrap().ephemeral().unwrap();
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn a_backend_that_is_down_is_told_and_the_sql_is_given_back() {
    let stage = Stage::set().await;
    stage.double.world().down = true;
    let form = stage.ann().types(SUBMIT).send().await.unwrap().modal().unwrap();
    let told = form.fill("sql", "SELECT 1").submit().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("not answering") && told.contains("Nothing was done"), "{told}");
    assert_eq!(told.files[0].bytes, b"SELECT 1");
    let tries = stage.double.seen("POST /v1/tickets");
    assert!(tries.len() > 1, "tried again");
    assert!(tries.iter().all(|seen| seen.key == tries[0].key && !seen.key.is_empty()), "under one key");
    stage.double.world().down = false;
    stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_form_cannot_be_opened_while_the_backend_is_down_and_that_is_told() {
    let stage = Stage::set().await;
    let card = stage.filed("DELETE FROM orders").await;
    stage.double.world().down = true;
    let told = stage.ann().presses(&card, "Amend").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("not answering"), "{told}");
    stage.double.world().down = false;
    stage.ends_well(&[]);
}

#[tokio::test]
async fn an_answer_after_fifteen_minutes_is_a_word_in_the_channel() {
    let stage = Stage::set().await;
    stage.double.world().slow = Duration::from_secs(2);
    let ann = stage.ann();
    let asked = ann.types("/ticket list").send();
    let later = async {
        eventually("an acknowledgement", || !stage.sim.ack_latencies_ms().is_empty()).await;
        stage.sim.clock().advance(Duration::from_mins(16));
    };
    let (_, ()) = tokio::join!(asked, later);
    let word = stage.sim.channel("general").wait_for("took longer than Discord waits").await.unwrap();
    assert_eq!(word.pings, ["ann"]);
    stage.ends_well(&[50_027]);
}

#[tokio::test]
async fn rate_limits_delay_answers_and_lose_none() {
    let stage = Stage::set().await;
    stage.sim.trouble().rate_limit_next(2, "user", Duration::from_millis(300));
    stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    stage.sim.trouble().rate_limit_next(2, "global", Duration::from_millis(300));
    let card = stage.tickets().wait_for("T-1").await.unwrap();
    stage.sim.thread_of(&card).wait_for("Ann filed").await.unwrap();
    let told = stage.bob().presses(&card, "Approve").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("is approved"), "{told}");
    stage.sim.shows(&card, "approved by @Bob").await.unwrap();
    // 429 has no code.
    stage.ends_well(&[0]);
}

#[tokio::test]
async fn with_a_simulator_configured_the_bot_stops_rather_than_go_to_the_real_gateway() {
    let app = axum::Router::new().route(
        "/api/v10/gateway",
        axum::routing::get(|| async { axum::Json(serde_json::json!({ "url": "wss://gateway.discord.gg" })) }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let sim = discord_sim::Sim::start(discord_sim::seed::Seed::default()).await.unwrap();
    let mut settings = settings(&sim, "http://127.0.0.1:9");
    settings["discord"]["base_url"] = format!("http://{address}").into();
    let config: Config = serde_json::from_value(settings).unwrap();
    let ended =
        bot::run(config, Clock::new(crate::desk::now), Points::default(), std::future::pending()).await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("wss://gateway.discord.gg") && error.contains("stopping"), "{error}");
    serving.abort();
}
