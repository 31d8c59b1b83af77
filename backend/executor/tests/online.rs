//! Large tables are changed by pt-online-schema-change while everybody works with them.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Result, ensure};
use dbdesk_commands::id::{TaskId, TicketId};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Ddl, Outcome, Settings},
};
use dbdesk_store::task;
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use desk::{Desk, Wanted, clock};
use lab::{Server, until};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};

const LIMIT: Duration = Duration::from_mins(1);

/// A desk, and a table of so many rows.
async fn desk(rows: u32) -> Result<Desk> {
    let desk = Desk::start().await?;
    desk.target
        .sql(&format!(
            "USE shop; CREATE TABLE shop.big (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT NULL, note VARCHAR(60) NOT NULL DEFAULT '', \
             KEY idx_v (v)) ENGINE = InnoDB; \
             INSERT INTO shop.big (v, note) SELECT seq % 1000, REPEAT('x', seq % 60) FROM seq_1_to_{rows}"
        ))
        .await?;
    Ok(desk)
}

struct Working {
    ticket: TicketId,
    task: TaskId,
    ends: JoinHandle<Result<Outcome>>,
    _stop: watch::Sender<bool>,
}

impl Working {
    async fn ends(self) -> Result<(TicketId, TaskEnd)> {
        match tokio::time::timeout(LIMIT, self.ends).await??? {
            Outcome::Ended(end) => Ok((self.ticket, end)),
            other => anyhow::bail!("{other:?}"),
        }
    }
}

async fn begins(desk: &Desk, sql: &str, ddl: Ddl) -> Result<Working> {
    let state = tempfile::tempdir()?;
    let (ticket, task) = desk.wanted(&Wanted { sql, online: true, ..Wanted::default() }).await?;
    let password = desk.target.password().to_owned();
    let account = Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
    let settings =
        Settings { ddl, ..Settings::usual(desk.connect.clone(), account, state.path().to_owned()) };
    let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
    let (stop, stopped) = watch::channel(false);
    let by = process::claimant("here", std::process::id())?;
    let ends = tokio::spawn(async move {
        let outcome = run::run(task, by, pen, settings, clock(), stopped).await;
        drop(state);
        Ok(outcome?)
    });
    Ok(Working { ticket, task, ends, _stop: stop })
}

async fn works(desk: &Desk, sql: &str) -> Result<(TicketId, TaskEnd)> {
    begins(desk, sql, Ddl::default()).await?.ends().await
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

async fn copies(desk: &Desk, copy: &str) -> Result<()> {
    until("rows to be copied", LIMIT, || async {
        let found = desk.target.sql(&format!("SELECT COUNT(*) > 100 FROM shop.`{copy}`")).await?;
        ensure!(found == "1", "none yet");
        Ok(())
    })
    .await
}

fn copy_of(working: &Working) -> String {
    run::copy_name(working.ticket.0, working.task.0, 0)
}

#[tokio::test]
async fn a_table_is_changed_under_writes_and_no_row_is_lost() -> Result<()> {
    let desk = desk(60_000).await?;
    let pool = sqlx::MySqlPool::connect(&desk.target.url("shop")).await?;
    let (stop, stopped) = watch::channel(false);
    let writing = tokio::spawn(async move {
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
                    if !error.to_string().contains("Deadlock") {
                        return Err(error);
                    }
                }
            }
            written += 1;
        }
        Ok::<_, sqlx::Error>(written)
    });
    let (ticket, end) = works(
        &desk,
        "ALTER TABLE big ADD COLUMN more INT NULL, MODIFY note VARCHAR(80) NOT NULL DEFAULT 'y'",
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
    nothing_is_left(&desk).await?;
    let old = desk.target.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'dbdesk_set_aside' AND table_name LIKE '%old\\_big'").await?;
    assert_eq!(old, "1", "the old table is set aside");
    Ok(())
}

#[tokio::test]
async fn it_is_paused_goes_on_and_is_cancelled_without_a_trace() -> Result<()> {
    let desk = desk(400_000).await?;
    let before = desk.target.sql("SHOW CREATE TABLE shop.big").await?;
    let slow = Ddl { chunk_ms: 10, ..Ddl::default() };
    let working = begins(&desk, "ALTER TABLE big ADD COLUMN more INT NULL", slow).await?;
    let (task, copy) = (working.task, copy_of(&working));
    copies(&desk, &copy).await?;
    wish(&desk, task, Wish::Pause).await?;
    until("it to be paused", LIMIT, || async {
        let state: String = sqlx::query_scalar("SELECT state FROM task WHERE id = ?")
            .bind(task.0)
            .fetch_one(&desk.pool)
            .await?;
        ensure!(state == "paused", "it is {state}");
        Ok(())
    })
    .await?;
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
    wish(&desk, task, Wish::Cancel).await?;
    let (ticket, end) = working.ends().await?;
    assert_eq!(end, TaskEnd::Cancelled, "{}", desk.story(ticket).await?);
    assert_eq!(desk.target.sql("SHOW CREATE TABLE shop.big").await?, before);
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
