//! The message that shows how far running work is.

use crate::stage::{Stage, eventually};
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        live::{Blocker, Progress},
        ticket::TicketState,
    },
};
use discord_sim::{
    Allowance, Options, Place, Sim, openapi_path, permissions,
    seed::{Seed, TICKETS},
};
use reqwest::Method;
use serde_json::json;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

const SQL: &str = "UPDATE orders SET a = 1 WHERE id = 7;\n";

fn at(permille: u16) -> Progress {
    Progress {
        index: 0,
        total: 1,
        elapsed_ms: u64::from(permille) * 100,
        stage: "copy to tmp table".into(),
        permille: Some(permille),
        rows: None,
        blocker: None,
        online: None,
        script: None,
    }
}

fn locked() -> Progress {
    let blocker = Blocker { connection: 42, account: "app@10.0.0.7".into() };
    let stage = "Waiting for table metadata lock".into();
    Progress { permille: None, stage, blocker: Some(blocker), ..at(500) }
}

fn started() -> Event {
    Event::Started { host: "db-exec-1".into(), pid: 4711, epoch: 1 }
}

fn ended() -> Event {
    Event::Ended { state: TicketState::Done, done: 1, total: 1, cause: None }
}

#[tokio::test]
async fn one_message_shows_how_far_it_is_and_goes_when_the_work_ends_also_over_a_restart_of_the_bot() {
    let mut stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    stage.double.happens(ticket.id, TicketState::Running, started());
    thread.wait_for("Started").await.unwrap();
    stage.double.is_at(ticket.id, at(200));
    let said = Instant::now();
    thread.wait_for("20.0 %").await.unwrap();
    let first = said.elapsed();
    let before = thread.messages().len();
    stage.double.is_at(ticket.id, locked());
    let said = Instant::now();
    thread.wait_for("connection 42").await.unwrap();
    let resting = said.elapsed();
    eprintln!("progress → thread: {first:?}; {resting:?} right after an edit");
    assert!(first < Duration::from_secs(2) && resting < Duration::from_secs(5), "{first:?}, {resting:?}");
    stage.kill_bot().await;
    stage.start_bot().await;
    stage.double.is_at(ticket.id, at(900));
    thread.wait_for("90.0 %").await.unwrap();
    assert_eq!(thread.messages().len(), before, "{}", thread.transcript());
    assert_eq!(thread.transcript().matches("Statement 1 of 1").count(), 1, "{}", thread.transcript());
    stage.double.happens(ticket.id, TicketState::Done, ended());
    thread.wait_for("ran").await.unwrap();
    eventually("the message to go", || !thread.transcript().contains("90.0 %")).await;
    stage.ends_well(&[]);
}

#[tokio::test]
async fn what_held_and_goes_on_is_shown_again() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    stage.double.happens(ticket.id, TicketState::Running, started());
    stage.double.is_at(ticket.id, at(200));
    thread.wait_for("20.0 %").await.unwrap();
    stage.double.happens(ticket.id, TicketState::Paused, Event::Paused);
    eventually("the message to go", || !thread.transcript().contains("20.0 %")).await;
    stage.double.happens(ticket.id, TicketState::Running, Event::Resumed);
    stage.double.is_at(ticket.id, at(300));
    thread.wait_for("30.0 %").await.unwrap();
    // That much in so short a time Discord puts off.
    stage.ends_well(&[0]);
}

#[tokio::test]
async fn a_long_log_is_a_file_of_the_thread_once_also_over_a_restart_of_the_bot() {
    let mut stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("Ann filed").await.unwrap();
    let lines: Vec<String> = (1..=70).map(|n| format!("line {n} of the log")).collect();
    stage.double.world().lines.insert(ticket.id.0, lines);
    stage.double.world().lose_places = u32::MAX;
    stage.double.happens(ticket.id, TicketState::Running, started());
    stage.double.happens(ticket.id, TicketState::Done, ended());
    let told = thread.wait_for("ran").await.unwrap();
    stage.kill_bot().await;
    stage.double.world().lose_places = 0;
    stage.sim.clock().advance(Duration::from_hours(1));
    stage.start_bot().await;
    eventually("the place recorded", || {
        let ticket = stage.double.ticket();
        ticket.card.is_some_and(|card| card.told_entry == ticket.last_entry)
    })
    .await;
    let files: Vec<_> = thread.messages().into_iter().flat_map(|message| message.files).collect();
    assert_eq!(files.len(), 1, "{}", thread.transcript());
    assert_eq!((files[0].name.as_str(), &files[0].bytes), ("K-1.log", &told.files[0].bytes));
    let text = String::from_utf8(files[0].bytes.clone()).unwrap();
    assert_eq!(text.lines().count(), 70, "{text}");
    assert!(text.ends_with("line 70 of the log\n"), "{text}");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn where_the_bot_may_attach_nothing_the_end_is_told_without_the_log() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("Ann filed").await.unwrap();
    let lines: Vec<String> = (1..=70).map(|n| format!("line {n} of the log")).collect();
    stage.double.world().lines.insert(ticket.id.0, lines);
    stage.sim.trouble().take_permissions("dbdesk", "tickets", permissions::ATTACH_FILES);
    stage.double.happens(ticket.id, TicketState::Running, started());
    stage.double.happens(ticket.id, TicketState::Done, ended());
    let told = thread.wait_for("ran").await.unwrap();
    assert!(told.files.is_empty(), "{told}");
    // 50013: missing permissions.
    stage.ends_well(&[50_013]);
}

#[tokio::test]
async fn a_short_log_is_no_file() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    stage.double.world().lines.insert(ticket.id.0, vec!["Connected.".into()]);
    stage.double.happens(ticket.id, TicketState::Done, ended());
    let told = stage.sim.thread_of(&card).wait_for("ran").await.unwrap();
    assert!(told.files.is_empty(), "{told}");
    stage.ends_well(&[]);
}

/// Tickets at once.
const MANY: usize = 200;
/// They change for so long.
const BUSY: Duration = Duration::from_secs(24);
/// Twenty edits a second for all of them are one each ten seconds; nobody waits for much longer.
const LONGEST_GAP: Duration = Duration::from_secs(16);

/// Cards and threads are made as fast as the story likes; editing in a thread and all requests together are as Discord has them.
async fn wide() -> Stage {
    let many = Allowance { requests: 10_000, window_ms: 5_000 };
    let options = Options {
        posts: many,
        others: many,
        openapi: openapi_path(),
        patience_ms: 60_000,
        ..Options::default()
    };
    Stage::on(Sim::start_with(Seed::default(), options).await.unwrap()).await
}

/// So many tickets that run, with a card and a thread each.
async fn running(stage: &Stage) -> HashMap<TicketId, Place> {
    // The bot begins when all are there.
    stage.double.world().down = true;
    let mut threads = HashMap::new();
    for n in 0..MANY {
        if n % 20 == 0 {
            stage.sim.clock().advance(Duration::from_secs(1));
        }
        let cards = format!("channels/{TICKETS}/messages");
        let card = stage
            .asks_discord(
                Method::POST,
                &cards,
                Some(json!({ "content": "card", "allowed_mentions": { "parse": [] } })),
            )
            .await;
        let card = card["id"].as_str().unwrap();
        let path = format!("{cards}/{card}/threads");
        stage.asks_discord(Method::POST, &path, Some(json!({ "name": format!("T-{n}") }))).await;
        threads.insert(stage.double.runs(SQL, TICKETS, card), stage.sim.place(card.parse().unwrap()));
    }
    stage.sim.clock().advance(Duration::from_secs(1));
    stage.double.world().down = false;
    threads
}

async fn patiently<T>(
    ids: &[TicketId],
    look: impl Fn(&TicketId) -> Option<(TicketId, T)>,
) -> HashMap<TicketId, T> {
    for _ in 0..400 {
        let found: HashMap<_, _> = ids.iter().filter_map(&look).collect();
        if found.len() == ids.len() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ids.iter().filter_map(&look).collect()
}

/// What the live message of a thread says, if there is one.
fn shows(thread: &Place) -> Option<String> {
    let messages = thread.messages();
    let live =
        messages.iter().find(|message| message.embeds.iter().any(|embed| embed.footer.ends_with("live")));
    live.map(ToString::to_string)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_running_tickets_are_all_shown_in_turn_the_story_goes_first_and_discord_is_never_asked_too_much()
 {
    let stage = wide().await;
    let threads = running(&stage).await;
    let ids: Vec<TicketId> = threads.keys().copied().collect();
    let begun = Instant::now();
    for id in &ids {
        stage.double.is_at(*id, at(0));
    }
    // For all that run when the bot starts, it looks whether an earlier one has shown it.
    let all = patiently(&ids, |id| shows(&threads[id]).map(|_| (*id, ()))).await.len();
    assert_eq!(all, MANY, "not all are shown");
    eprintln!("{MANY} running tickets are shown {} s after the bot's start", begun.elapsed().as_secs());
    let begun = Instant::now();
    let first = threads.iter().map(|(id, thread)| (*id, (shows(thread).unwrap_or_default(), begun)));
    let mut seen: HashMap<TicketId, (String, Instant)> = first.collect();
    let (mut longest, mut changes, mut told) = (Duration::ZERO, 0_u64, Duration::ZERO);
    let mut asked: Option<Instant> = None;
    for turn in 0_u16.. {
        for id in &ids {
            stage.double.is_at(*id, at(1 + turn % 900));
        }
        if turn == 10 {
            stage.double.happens(
                ids[0],
                TicketState::Running,
                Event::StatementStarted { index: 0, total: 1, kept: false },
            );
            asked = Some(Instant::now());
        }
        if let Some(asked) = asked.filter(|_| told.is_zero())
            && threads[&ids[0]].transcript().contains("is running")
        {
            told = asked.elapsed();
        }
        for (id, thread) in &threads {
            let now = shows(thread).unwrap_or_default();
            if let Some((before, since)) = seen.get_mut(id)
                && *before != now
            {
                longest = longest.max(since.elapsed());
                (changes, *before, *since) = (changes + 1, now, Instant::now());
            }
        }
        if begun.elapsed() > BUSY {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    longest = seen.values().map(|(_, since)| since.elapsed()).fold(longest, Duration::max);
    eprintln!(
        "{MANY} running tickets: {changes} changes seen in {} s, the longest without one {} ms; an entry of the story after {} ms",
        begun.elapsed().as_secs(),
        longest.as_millis(),
        told.as_millis()
    );
    assert!(longest < LONGEST_GAP, "one was not shown for {longest:?}");
    assert!(!told.is_zero() && told < Duration::from_secs(5), "the story came after {told:?}");
    // The last state always arrives.
    for id in &ids {
        stage.double.is_at(*id, at(987));
    }
    let last = patiently(&ids, |id| {
        shows(&threads[id]).filter(|text| text.contains("98.7 %")).map(|text| (*id, text))
    });
    assert_eq!(last.await.len(), MANY, "not all show their last state");
    assert!(stage.sim.refusals().is_empty(), "{:?}", stage.sim.refusals().first());
    stage.ends_well(&[]);
}
