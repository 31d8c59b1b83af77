//! More rows than are kept at once are changed in chunks: each is kept and committed by itself.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[path = "desk/working.rs"]
mod working;

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::ticket::TicketState,
};
use dbdesk_components::mysql::{target::Session, undoable::Most};
use dbdesk_executor::run::{Backup, Ddl, Settings, Shelf, place};
use dbdesk_store::backup::{self, Bytes};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use dbdesk_undo::{
    restore,
    sealed::{Key, open},
};
use desk::{Beyond, Desk, LIMIT, Wanted};
use lab::{MariaDb, MySql, Server, until};
use sqlx::{Connection as _, Executor as _, MySqlConnection, mysql::MySqlConnectOptions};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use working::Working;

const ROWS: u64 = 3_000;
const MOST: u64 = 250;

fn key() -> Key {
    Key::of_hex(&"5a".repeat(32)).unwrap()
}

/// A desk with a table whose key has two columns.
async fn desk(target: Box<dyn std::ops::DerefMut<Target = Server>>) -> Result<Desk> {
    let desk = Desk::with(Box::new(MariaDb::start().await?), target).await?;
    desk.target
        .sql(&format!(
            "USE shop; CREATE TABLE shop.big (shop VARCHAR(20) NOT NULL, n INT NOT NULL, v INT NOT NULL, at DATETIME(6) NULL, \
             PRIMARY KEY (shop, n)) ENGINE = InnoDB CHARACTER SET utf8mb4; \
             INSERT INTO shop.big (shop, n, v) WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 99) \
             SELECT CONCAT('s', a.n % 7, IF(a.n % 2, 'É', 'e')), a.n * 100 + b.n, b.n FROM s a, s b WHERE a.n < {}",
            ROWS / 100
        ))
        .await?;
    Ok(desk)
}

/// Keeps so much at once.
fn settings(usual: Settings) -> Settings {
    let count = AtomicU64::new(0);
    let chance = Arc::new(move || {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&count.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        Some(nonce)
    });
    let most = Most { rows: MOST, bytes: 1 << 20 };
    let backup = Backup { key: key(), most, chance, shelf: Shelf::Database };
    let ddl = Ddl { chunk_ms: 60_000, ..Ddl::default() };
    Settings { backup: Some(backup), ddl, ..usual }
}

fn begins(desk: &Desk, made: (TicketId, TaskId)) -> Result<Working> {
    Working::begins(desk, made, settings)
}

async fn wanted(desk: &Desk, sql: &str) -> Result<(TicketId, TaskId)> {
    desk.wanted(&Wanted { sql, beyond: Beyond::OneChunk, ..Wanted::default() }).await
}

async fn sum(desk: &Desk) -> Result<String> {
    desk.target.sql("CHECKSUM TABLE shop.big").await
}

/// Takes back all that counts as done.
async fn undone(desk: &Desk, ticket: TicketId) -> Result<usize> {
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(desk.target.port())
        .username(Server::USER)
        .password(desk.target.password());
    let mut session = Session::open(&options, desk::SHOP, None, LIMIT).await?;
    let parts = backup::of_ticket(&desk.pool, ticket).await?;
    for of in parts.iter().rev() {
        let place = place(ticket, TaskId(of.task_id), of.part.statement, of.part.part);
        let Bytes::Here(sealed) = &of.part.bytes else { anyhow::bail!("it is elsewhere") };
        session.undo(&restore::steps(&open(sealed, &key(), &place)?, &[]).unwrap()).await?;
    }
    Ok(parts.len())
}

async fn chunks_are_kept_and_taken_back(desk: Desk) -> Result<()> {
    let before = sum(&desk).await?;
    for sql in [
        "UPDATE big SET v = v + 1, at = NOW(6) WHERE v >= 10",
        "DELETE FROM big WHERE v % 3 <> 1",
        "UPDATE shop.big AS b SET b.v = -1",
    ] {
        let working = begins(&desk, wanted(&desk, sql).await?)?;
        let (ticket, end) = working.ends().await?;
        let story = desk.story(ticket).await?;
        ensure!(end == TaskEnd::Succeeded && story.contains("InChunks"), "{story}");
        if sql.contains("NOW") {
            let moments = desk.target.sql("SELECT COUNT(DISTINCT at) FROM shop.big WHERE v > 10").await?;
            ensure!(moments == "1", "it is one moment in all of it: {moments}");
            ensure!(desk.target.sql("SELECT COUNT(*) FROM shop.big WHERE v = 10").await? == "0", "each once");
            ensure!(story.contains("done, 2700 rows"), "{story}");
        }
        ensure!(sum(&desk).await? != before);
        ensure!(undone(&desk, ticket).await? >= 8, "in parts of at most {MOST} rows");
        ensure!(sum(&desk).await? == before, "{sql}");
    }
    Ok(())
}

#[tokio::test]
async fn more_rows_than_are_kept_at_once_are_changed_in_chunks_and_taken_back() -> Result<()> {
    chunks_are_kept_and_taken_back(desk(Box::new(MariaDb::start().await?)).await?).await
}

#[tokio::test]
async fn so_they_are_on_mysql() -> Result<()> {
    chunks_are_kept_and_taken_back(desk(Box::new(MySql::start().await?)).await?).await
}

/// Waits until the seven chunks before it are committed, and the next one meets the lock.
async fn waits_behind(desk: &Desk, working: &Working) -> Result<()> {
    until("a chunk to meet the lock", LIMIT, || async {
        let found: Option<u32> = sqlx::query_scalar("SELECT chunks FROM chunk WHERE task_id = ?")
            .bind(working.task.0)
            .fetch_optional(&desk.pool)
            .await?;
        let list = desk.target.sql("SHOW FULL PROCESSLIST").await?;
        ensure!(found == Some(7) && list.contains("FOR UPDATE"), "{found:?} chunks: {list}");
        Ok(())
    })
    .await
}

/// A change of every row that was cancelled behind its seventh chunk.
async fn cancelled(desk: &Desk) -> Result<(TicketId, TaskId)> {
    let mut other = MySqlConnection::connect(&desk.target.url("shop")).await?;
    other.execute("START TRANSACTION").await?;
    other.fetch_all("SELECT * FROM big ORDER BY shop DESC, n DESC LIMIT 1 OFFSET 1000 FOR UPDATE").await?;
    let working = begins(desk, wanted(desk, "UPDATE big SET v = v + 1").await?)?;
    let task = working.task;
    waits_behind(desk, &working).await?;
    desk.wish(task, Wish::Cancel).await?;
    let (ticket, end) = working.ends().await?;
    let story = desk.story(ticket).await?;
    ensure!(end == TaskEnd::Cancelled && story.contains("ChunksStopped"), "{story}");
    other.execute("ROLLBACK").await?;
    Ok((ticket, task))
}

#[tokio::test]
async fn what_was_cancelled_between_chunks_goes_on_behind_them_and_all_is_taken_back() -> Result<()> {
    let desk = desk(Box::new(MariaDb::start().await?)).await?;
    let before = sum(&desk).await?;
    let (ticket, task) = cancelled(&desk).await?;
    let part = "SELECT SUM(v) FROM shop.big";
    let (stopped, rows): (u32, u64) = sqlx::query_as("SELECT chunks, row_count FROM chunk WHERE task_id = ?")
        .bind(task.0)
        .fetch_one(&desk.pool)
        .await?;
    let all = (0..ROWS).map(|n| n % 100).sum::<u64>();
    ensure!(desk.target.sql(part).await? == (all + rows).to_string(), "{stopped} chunks of {rows} rows");

    let again = begins(&desk, (ticket, desk.again(ticket, task).await?))?;
    let (_, end) = again.ends().await?;
    let story = desk.story(ticket).await?;
    ensure!(end == TaskEnd::Succeeded && desk.state(ticket).await? == TicketState::Done, "{story}");
    ensure!(desk.target.sql(part).await? == (all + ROWS).to_string(), "each row once: {story}");
    undone(&desk, ticket).await?;
    ensure!(sum(&desk).await? == before, "what both tasks did");
    Ok(())
}

#[tokio::test]
async fn a_pause_holds_between_two_chunks() -> Result<()> {
    let desk = desk(Box::new(MariaDb::start().await?)).await?;
    let mut other = MySqlConnection::connect(&desk.target.url("shop")).await?;
    other.execute("START TRANSACTION").await?;
    other.fetch_all("SELECT * FROM big ORDER BY shop DESC, n DESC LIMIT 1 OFFSET 1000 FOR UPDATE").await?;
    let working = begins(&desk, wanted(&desk, "UPDATE big SET v = v + 1").await?)?;
    let (ticket, task) = (working.ticket, working.task);
    waits_behind(&desk, &working).await?;
    desk.wish(task, Wish::Pause).await?;
    desk.reaches(ticket, TicketState::Paused).await?;
    other.execute("ROLLBACK").await?;
    let half = desk.target.sql("SELECT SUM(v) FROM shop.big").await?;
    desk.wish(task, Wish::Go).await?;
    let (_, end) = working.ends().await?;
    ensure!(end == TaskEnd::Succeeded, "{}", desk.story(ticket).await?);
    let all = (0..ROWS).map(|n| n % 100).sum::<u64>() + ROWS;
    ensure!(desk.target.sql("SELECT SUM(v) FROM shop.big").await? == all.to_string());
    ensure!(half.parse::<u64>().context("a sum")? < all);
    Ok(())
}

#[tokio::test]
async fn what_nobody_approved_in_chunks_changes_nothing() -> Result<()> {
    let desk = desk(Box::new(MariaDb::start().await?)).await?;
    let before = sum(&desk).await?;
    let sql = "UPDATE big SET v = v + 1";
    let wanted = desk.wanted(&Wanted { sql, beyond: Beyond::Nothing, ..Wanted::default() }).await?;
    let working = begins(&desk, wanted)?;
    let (ticket, end) = working.ends().await?;
    let story = desk.story(ticket).await?;
    ensure!(end == TaskEnd::Failed && story.contains("nobody has approved it so"), "{story}");
    ensure!(sum(&desk).await? == before);
    Ok(())
}

#[tokio::test]
async fn what_was_begun_in_chunks_never_runs_as_a_whole_nor_by_another_key() -> Result<()> {
    let desk = desk(Box::new(MariaDb::start().await?)).await?;
    let (ticket, task) = cancelled(&desk).await?;
    for change in [
        "DROP PRIMARY KEY, ADD PRIMARY KEY (n, shop)",
        // No row is more than is kept at once, and chunks are not possible.
        "MODIFY n FLOAT NOT NULL",
    ] {
        desk.target.sql(&format!("ALTER TABLE shop.big {change}")).await?;
        let before = sum(&desk).await?;
        let again = Working::begins(&desk, (ticket, desk.again(ticket, task).await?), |usual| {
            let Settings { backup, ddl, .. } = settings(usual.clone());
            let backup =
                backup.map(|backup| Backup { most: Most { rows: 10 * ROWS, ..backup.most }, ..backup });
            Settings { backup, ddl, ..usual }
        })?;
        let (_, end) = again.ends().await?;
        let story = desk.story(ticket).await?;
        ensure!(end == TaskEnd::Failed && story.contains("not as it was when it was begun"), "{story}");
        ensure!(sum(&desk).await? == before, "{change}");
    }
    Ok(())
}
