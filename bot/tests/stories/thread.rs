//! Cards and threads: told once, to the end, whatever breaks in between.

use crate::stage::{Stage, eventually};
use dbdesk_commands::wire::{
    entry::Event,
    ticket::{TicketState, TicketView},
};
use discord_sim::{Message, Place};

const SQL: &str = "UPDATE orders SET a = 1 WHERE id = 7;\nUPDATE orders SET a = 2 WHERE id = 8;\n";

fn started() -> Event {
    Event::Started { host: "db-exec-1".into(), pid: 4711, epoch: 1 }
}

fn done(index: u32, total: u32) -> Event {
    Event::StatementDone { index, total, affected_rows: 1, elapsed_ms: 12, warnings: Vec::new() }
}

fn ended(total: u32) -> Event {
    Event::Ended { state: TicketState::Done, done: total, total, cause: None }
}

fn runs(stage: &Stage, ticket: &TicketView, total: u32) {
    stage.double.happens(ticket.id, TicketState::Running, started());
    for index in 0..total {
        stage.double.happens(
            ticket.id,
            TicketState::Running,
            Event::StatementStarted { index, total, kept: false },
        );
        stage.double.happens(ticket.id, TicketState::Running, done(index, total));
    }
    stage.double.happens(ticket.id, TicketState::Done, ended(total));
}

fn count(thread: &Place, text: &str) -> usize {
    thread.transcript().matches(text).count()
}

async fn told_to_the_end(stage: &Stage, card: &Message) -> Place {
    let thread = stage.sim.thread_of(card);
    thread.wait_for("all 2 statements ran").await.unwrap();
    stage
        .sim
        .until(card, "a card that says Done", |card| card.contains("Done") && card.labels().is_empty())
        .await
        .unwrap();
    thread
}

#[tokio::test]
async fn a_run_is_told_statement_by_statement_and_the_requester_is_notified_of_its_end() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    stage.bob().presses(&card, "Approve").await.unwrap();
    runs(&stage, &ticket, 2);
    let thread = told_to_the_end(&stage, &card).await;
    let end = thread.wait_for("all 2 statements ran").await.unwrap();
    assert_eq!(end.pings, ["ann"]);
    assert_eq!(count(&thread, "Statement 1 of 2:"), 1, "{}", thread.transcript());
    assert_eq!(count(&thread, "Statement 2 of 2:"), 1, "{}", thread.transcript());
    insta::assert_snapshot!(stage.tickets().transcript());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_thousand_statements_are_told_in_few_messages() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    runs(&stage, &ticket, 1_000);
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("all 1000 statements ran").await.unwrap();
    let messages = thread.messages().len();
    assert!(messages < 20, "{messages} messages");
    stage.ends_well(&[0]);
}

#[tokio::test]
async fn what_was_posted_but_not_recorded_is_not_posted_again() {
    let mut stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("Ann filed").await.unwrap();
    stage.double.world().lose_places = u32::MAX;
    runs(&stage, &ticket, 2);
    thread.wait_for("all 2 statements ran").await.unwrap();
    stage.kill_bot().await;
    stage.double.world().lose_places = 0;
    // So long after, Discord has forgotten the nonces: only looking helps.
    stage.sim.clock().advance(std::time::Duration::from_hours(1));
    stage.start_bot().await;
    told_to_the_end(&stage, &card).await;
    eventually("the place recorded", || {
        let ticket = stage.double.ticket();
        ticket.card.is_some_and(|card| card.told_entry == ticket.last_entry)
    })
    .await;
    assert_eq!(count(&thread, "all 2 statements ran"), 1, "{}", thread.transcript());
    assert_eq!(count(&thread, "Started"), 1, "{}", thread.transcript());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_card_that_was_posted_but_not_recorded_is_found_again() {
    let mut stage = Stage::set().await;
    stage.double.world().lose_places = 1;
    let card = stage.filed(SQL).await;
    stage.kill_bot().await;
    assert_eq!(stage.double.ticket().card, None);
    // So long after, Discord has forgotten the nonce: only looking helps.
    stage.sim.clock().advance(std::time::Duration::from_hours(1));
    stage.start_bot().await;
    stage.sim.thread_of(&card).wait_for("Ann filed").await.unwrap();
    assert_eq!(stage.tickets().messages().len(), 1, "{}", stage.tickets().transcript());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_bot_killed_in_the_middle_of_a_run_goes_on_where_it_was() {
    let mut stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    stage.double.happens(ticket.id, TicketState::Running, started());
    stage.double.happens(ticket.id, TicketState::Running, done(0, 2));
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("Statement 1 of 2:").await.unwrap();
    stage.kill_bot().await;
    stage.double.happens(ticket.id, TicketState::Running, done(1, 2));
    stage.double.happens(ticket.id, TicketState::Done, ended(2));
    stage.start_bot().await;
    told_to_the_end(&stage, &card).await;
    assert_eq!(count(&thread, "Statement 1 of 2:"), 1, "{}", thread.transcript());
    assert_eq!(count(&thread, "Statement 2 of 2:"), 1, "{}", thread.transcript());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_backend_that_fails_for_a_while_delays_the_story_and_loses_nothing() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    stage.sim.thread_of(&card).wait_for("Ann filed").await.unwrap();
    stage.double.world().down = true;
    runs(&stage, &ticket, 2);
    let before = stage.double.world().seen.len();
    eventually("the bot to ask again", || stage.double.world().seen.len() > before + 3).await;
    stage.double.world().down = false;
    let thread = told_to_the_end(&stage, &card).await;
    assert_eq!(count(&thread, "Started"), 1, "{}", thread.transcript());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn discord_that_fails_in_the_middle_is_told_again_and_nothing_twice() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("Ann filed").await.unwrap();
    stage.sim.trouble().answer_next(3, 502);
    runs(&stage, &ticket, 2);
    told_to_the_end(&stage, &card).await;
    assert_eq!(count(&thread, "Started"), 1, "{}", thread.transcript());
    assert_eq!(count(&thread, "all 2 statements ran"), 1, "{}", thread.transcript());
    stage.ends_well(&[0]);
}

#[tokio::test]
async fn a_card_that_somebody_deleted_is_made_anew_with_its_whole_story() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    stage.sim.thread_of(&card).wait_for("Ann filed").await.unwrap();
    let path = format!("channels/{}/messages/{}", card.channel_id, card.id);
    stage.asks_discord(reqwest::Method::DELETE, &path, None).await;
    runs(&stage, &ticket, 2);
    let tickets = stage.tickets();
    let new =
        tickets.until("another card", |all| all.iter().find(|it| it.id != card.id).cloned()).await.unwrap();
    let thread = told_to_the_end(&stage, &new).await;
    assert_eq!(count(&thread, "Ann filed"), 1, "{}", thread.transcript());
    assert_eq!(tickets.messages().len(), 1, "{}", tickets.transcript());
    stage.ends_well(&[10_008, 10_003]);
}

#[tokio::test]
async fn an_archived_thread_is_opened_again_when_there_is_news() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("Ann filed").await.unwrap();
    let archive = serde_json::json!({ "archived": true });
    stage.asks_discord(reqwest::Method::PATCH, &format!("channels/{}", thread.id), Some(archive)).await;
    thread.is_archived().await.unwrap();
    runs(&stage, &ticket, 2);
    told_to_the_end(&stage, &card).await;
    stage.ends_well(&[50_083]);
}

#[tokio::test]
async fn a_permission_taken_away_delays_the_story_and_loses_nothing() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    stage.sim.thread_of(&card).wait_for("Ann filed").await.unwrap();
    let all = u64::MAX;
    stage.sim.trouble().take_permissions("dbdesk", "tickets", all);
    runs(&stage, &ticket, 2);
    eventually("a refusal", || !stage.sim.refusals().is_empty()).await;
    stage.sim.trouble().take_permissions("dbdesk", "tickets", 0);
    told_to_the_end(&stage, &card).await;
    stage.ends_well(&[50_001, 50_013]);
}

#[tokio::test]
async fn the_story_of_a_chinese_requester_is_in_chinese() {
    let stage = Stage::set().await;
    let wei = stage.sim.person("wei");
    let form =
        wei.types("/sql submit group:shop database:shop reason:清理").send().await.unwrap().modal().unwrap();
    form.fill("sql", "DELETE FROM orders").submit().await.unwrap();
    let card = stage.tickets().wait_for("T-1").await.unwrap();
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("表里的每一行都会被删除").await.unwrap();
    insta::assert_snapshot!(stage.tickets().transcript() + &thread.transcript());
    stage.ends_well(&[]);
}
