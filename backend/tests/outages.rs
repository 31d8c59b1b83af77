//! What the engine stands on fails: our own database and Redis, each in its ways. The target's own table counts what ran.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[expect(dead_code, reason = "each story uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::wire::ticket::TicketState;
use desk::{Desk, LIMIT};
use lab::{Cluster, MariaDb, Proxy, Redis, Server, until};
use parts::Engine;
use sqlx::{Connection as _, MySqlConnection};
use std::time::{Duration, Instant};

const SLOW: &str =
    "INSERT INTO done (what) SELECT CONCAT('a', SLEEP(2)); INSERT INTO done (what) VALUES ('b')";
const C: &str = "INSERT INTO done (what) VALUES ('c')";

/// The desk's account as it should be: one that read-only and `max_connections` bind.
async fn is_nobody_special(store: &Server) -> Result<()> {
    store
        .sql(&format!(
            "REVOKE SUPER, READ ONLY ADMIN, CONNECTION ADMIN, BINLOG ADMIN ON *.* FROM '{}'@'%'",
            Server::USER
        ))
        .await
        .map(|_| ())
}

#[tokio::test]
async fn our_own_database_read_only_for_a_while_delays_work_and_loses_none() -> Result<()> {
    let engine = Engine::start().await?;
    is_nobody_special(&engine.desk.store).await?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    let (waiting, _) = engine.desk.wanted(&in_two_seconds()).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    engine.desk.store.sql("SET GLOBAL read_only = 1").await?;
    until("the statement in flight to end", LIMIT, || async {
        ensure!(engine.desk.done().await? == "a0", "it runs");
        Ok(())
    })
    .await?;
    until("somebody to be refused", LIMIT, || async {
        ensure!(engine.log().contains("read-only"), "{}", engine.log());
        Ok(())
    })
    .await?;
    assert_eq!(engine.desk.done().await?, "a0", "what can not be written down is not begun");
    engine.desk.store.sql("SET GLOBAL read_only = 0").await?;
    engine.reaches(ticket, TicketState::Done).await?;
    engine.reaches(waiting, TicketState::Done).await?;
    ran(&engine, "a0,b,c").await
}

#[tokio::test]
async fn our_own_database_out_of_connections_for_a_while_delays_work_and_loses_none() -> Result<()> {
    let engine = Engine::start().await?;
    is_nobody_special(&engine.desk.store).await?;
    let mut control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    let (waiting, _) = engine.desk.wanted(&in_two_seconds()).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    // A new control finds no connection at all; the one that works keeps those that it has.
    control.kill()?;
    engine.desk.store.sql("SET GLOBAL max_connections = 40").await?;
    let mut others = Vec::new();
    while let Ok(other) = MySqlConnection::connect(&engine.desk.store.url("desk")).await {
        others.push(other);
    }
    control.start_again()?;
    until("control to be turned away", LIMIT, || async {
        ensure!(engine.log().contains("Too many connections"), "{}", engine.log());
        Ok(())
    })
    .await?;
    drop(others);
    engine.reaches(ticket, TicketState::Done).await?;
    engine.reaches(waiting, TicketState::Done).await?;
    ran(&engine, "a0,b,c").await
}

#[tokio::test]
async fn a_network_that_drops_all_to_our_own_database_for_a_while_loses_nothing() -> Result<()> {
    let mut engine = Engine::start().await?;
    let proxy = Proxy::start(engine.desk.store.port()).await?;
    engine.store_at(proxy.port())?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    proxy.freeze();
    until("the statement in flight to end", LIMIT, || async {
        ensure!(engine.desk.done().await? == "a0", "it runs");
        Ok(())
    })
    .await?;
    proxy.cut();
    proxy.thaw();
    engine.reaches(ticket, TicketState::Done).await?;
    ran(&engine, "a0,b").await
}

#[tokio::test]
async fn our_own_database_fails_over_to_its_replica_and_running_and_waiting_work_goes_on() -> Result<()> {
    let Cluster { primary, mut replicas } = Cluster::start(1).await?;
    let replica = replicas.remove(0);
    let (target, redis) = tokio::try_join!(MariaDb::start(), Redis::start())?;
    let mut engine = Engine::of(Desk::with(Box::new(primary), Box::new(target)).await?, redis, (8, 4))?;
    let proxy = Proxy::start(engine.desk.store.port()).await?;
    engine.store_at(proxy.port())?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    let (waiting, _) = engine.desk.wanted(&in_two_seconds()).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    // All that was told is on the replica: what an asynchronous one lacks is lost with the primary.
    let position = engine.desk.store.sql("SELECT @@gtid_binlog_pos").await?;
    assert_eq!(replica.sql(&format!("SELECT MASTER_GTID_WAIT('{position}', 20)")).await?, "0");
    proxy.close();
    engine.desk.store.kill()?;
    replica
        .sql(&format!(
            "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0; ALTER USER '{}'@'%' IDENTIFIED BY '{}'",
            Server::USER,
            engine.desk.store.password()
        ))
        .await?;
    proxy.switch(replica.port());
    engine.desk.connect.port = proxy.port();
    engine.desk.pool = dbdesk_store::pool(&engine.desk.connect);
    engine.reaches(ticket, TicketState::Done).await?;
    engine.reaches(waiting, TicketState::Done).await?;
    ran(&engine, "a0,b,c").await
}

#[tokio::test]
async fn redis_that_stands_still_and_comes_back_empty_delays_nothing_and_loses_nothing() -> Result<()> {
    let mut engine = Engine::start().await?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    // It stands for longer than any wait for it; all of these come to their end meanwhile.
    engine.redis.freeze()?;
    let frozen = Instant::now();
    let mut through = 0;
    while frozen.elapsed() < Duration::from_secs(30) {
        let (next, _) = engine.desk.ticket(C).await?;
        engine.reaches(next, TicketState::Done).await?;
        through += 1;
    }
    engine.reaches(ticket, TicketState::Done).await?;
    engine.redis.thaw()?;
    println!("{through} tickets, one after the other, while Redis stood still for 30 s");
    let (next, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('d')").await?;
    engine.reaches(next, TicketState::Done).await?;
    let (next, _) = engine.desk.wanted(&in_two_seconds()).await?;
    engine.redis.restart_empty().await?;
    engine.reaches(next, TicketState::Done).await?;
    let rows = engine.desk.target.sql("SELECT what, COUNT(*) FROM shop.done GROUP BY what").await?;
    assert_eq!(rows, format!("a0\t1\nb\t1\nc\t{}\nd\t1", through + 1));
    Ok(())
}

#[tokio::test]
async fn two_seconds_of_latency_to_our_own_database_slow_work_down_and_change_nothing_else() -> Result<()> {
    let mut engine = Engine::start().await?;
    let proxy = Proxy::start(engine.desk.store.port()).await?;
    engine.store_at(proxy.port())?;
    let _control = engine.control()?;
    let (running, _) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    proxy.latency(Duration::from_secs(2));
    // Claimed, and its one statement written down, sent and written down, at some fifty round trips.
    let (next, _) = engine.desk.ticket(C).await?;
    for ticket in [running, next] {
        until("the ticket to be done all the same", 8 * LIMIT, || async {
            let (state, story) = (engine.desk.state(ticket).await?, engine.desk.story(ticket).await?);
            ensure!(state == TicketState::Done, "{state:?}; {story}\n{}", engine.log());
            Ok(())
        })
        .await?;
        let story = engine.desk.story(ticket).await?;
        ensure!(
            !story.contains("Silent") && !story.contains("waits"),
            "nobody is called silent or missing: {story}"
        );
    }
    ran(&engine, "a0,b,c").await
}

/// An hour more or less on the clock of a control and of the processes that it starts.
fn an_hour(engine: &Engine, off: &str) -> Result<lab::Process> {
    engine.control_in(&["faketime", "--exclude-monotonic", "-f", off])
}

#[tokio::test]
async fn a_control_whose_clock_is_an_hour_wrong_starts_nothing_early_and_nothing_late() -> Result<()> {
    let engine = Engine::start().await?;
    for off in ["-1h", "+1h"] {
        let mut control = an_hour(&engine, off)?;
        let far = desk::Wanted {
            due_in: chrono::TimeDelta::minutes(20),
            approval_lasts: chrono::TimeDelta::minutes(20),
            ..in_two_seconds()
        };
        let (later, _) = engine.desk.wanted(&far).await?;
        let (ticket, task) = engine.desk.wanted(&in_two_seconds()).await?;
        engine.reaches(ticket, TicketState::Done).await?;
        let row = engine.desk.task(task).await?;
        let (started, ended) = (row.started_at.context("it started")?, row.ended_at.context("it ended")?);
        ensure!(started >= row.due_at, "{off}: due at {}, started at {started}", row.due_at);
        ensure!(ended < desk::now() + chrono::TimeDelta::minutes(1), "{off}: ended at {ended}");
        assert_eq!(engine.desk.state(later).await?, TicketState::Scheduled, "neither started nor expired");
        ensure!(
            engine.log().contains("this machine's clock is not that of the database"),
            "{}",
            engine.log()
        );
        control.kill()?;
    }
    ran(&engine, "c,c").await
}

#[tokio::test]
async fn a_control_whose_store_vanished_without_a_word_begins_anew_as_the_same_process() -> Result<()> {
    let mut engine = Engine::start().await?;
    let proxy = Proxy::start(engine.desk.store.port()).await?;
    engine.store_at(proxy.port())?;
    let mut control = engine.control_told(&[("DBDESK__CONTROL__STUCK_MS", "5000")])?;
    let pid = control.pid();
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    proxy.freeze();
    until("control to see that it waits in vain", LIMIT, || async {
        ensure!(engine.log().contains("control starts itself anew"), "{}", engine.log());
        Ok(())
    })
    .await?;
    proxy.thaw();
    until("it to work again", LIMIT, || async {
        ensure!(engine.log().matches("control works").count() == 2, "{}", engine.log());
        Ok(())
    })
    .await?;
    ensure!(control.exited()?.is_none() && control.pid() == pid, "it ended");
    engine.reaches(ticket, TicketState::Done).await?;
    let (next, _) = engine.desk.ticket(C).await?;
    engine.reaches(next, TicketState::Done).await?;
    ran(&engine, "a0,b,c").await
}

/// A container: its process 1 waits for orphans, and ends with the command that it was given.
const CONTAINER: [&str; 9] =
    ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", "\"$@\" & wait $!", "sh"];

#[tokio::test]
async fn two_containers_of_one_name_on_one_machine_do_not_end_each_others_tasks() -> Result<()> {
    let room = tokio::process::Command::new(CONTAINER[0]).args(&CONTAINER[1..5]).arg("true").output().await?;
    if !room.status.success() {
        eprintln!("skipped: this account can not make a namespace of processes");
        return Ok(());
    }
    let engine = Engine::start().await?;
    let mut gate = MySqlConnection::connect(&engine.desk.target.url("shop")).await?;
    let closed: i64 = sqlx::query_scalar("SELECT GET_LOCK('gate', 0)").fetch_one(&mut gate).await?;
    ensure!(closed == 1, "the gate is not ours");
    let _one = engine.control_in(&CONTAINER)?;
    let waits = "INSERT INTO done (what) VALUES (CONCAT('a', GET_LOCK('gate', 60)))";
    let (ticket, _) = engine.desk.ticket(waits).await?;
    engine.desk.runs_on_target("gate").await?;
    // In the second one, the number of that process is nobody's.
    let _other = engine.control_in(&CONTAINER)?;
    until("each to see that it is not alone", LIMIT, || async {
        let told = engine.log().matches("another machine works under the name of this one").count();
        ensure!(told == 2, "told {told} times: {}", engine.log());
        Ok(())
    })
    .await?;
    let (next, _) = engine.desk.ticket(C).await?;
    engine.reaches(next, TicketState::Done).await?;
    assert_eq!(engine.desk.state(ticket).await?, TicketState::Running);
    gate.close().await?;
    engine.reaches(ticket, TicketState::Done).await?;
    ran(&engine, "a1,c").await
}

fn in_two_seconds() -> desk::Wanted<'static> {
    desk::Wanted { sql: C, due_in: chrono::TimeDelta::seconds(2), ..desk::Wanted::default() }
}

async fn ran(engine: &Engine, wanted: &str) -> Result<()> {
    let done = engine.desk.target.sql("SELECT GROUP_CONCAT(what ORDER BY what) FROM shop.done").await?;
    ensure!(done == wanted, "{done} ran, not {wanted}");
    Ok(())
}
