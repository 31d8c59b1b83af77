//! The scripts that ship with the desk, on a real MariaDB and a real MySQL.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::wire::{entry::Event, task::TaskKind};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Outcome, Scripting, Settings},
    scripts::{self, Script},
};
use dbdesk_script::{Request, Run, run::values};
use dbdesk_store::{entry, revision::Effect, script_artifact, task_line};
use dbdesk_ticket::machine::TaskEnd;
use desk::{Desk, LIMIT, Wanted, clock};
use lab::{MariaDb, MySql, Server, until};
use serde_json::{Value, json};
use sqlx::{Connection as _, MySqlConnection};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::watch;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts")
}

/// Runs one of them with this; gives how it ended, and what it says at last.
async fn runs(desk: &Desk, name: &str, given: Value) -> Result<String> {
    let folder = shipped();
    let Script { manifest, hash, .. } =
        scripts::script(&folder, name).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let parameters =
        values(&manifest, &serde_json::from_value(given)?).map_err(|said| anyhow::anyhow!(said.en))?;
    let run = Run {
        script: name.to_owned(),
        title: manifest.title,
        run: manifest.run,
        files: hash,
        group: desk::SHOP.to_owned(),
        environment: "production".to_owned(),
        parameters,
        secrets: manifest.secrets,
        time_limit_s: manifest.time_limit_s,
        memory_mb: manifest.memory_mb,
    };
    let effect = Effect { kind: TaskKind::Script, touches: Some([].into()), repeatable: false, script: None };
    let (ticket, task) = desk.wanted(&Wanted { sql: &run.text(), effect, ..Wanted::default() }).await?;
    sqlx::query("UPDATE ticket_revision SET request = ? WHERE ticket_id = ?")
        .bind(serde_json::to_string(&Request::Script(run))?)
        .bind(ticket.0)
        .execute(&desk.pool)
        .await?;
    sqlx::query("UPDATE task SET total = 1 WHERE id = ?").bind(task.0).execute(&desk.pool).await?;
    let (password, state) = (desk.target.password().to_owned(), tempfile::tempdir()?);
    let user = Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
    let warden = PathBuf::from(env!("CARGO_BIN_EXE_dbdesk-warden"));
    let settings = Settings {
        scripting: Some(Arc::new(Scripting { folder, warden, grace_ms: 500 })),
        ..Settings::usual(desk.connect.clone(), user, state.path().to_owned())
    };
    let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
    let (_stop, stopped) = watch::channel(false);
    let by = process::claimant("here", std::process::id())?;
    let outcome = Box::pin(run::run(task, by, pen, settings, clock(), stopped)).await?;
    let mut told = String::new();
    if !matches!(outcome, Outcome::Ended(TaskEnd::Succeeded)) {
        let _ = writeln!(told, "{outcome:?}");
        for line in task_line::after(&desk.pool, task, 0, 100).await? {
            let _ = writeln!(told, "| {}", line.text);
        }
    }
    for entry in entry::after(&desk.pool, ticket, 0, 100).await? {
        if let Event::ScriptResult { summary, data } = entry.event {
            let _ = writeln!(told, "{summary}\n{}", data.context("data")?);
        }
    }
    for (_, artifact) in script_artifact::of_ticket(&desk.pool, ticket, None).await? {
        let _ = write!(told, "{}\n{}", artifact.name, String::from_utf8(artifact.content)?.replace('\r', ""));
    }
    Ok(told)
}

const TABLES: &str = "CREATE TABLE shop.small (id TINYINT NOT NULL AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 101; \
    CREATE TABLE shop.large (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, a INT, b INT, c VARCHAR(200), \
    KEY idx_a (a), KEY idx_a_b (a, b), UNIQUE KEY uniq_b (b), KEY idx_b (b), KEY idx_c (c(10)), KEY idx_a2 (a)); \
    INSERT INTO shop.large (a, b, c) VALUES (1, 1, 'x'), (2, 2, 'y');";

/// What differs from server to server and from run to run.
fn plain(told: &str) -> String {
    told.lines()
        .map(|line| {
            let words: Vec<String> = line
                .split(' ')
                .map(|word| {
                    if word.parse::<f64>().is_ok_and(|number| number > 1_000.0) {
                        "…".to_owned()
                    } else {
                        word.to_owned()
                    }
                })
                .collect();
            words.join(" ") + "\n"
        })
        .collect()
}

async fn on(target: Box<dyn std::ops::DerefMut<Target = Server>>, name: &str) -> Result<()> {
    let desk = Desk::with(Box::new(MariaDb::start().await?), target).await?;
    desk.target.sql(TABLES).await?;
    desk.target.sql("ANALYZE TABLE shop.small, shop.large").await?;
    let mut told = String::new();
    let sizes = runs(&desk, "table-sizes", json!({ "database": "shop", "most": 2 })).await?;
    ensure!(sizes.starts_with("2 tables, ") && sizes.contains("table,rows,data_bytes"), "{name}: {sizes}");
    ensure!(sizes.contains("large,2,"), "{name}: {sizes}");
    told += "## duplicate-keys\n";
    told += &runs(&desk, "duplicate-keys", json!({ "database": "shop" })).await?;
    told += "## auto-increment-room\n";
    told += &runs(&desk, "auto-increment-room", json!({ "database": "shop", "used": 50 })).await?;

    let mut open = MySqlConnection::connect(&desk.target.url("shop")).await?;
    sqlx::raw_sql("BEGIN").execute(&mut open).await?;
    sqlx::query("UPDATE large SET c = 'z' WHERE id = 1").execute(&mut open).await?;
    until("a transaction to be open for a second", LIMIT, || async {
        let long = runs(&desk, "long-transactions", json!({ "longer_than": "1s" })).await?;
        ensure!(
            long.starts_with("1 transactions\nconnection ") && long.contains("1 changed"),
            "{name}: {long}"
        );
        Ok(())
    })
    .await?;
    sqlx::raw_sql("ROLLBACK").execute(&mut open).await?;

    kills(&desk, name).await?;
    insta::with_settings!({ snapshot_suffix => name }, { insta::assert_snapshot!(plain(&told)) });
    Ok(())
}

/// Somebody else's query is ended, and only that; the desk's own account is left alone.
async fn kills(desk: &Desk, name: &str) -> Result<()> {
    desk.target
        .sql("CREATE USER app@'%' IDENTIFIED BY 'app-pw-123'; GRANT SELECT ON shop.* TO app@'%'")
        .await?;
    let url =
        desk.target.url("shop").replace(Server::USER, "app").replace(desk.target.password(), "app-pw-123");
    let sleeps = |mark: u32, url: String| {
        tokio::spawn(async move {
            let mut one = MySqlConnection::connect(&url).await?;
            let text = format!("SELECT SLEEP(60), {mark} FROM shop.large LIMIT 1");
            sqlx::query(sqlx::AssertSqlSafe(text)).execute(&mut one).await.map(drop)
        })
    };
    let (hit, left) = (sleeps(424_242, url.clone()), sleeps(515_151, url));
    let own = sleeps(424_242, desk.target.url("shop"));
    desk.runs_on_target("515151").await?;
    desk.runs_on_target("424242").await?;
    let asked = |more: Value| {
        let mut given = json!({ "text": "424242", "longer_than": "1s" });
        if let (Some(given), Some(more)) = (given.as_object_mut(), more.as_object()) {
            given.extend(more.clone());
        }
        given
    };
    until("the query to run for a second", LIMIT, || async {
        let dry = runs(desk, "kill-queries", asked(json!({ "dry": "yes" }))).await?;
        ensure!(dry.starts_with("1 queries would be ended\nconnection "), "{name}: {dry}");
        Ok(())
    })
    .await?;
    ensure!(!hit.is_finished(), "dry ends nothing");
    let none = runs(desk, "kill-queries", asked(json!({ "user": "nobody" }))).await?;
    ensure!(none.starts_with("0 queries ended"), "{name}: {none}");
    let ended = runs(desk, "kill-queries", asked(json!({}))).await?;
    ensure!(ended.starts_with("1 queries ended"), "{name}: {ended}");
    let _ = tokio::time::timeout(LIMIT, hit).await.context("it goes on")?;
    ensure!(!left.is_finished() && !own.is_finished(), "{name}: others were ended");
    left.abort();
    own.abort();
    Ok(())
}

#[tokio::test]
async fn on_mariadb() -> Result<()> {
    on(Box::new(MariaDb::start().await?), "mariadb").await
}

#[tokio::test]
async fn on_mysql() -> Result<()> {
    on(Box::new(MySql::start().await?), "mysql").await
}

#[test]
fn each_can_be_run_and_carries_the_same_copy_of_the_protocol() -> Result<()> {
    let names = scripts::names(&shipped()).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    ensure!(names.len() == 5, "{names:?}");
    let mut copies = std::collections::BTreeSet::new();
    for name in names {
        let script = scripts::script(&shipped(), &name).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
        let copy = script.files.iter().find(|file| file.path == "desk.py").context("a copy")?;
        copies.insert(copy.bytes.clone());
    }
    ensure!(copies.len() == 1, "the copies of desk.py differ");
    Ok(())
}
