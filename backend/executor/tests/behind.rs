//! What keeps servers busy for long waits for a replica that is behind, says for which, and goes on when that has caught up or a DBA lets it.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[path = "desk/replicated.rs"]
mod replicated;
#[path = "desk/working.rs"]
mod working;

use anyhow::{Result, ensure};
use dbdesk_commands::wire::{live::Online, ticket::TicketState};
use dbdesk_components::mysql::undoable::Most;
use dbdesk_executor::run::{self, Backup, Ddl, Settings, Shelf};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use dbdesk_undo::sealed::Key;
use desk::{Beyond, Desk, Wanted};
use lab::until;
use replicated::Replicated;
use sqlx::{Connection as _, Executor as _, MySqlConnection};
use std::{sync::Arc, time::Duration};
use working::Working;

const LIMIT: Duration = Duration::from_mins(1);
/// A replica may be so far behind.
const MAX_LAG_MS: u64 = 2_000;
/// With a throttle that a DBA raised.
const A_DAY_MS: u64 = 86_400_000;

/// Rows that are numbered from 1 on.
async fn table(desk: &Desk, rows: u32) -> Result<()> {
    desk.target
        .sql(&format!(
            "USE shop; CREATE TABLE shop.big (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT NOT NULL DEFAULT 0) ENGINE = InnoDB; \
             INSERT INTO shop.big (v) WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 999) \
             SELECT 0 FROM s a, s b LIMIT {rows}"
        ))
        .await
        .map(drop)
}

fn known_behind(online: &Online) -> bool {
    online.lag_ms.is_some_and(|lag| lag > MAX_LAG_MS)
}

async fn copies(replicated: &Replicated) -> Result<Working> {
    let sql = "ALTER TABLE big ADD COLUMN more INT NULL";
    let made = replicated.desk.wanted(&Wanted { sql, online: true, ..Wanted::default() }).await?;
    let ddl =
        Ddl { chunk_ms: 10, max_lag_ms: MAX_LAG_MS, replica_wait_ms: 1_000, lock_tries: 2, ..Ddl::default() };
    Working::begins(&replicated.desk, made, |usual| Settings { ddl, ..usual })
}

#[tokio::test]
async fn a_copy_waits_for_a_replica_that_is_behind_until_it_caught_up_or_a_dba_lets_it() -> Result<()> {
    let replicated = Replicated::start().await?;
    let desk = &replicated.desk;
    table(desk, 400_000).await?;
    replicated.stops().await?;
    let working = copies(&replicated).await?;
    let unknown = |online: &Online| replicated.is_waited_for(online) && online.lag_ms.is_none();
    replicated.shows(&working, "it to wait for a replica that does not tell", unknown).await?;
    let copy = run::copy_name(working.ticket.0, working.task.0, 0);
    let count = format!("SELECT COUNT(*) FROM shop.`{copy}`");
    let goes_on = |from: String| {
        let (count, working) = (count.clone(), &working);
        async move {
            until("it to go on", LIMIT, || async {
                // Until it goes on there may be no copy at all.
                let rows = desk.target.sql(&count).await.unwrap_or_else(|_| "0".into());
                ensure!(rows != from, "{rows} rows, {}", desk.story(working.ticket).await?);
                Ok(rows)
            })
            .await
        }
    };

    replicated.catches_up().await?;
    let rows = goes_on("0".into()).await?;
    desk.wish(working.task, Wish::Pause).await?;
    desk.reaches(working.ticket, TicketState::Paused).await?;
    replicated.falls_behind().await?;
    // What the work has seen of it is up to a look old.
    replicated.is_behind(MAX_LAG_MS + 5_000).await?;
    let held = desk.target.sql(&count).await?;
    ensure!(held != rows && held != "400000", "{held} rows after {rows}: it went on, and was not done");
    desk.wish(working.task, Wish::Go).await?;
    let late = |online: &Online| replicated.is_waited_for(online) && known_behind(online);
    replicated.shows(&working, "it to wait for a replica that tells how late it is", late).await?;
    ensure!(desk.target.sql(&count).await? == held, "it copies although a replica is behind");
    replicated.may_be_behind(&working, A_DAY_MS).await?;
    goes_on(held).await?;
    let (ticket, end) = working.ends().await?;
    let story = desk.story(ticket).await?;
    ensure!(end == TaskEnd::Succeeded, "{story}");
    let instance = format!("127.0.0.1:{}", replicated.replica.port());
    ensure!(story.contains(&instance), "where the definition differs is told: {story}");
    ensure!(desk.target.sql("SELECT COUNT(more IS NULL) FROM shop.big").await? == "400000");
    Ok(())
}

/// A change of every row, in chunks of 1000.
async fn in_chunks(replicated: &Replicated) -> Result<Working> {
    let sql = "UPDATE big SET v = v + 1";
    let wanted = Wanted { sql, beyond: Beyond::OneChunk, ..Wanted::default() };
    let made = replicated.desk.wanted(&wanted).await?;
    Working::begins(&replicated.desk, made, |usual| {
        let key = Key::of_hex(&"5a".repeat(32)).unwrap();
        let most = Most { rows: 1_000, bytes: 1 << 20 };
        // One seal is made with the same nonce as the next: nobody opens them here.
        let backup = Backup { key, most, chance: Arc::new(|| Some([7; 12])), shelf: Shelf::Database };
        let ddl = Ddl { chunk_ms: 60_000, max_lag_ms: MAX_LAG_MS, ..Ddl::default() };
        Settings { backup: Some(backup), ddl, ..usual }
    })
}

const SUM: &str = "SELECT SUM(v) FROM shop.big";

#[tokio::test]
async fn no_chunk_begins_while_a_replica_is_behind_until_a_dba_lets_it() -> Result<()> {
    let replicated = Replicated::start().await?;
    let desk = &replicated.desk;
    replicated.falls_behind().await?;
    table(desk, 5_000).await?;
    replicated.is_behind(MAX_LAG_MS).await?;
    let working = in_chunks(&replicated).await?;
    let late =
        |online: &Online| replicated.is_waited_for(online) && known_behind(online) && online.chunk == Some(1);
    replicated.shows(&working, "it to wait before its first chunk", late).await?;
    ensure!(desk.target.sql(SUM).await? == "0", "a chunk was made although the replica is behind");
    replicated.may_be_behind(&working, A_DAY_MS).await?;
    let (ticket, end) = working.ends().await?;
    ensure!(end == TaskEnd::Succeeded, "{}", desk.story(ticket).await?);
    ensure!(desk.target.sql(SUM).await? == "5000", "each row once");
    Ok(())
}

#[tokio::test]
async fn chunks_wait_for_a_replica_that_falls_behind_and_go_on_by_themselves() -> Result<()> {
    let replicated = Replicated::start().await?;
    let desk = &replicated.desk;
    table(desk, 5_000).await?;
    let mut other = MySqlConnection::connect(&desk.target.url("shop")).await?;
    other.execute("START TRANSACTION").await?;
    other.fetch_all("SELECT * FROM big WHERE id = 3500 FOR UPDATE").await?;
    let working = in_chunks(&replicated).await?;
    until("a chunk to meet the lock", LIMIT, || async {
        let found: Option<u32> = sqlx::query_scalar("SELECT chunks FROM chunk WHERE task_id = ?")
            .bind(working.task.0)
            .fetch_optional(&desk.pool)
            .await?;
        let list = desk.target.sql("SHOW FULL PROCESSLIST").await?;
        ensure!(found == Some(3) && list.contains("FOR UPDATE"), "{found:?} chunks: {list}");
        Ok(())
    })
    .await?;
    replicated.falls_behind().await?;
    let late = |online: &Online| replicated.is_waited_for(online) && known_behind(online);
    replicated.shows(&working, "it to wait between two chunks", late).await?;
    other.execute("ROLLBACK").await?;
    ensure!(desk.target.sql(SUM).await? == "3000", "the chunks before the lock");
    replicated.catches_up().await?;
    let (ticket, end) = working.ends().await?;
    ensure!(end == TaskEnd::Succeeded, "{}", desk.story(ticket).await?);
    ensure!(desk.target.sql(SUM).await? == "5000", "each row once");
    Ok(())
}
