//! Large tables are changed by pt-online-schema-change while everybody works with them.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[path = "desk/working.rs"]
mod working;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{
        cut_over::CutOver,
        live::{Online, OnlineWaits, Progress},
        task::TaskState,
        throttle::{Limits, Throttle},
    },
};
use dbdesk_components::osc::Pt;
use dbdesk_executor::run::{self, Ddl, Settings};
use dbdesk_store::task;
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use desk::{Desk, Wanted, now};
use lab::{MariaDb, MySql, until};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};
use working::Working;

const LIMIT: Duration = Duration::from_mins(1);

/// A desk, and a table of so many rows.
async fn desk(rows: u32) -> Result<Desk> {
    let desk = Desk::start().await?;
    table(&desk, rows).await?;
    Ok(desk)
}

async fn table(desk: &Desk, rows: u32) -> Result<()> {
    desk.target
        .sql(&format!(
            "USE shop; CREATE TABLE shop.big (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT NULL, note VARCHAR(60) NOT NULL DEFAULT '', \
             KEY idx_v (v)) ENGINE = InnoDB; \
             INSERT INTO shop.big (v, note) WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 999) \
             SELECT a.n, REPEAT('x', b.n % 60) FROM s a, s b LIMIT {rows}"
        ))
        .await
        .map(drop)
}

async fn begins(desk: &Desk, sql: &str, ddl: Ddl) -> Result<Working> {
    let made = desk.wanted(&Wanted { sql, online: true, ..Wanted::default() }).await?;
    Working::begins(desk, made, |usual| Settings { ddl, ..usual })
}

async fn works(desk: &Desk, sql: &str) -> Result<(TicketId, TaskEnd)> {
    begins(desk, sql, Ddl::default()).await?.ends().await
}

/// A DBA sets the limits of the ticket.
async fn throttle(desk: &Desk, working: &Working, max_load: Option<u32>) -> Result<()> {
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    let throttle = Throttle { max_lag_ms: None, max_load };
    dbdesk_store::ticket::throttle(&mut tx, working.ticket, throttle).await?;
    Ok(tx.commit().await?)
}

/// A DBA says when the copy takes the table's place.
async fn cut_over(desk: &Desk, working: &Working, when: CutOver) -> Result<()> {
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    ensure!(dbdesk_store::cut_over::ask(&mut tx, working.task, when).await?, "it is too late");
    Ok(tx.commit().await?)
}

/// All is copied, and the copy waits for a DBA.
async fn awaits(desk: &Desk, working: &Working) -> Result<u64> {
    let held = |_: &Progress, online: &Online| online.waits == Some(OnlineWaits::CutOver);
    shows(desk, working, "it to wait for its cut-over", held).await
}

async fn is_in_state(desk: &Desk, task: TaskId, wanted: TaskState) -> Result<()> {
    until(&format!("it to be {}", wanted.word()), LIMIT, || async {
        let state = desk.task(task).await?.state;
        ensure!(state == wanted, "it is {}", state.word());
        Ok(())
    })
    .await
}

/// How the change is shown, as soon as it fits. Gives for how long it runs by then.
async fn shows(
    desk: &Desk,
    working: &Working,
    what: &str,
    fits: impl Fn(&Progress, &Online) -> bool,
) -> Result<u64> {
    until(what, LIMIT, || async {
        let live = dbdesk_store::live::of_ticket(&desk.pool, working.ticket).await?;
        let (_, progress) = live.first().context("nothing is shown")?;
        let online = progress.online.clone().context("it is not online")?;
        ensure!(fits(progress, &online), "it shows {progress:?}");
        Ok(progress.elapsed_ms)
    })
    .await
}

/// Statements that do nothing for long, so many at once.
async fn load(desk: &Desk, threads: usize) -> Result<tokio::task::JoinSet<()>> {
    let mut busy = tokio::task::JoinSet::new();
    for _ in 0..threads {
        let url = desk.target.url("shop");
        busy.spawn(async move {
            if let Ok(pool) = sqlx::MySqlPool::connect(&url).await {
                let _ = sqlx::query("SELECT SLEEP(300)").execute(&pool).await;
            }
        });
    }
    until("the load to be there", LIMIT, || async {
        let running = desk
            .target
            .sql("SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'SELECT SLEEP(300)'")
            .await?;
        ensure!(running == threads.to_string(), "{running} run");
        Ok(())
    })
    .await?;
    Ok(busy)
}

/// What the tool must never leave.
async fn nothing_is_left(desk: &Desk) -> Result<()> {
    let left = desk
        .target
        .sql(
            "SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = 'shop' UNION ALL \
             SELECT CONCAT('table ', table_name) FROM information_schema.tables WHERE table_schema = 'shop' AND table_name NOT IN ('big', 'done')",
        )
        .await?;
    ensure!(left.is_empty(), "there is left: {left}");
    Ok(())
}

async fn wish(desk: &Desk, task: TaskId, wish: Wish) -> Result<()> {
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    ensure!(task::wish(&mut tx, task, wish).await?);
    tx.commit().await?;
    Ok(())
}

async fn copies(desk: &Desk, task: TaskId, copy: &str) -> Result<()> {
    until("rows to be copied", LIMIT, || async {
        let found = desk.target.sql(&format!("SELECT COUNT(*) > 100 FROM shop.`{copy}`")).await;
        ensure!(
            found.is_ok_and(|found| found == "1"),
            "none yet, it is {}",
            desk.task(task).await?.state.word()
        );
        Ok(())
    })
    .await
}

async fn without_counter(desk: &Desk) -> Result<String> {
    Ok(dbdesk_undo::definition::comparable(&desk.target.sql("SHOW CREATE TABLE shop.big").await?))
}

fn copy_of(working: &Working) -> String {
    run::copy_name(working.ticket.0, working.task.0, 0)
}

/// Writes into the table until it is stopped; gives how often. Any error but a deadlock is one.
fn writes(desk: &Desk) -> (watch::Sender<bool>, JoinHandle<Result<u32>>) {
    let url = desk.target.url("shop");
    let (stop, stopped) = watch::channel(false);
    let writing = tokio::spawn(async move {
        let pool = sqlx::MySqlPool::connect(&url).await?;
        let mut written = 0_u32;
        while !*stopped.borrow() {
            let id = written + 1;
            for sql in [
                format!("INSERT INTO big (v, note) VALUES ({written}, 'new')"),
                format!("UPDATE big SET note = 'set' WHERE id = {id}"),
                format!("DELETE FROM big WHERE id = {id} + 30000"),
            ] {
                // The tool's chunk and a write may deadlock: an application tries again, as it must anyway.
                while let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&pool).await {
                    let error = error.to_string();
                    // Nor does one know of it that meets the swap (so with the bare tool): it was not acknowledged.
                    let meets_swap = error.contains("1146") && error.contains("_dbdesk_t");
                    ensure!(error.contains("Deadlock") || meets_swap, "{sql}: {error}");
                }
            }
            written += 1;
        }
        Ok(written)
    });
    (stop, writing)
}

#[tokio::test]
async fn a_table_is_changed_under_writes_and_no_row_is_lost() -> Result<()> {
    let desk = desk(60_000).await?;
    let (stop, writing) = writes(&desk);
    let (ticket, end) = works(
        &desk,
        "ALTER TABLE big ADD COLUMN more INT NULL COMMENT '价格 é', MODIFY note VARCHAR(80) NOT NULL DEFAULT 'y'",
    )
    .await?;
    stop.send_replace(true);
    let written = writing.await??;
    assert_eq!(end, TaskEnd::Succeeded, "{}", desk.story(ticket).await?);
    let found = desk
        .target
        .sql("SELECT CONCAT_WS(' ', COUNT(*), SUM(note = 'new'), SUM(note = 'set')) FROM shop.big")
        .await?;
    assert!(written > 3, "{written} writes in all");
    assert_eq!(found, format!("60000 {written} {written}"));
    let comment = "SELECT HEX(CONVERT(column_comment USING utf8mb4)) FROM information_schema.columns WHERE table_name = 'big' \
                   AND table_schema = 'shop' AND column_name = 'more'";
    let comment = desk.target.sql(comment).await?;
    assert_eq!(comment, "E4BBB7E6A0BC20C3A9", "every letter comes through the tool");
    nothing_is_left(&desk).await?;
    let old = desk.target.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'dbdesk_set_aside' AND table_name LIKE '%old\\_big'").await?;
    assert_eq!(old, "1", "the old table is set aside");
    Ok(())
}

#[tokio::test]
async fn it_is_paused_goes_on_and_is_cancelled_without_a_trace() -> Result<()> {
    let desk = desk(400_000).await?;
    let before = without_counter(&desk).await?;
    let slow = Ddl { chunk_ms: 10, ..Ddl::default() };
    let working = begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", slow).await?;
    let (task, copy) = (working.task, copy_of(&working));
    copies(&desk, task, &copy).await?;
    wish(&desk, task, Wish::Pause).await?;
    is_in_state(&desk, task, TaskState::Paused).await?;
    let count = format!("SELECT COUNT(*) FROM shop.`{copy}`");
    // The chunk under way may still end.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let rows = desk.target.sql(&count).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(desk.target.sql(&count).await?, rows, "it copies although it is paused");
    wish(&desk, task, Wish::Go).await?;
    until("it to go on", LIMIT, || async {
        ensure!(desk.target.sql(&count).await? != rows, "it stands still");
        Ok(())
    })
    .await?;
    let (stop, writing) = writes(&desk);
    wish(&desk, task, Wish::Cancel).await?;
    let (ticket, end) = working.ends().await?;
    assert_eq!(end, TaskEnd::Cancelled, "{}", desk.story(ticket).await?);
    stop.send_replace(true);
    assert!(writing.await?? > 0, "and no write has failed");
    assert_eq!(without_counter(&desk).await?, before);
    nothing_is_left(&desk).await
}

#[tokio::test]
async fn it_waits_above_the_load_that_a_dba_sets_until_he_sets_more() -> Result<()> {
    let desk = desk(400_000).await?;
    let _busy = load(&desk, 6).await?;
    let slow = Ddl { chunk_ms: 10, ..Ddl::default() };
    let working = begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", slow).await?;
    let copy = copy_of(&working);
    copies(&desk, working.task, &copy).await?;
    throttle(&desk, &working, Some(4)).await?;
    let waits = |online: &Online| {
        let limits = Limits { max_lag_ms: 5_000, max_load: 4 };
        online.waits == Some(OnlineWaits::Load) && online.limits == Some(limits)
    };
    let since = shows(&desk, &working, "it to wait", |_, online| waits(online)).await?;
    let later = |after_ms| {
        let stands = move |progress: &Progress, online: &Online| {
            progress.elapsed_ms > since + after_ms && waits(online)
        };
        shows(&desk, &working, "it to wait on", stands)
    };
    // The chunk under way may still end.
    later(1_000).await?;
    let count = format!("SELECT COUNT(*) FROM shop.`{copy}`");
    let rows = desk.target.sql(&count).await?;
    later(2_500).await?;
    assert_eq!(desk.target.sql(&count).await?, rows, "it copies although too much runs");
    throttle(&desk, &working, Some(100)).await?;
    let (ticket, end) = working.ends().await?;
    assert_eq!(end, TaskEnd::Succeeded, "{}", desk.story(ticket).await?);
    assert_eq!(desk.target.sql("SELECT COUNT(more IS NULL) FROM shop.big").await?, "400000");
    nothing_is_left(&desk).await
}

#[tokio::test]
async fn a_held_copy_follows_every_write_until_a_dba_lets_it_take_the_table_s_place() -> Result<()> {
    let desk = desk(60_000).await?;
    let before = without_counter(&desk).await?;
    let working = begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", Ddl::default()).await?;
    let task = working.task;
    cut_over(&desk, &working, CutOver::Hold).await?;
    let since = awaits(&desk, &working).await?;
    let (stop, writing) = writes(&desk);
    wish(&desk, task, Wish::Pause).await?;
    is_in_state(&desk, task, TaskState::Paused).await?;
    wish(&desk, task, Wish::Go).await?;
    is_in_state(&desk, task, TaskState::Running).await?;
    let held = |progress: &Progress, online: &Online| {
        progress.elapsed_ms > since + 2_000 && online.waits == Some(OnlineWaits::CutOver)
    };
    shows(&desk, &working, "it to wait on", held).await?;
    assert_eq!(without_counter(&desk).await?, before, "it is held");
    let told = desk.story(working.ticket).await?;
    assert_eq!(told.matches("CutOverAwaited").count(), 1, "{told}");
    cut_over(&desk, &working, CutOver::Now).await?;
    let (ticket, end) = working.ends().await?;
    stop.send_replace(true);
    let written = writing.await??;
    assert_eq!(end, TaskEnd::Succeeded, "{}", desk.story(ticket).await?);
    let found = "SELECT CONCAT_WS(' ', COUNT(*), SUM(note = 'new'), SUM(note = 'set'), SUM(more IS NULL)) FROM shop.big";
    assert!(written > 3, "{written} writes in all");
    assert_eq!(desk.target.sql(found).await?, format!("60000 {written} {written} 60000"));
    nothing_is_left(&desk).await
}

#[tokio::test]
async fn a_held_copy_is_cancelled_without_a_trace() -> Result<()> {
    let desk = desk(20_000).await?;
    let before = without_counter(&desk).await?;
    let working = begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", Ddl::default()).await?;
    cut_over(&desk, &working, CutOver::Hold).await?;
    awaits(&desk, &working).await?;
    let triggers = "SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = 'shop'";
    assert_eq!(desk.target.sql(triggers).await?, "3", "it follows changes");
    wish(&desk, working.task, Wish::Cancel).await?;
    let (ticket, end) = working.ends().await?;
    assert_eq!(end, TaskEnd::Cancelled, "{}", desk.story(ticket).await?);
    assert_eq!(without_counter(&desk).await?, before);
    nothing_is_left(&desk).await
}

#[tokio::test]
async fn what_waits_for_a_quiet_window_is_let_go_by_a_dba() -> Result<()> {
    let desk = desk(5_000).await?;
    // Not at this hour.
    let from = (now() + TimeDelta::hours(6)).format("%H:%M").to_string();
    let to = (now() + TimeDelta::hours(7)).format("%H:%M").to_string();
    let spec = format!(
        "UPDATE service_group SET spec = JSON_SET(spec, '$.time_zone', 'UTC', '$.quiet', JSON_ARRAY(JSON_OBJECT('from', '{from}', 'to', '{to}')))"
    );
    sqlx::query(sqlx::AssertSqlSafe(spec)).execute(&desk.pool).await?;
    let working = begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", Ddl::default()).await?;
    cut_over(&desk, &working, CutOver::Quiet).await?;
    let waits = |_: &Progress, online: &Online| online.waits == Some(OnlineWaits::QuietWindow);
    shows(&desk, &working, "it to wait for the window", waits).await?;
    cut_over(&desk, &working, CutOver::Now).await?;
    let (ticket, end) = working.ends().await?;
    let story = desk.story(ticket).await?;
    assert_eq!(end, TaskEnd::Succeeded, "{story}");
    assert!(story.contains("CutOverHeld"), "{story}");
    nothing_is_left(&desk).await
}

#[tokio::test]
async fn what_would_lose_rows_or_values_is_refused_and_leaves_nothing() -> Result<()> {
    let desk = desk(5_000).await?;
    let before = desk.target.sql("SHOW CREATE TABLE shop.big").await?;
    let rows = desk.target.sql("CHECKSUM TABLE shop.big").await?;
    for (sql, why) in [
        ("ALTER TABLE big ADD UNIQUE KEY uniq_v (v)", "rows repeat in (`v`)"),
        ("ALTER TABLE big MODIFY note VARCHAR(10) NOT NULL DEFAULT ''", "a value does not fit"),
        ("ALTER TABLE big CHANGE v w INT NULL", "lose the values of a column that is renamed"),
        ("ALTER TABLE big DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)", "can not drop it"),
    ] {
        let (ticket, end) = works(&desk, sql).await?;
        let story = desk.story(ticket).await?;
        assert_eq!(end, TaskEnd::Failed, "{story}");
        assert!(story.contains(why), "{sql}: {story}");
        nothing_is_left(&desk).await?;
    }
    assert_eq!(desk.target.sql("SHOW CREATE TABLE shop.big").await?, before);
    assert_eq!(desk.target.sql("CHECKSUM TABLE shop.big").await?, rows);
    desk.target.sql("CREATE TRIGGER shop.tr AFTER DELETE ON shop.big FOR EACH ROW SET @x = 1").await?;
    let (ticket, _) = works(&desk, "ALTER TABLE big ADD COLUMN more INT NULL").await?;
    assert!(desk.story(ticket).await?.contains("has the trigger tr"));
    Ok(())
}

#[tokio::test]
async fn mysql_is_changed_by_the_tool_that_speaks_to_it() -> Result<()> {
    let (store, target, program) = tokio::try_join!(MariaDb::start(), MySql::start(), MySql::online_tool())?;
    let desk = Desk::with(Box::new(store), Box::new(target)).await?;
    table(&desk, 500_000).await?;
    let tool = Arc::new(Pt::at(&program.display().to_string()));
    let ddl = || Ddl { tool: tool.clone(), ..Ddl::default() };
    let working =
        begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", Ddl { chunk_ms: 10, ..ddl() }).await?;
    copies(&desk, working.task, &copy_of(&working)).await?;
    wish(&desk, working.task, Wish::Cancel).await?;
    let (ticket, end) = working.ends().await?;
    assert_eq!(end, TaskEnd::Cancelled, "{}", desk.story(ticket).await?);
    nothing_is_left(&desk).await?;
    let (ticket, end) =
        begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", ddl()).await?.ends().await?;
    assert_eq!(end, TaskEnd::Succeeded, "{}", desk.story(ticket).await?);
    assert_eq!(desk.target.sql("SELECT COUNT(more IS NULL) FROM shop.big").await?, "500000");
    nothing_is_left(&desk).await
}
