//! The audit log finds what was done to it past the desk.

use crate::{at, connected};
use anyhow::{Result, ensure};
use dbdesk_commands::{
    id::PersonId,
    wire::audit::{SubjectKind, Via, What},
};
use dbdesk_store::{
    Pool,
    audit::{self, Decision, Filter, Origin, Wrong},
    begin, begin_as, migrate,
};
use serde_json::json;

/// A person whose name and token have more in them than letters.
fn ann() -> Origin {
    Origin {
        person: Some((PersonId(1), "ann 🐢".to_owned())),
        via: Via::Api,
        token: Some("ci".to_owned()),
        source: Some("192.0.2.7".to_owned()),
        ..Origin::default()
    }
}

fn decision(n: usize) -> Decision {
    let detail = json!({ "n": n, "text": "\u{0}\n“x”" });
    Decision::new(What::FreezeOn, SubjectKind::Freeze, format!("F-{n}"), detail, at())
        .of_bytes("ab".repeat(32))
}

async fn decide(pool: &Pool, rows: usize) -> Result<()> {
    for n in 0..rows {
        let mut tx = begin_as(pool, ann()).await?;
        tx.decided(decision(n));
        tx.commit().await?;
    }
    Ok(())
}

/// As somebody would with an account of the store: `script` changes the log, is found, and is taken back.
async fn tampered(
    server: &lab::Server,
    pool: &Pool,
    script: &str,
    expected: Option<&str>,
) -> Result<Option<Wrong>> {
    server
        .sql(
            "CREATE TABLE desk.audit_kept AS SELECT * FROM desk.audit; \
             CREATE TABLE desk.head_kept AS SELECT * FROM desk.audit_head",
        )
        .await?;
    server.sql(&format!("USE desk; {script}")).await?;
    let verdict = audit::verify(pool, 1, expected).await?;
    server
        .sql(
            "USE desk; DELETE FROM audit; INSERT INTO audit SELECT * FROM audit_kept; DROP TABLE audit_kept; \
             DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM head_kept; DROP TABLE head_kept",
        )
        .await?;
    ensure!(audit::verify(pool, 1, None).await?.wrong.is_none(), "as it was");
    Ok(verdict.wrong)
}

async fn finds(server: &lab::Server) -> Result<()> {
    let pool = connected(server).await?;
    migrate::run(&pool).await?;
    let empty = audit::verify(&pool, 1, None).await?;
    ensure!(empty.wrong.is_none() && empty.head == (0, "0".repeat(64)), "{empty:?}");
    decide(&pool, 10).await?;
    let whole = audit::verify(&pool, 1, None).await?;
    ensure!(whole.wrong.is_none() && whole.rows == 10 && whole.head.0 == 10, "{whole:?}");
    let head = whole.head.1;
    ensure!(audit::verify(&pool, 1, Some(&head.to_uppercase())).await?.wrong.is_none(), "as written down");

    for (script, wrong) in [
        ("UPDATE audit SET actor = 'bob' WHERE id = 4", Wrong::Changed { id: 4 }),
        ("UPDATE audit SET content_hash = REPEAT('c', 64) WHERE id = 4", Wrong::Changed { id: 4 }),
        ("UPDATE audit SET at = at + INTERVAL 1 SECOND WHERE id = 10", Wrong::Changed { id: 10 }),
        ("UPDATE audit SET token = NULL WHERE id = 1", Wrong::Changed { id: 1 }),
        ("UPDATE audit SET hash = prev_hash WHERE id = 3", Wrong::Changed { id: 3 }),
        ("DELETE FROM audit WHERE id = 5", Wrong::Missing { id: 5 }),
        ("DELETE FROM audit WHERE id = 1", Wrong::Missing { id: 1 }),
        ("DELETE FROM audit WHERE id > 7", Wrong::NotTheHead { id: 7, head: 10 }),
        ("UPDATE audit_head SET last_id = 9", Wrong::NotTheHead { id: 10, head: 9 }),
        // Two rows in each other's place.
        (
            "UPDATE audit SET id = 99 WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5; UPDATE audit SET id = 5 WHERE id = 99",
            Wrong::Changed { id: 4 },
        ),
        // One more at the end, and one that is pushed in.
        (
            "INSERT INTO audit SELECT 11, at, what, detail, actor_id, actor, as_whom_id, as_whom, via, token, source, subject_kind, subject, \
             revision, content_hash, hash, hash FROM audit WHERE id = 10",
            Wrong::Changed { id: 11 },
        ),
        (
            "UPDATE audit SET id = id + 1 WHERE id > 6 ORDER BY id DESC; INSERT INTO audit SELECT 7, at, what, detail, actor_id, actor, \
             as_whom_id, as_whom, via, token, source, subject_kind, subject, revision, content_hash, prev_hash, hash FROM audit WHERE id = 6",
            Wrong::Changed { id: 7 },
        ),
    ] {
        let found = tampered(server, &pool, script, None).await?;
        ensure!(found.as_ref() == Some(&wrong), "{script}: {found:?}");
    }

    // A tail that was removed together with the head's word for it is only found by what was written down.
    let cut = "DELETE FROM audit WHERE id > 7; UPDATE audit_head SET last_id = 7, last_hash = (SELECT hash FROM audit WHERE id = 7)";
    ensure!(tampered(server, &pool, cut, None).await?.is_none(), "the chain itself is whole");
    let found = tampered(server, &pool, cut, Some(&head)).await?;
    ensure!(found == Some(Wrong::NotExpected { hash: head.clone() }), "{found:?}");
    forged(server, &pool).await?;
    ranges(&pool, &head).await
}

/// A row with a hash of its own that is right, in the place of another.
async fn forged(server: &lab::Server, pool: &Pool) -> Result<()> {
    server
        .sql(
            "USE desk; CREATE TABLE kept AS SELECT * FROM audit WHERE id > 5; CREATE TABLE head_kept AS SELECT * FROM audit_head; \
             DELETE FROM audit WHERE id > 5; \
             UPDATE audit_head SET last_id = 5, last_hash = (SELECT hash FROM audit WHERE id = 5)",
        )
        .await?;
    let mut tx = begin_as(pool, ann()).await?;
    tx.decided(decision(666));
    tx.commit().await?;
    let join = "USE desk; INSERT INTO audit SELECT * FROM kept WHERE id > 6; \
                UPDATE audit_head SET last_id = 10, last_hash = (SELECT last_hash FROM head_kept)";
    server.sql(join).await?;
    let found = audit::verify(pool, 1, None).await?.wrong;
    ensure!(found == Some(Wrong::NotAfter { id: 7 }), "{found:?}");
    server
        .sql("USE desk; REPLACE INTO audit SELECT * FROM kept; DROP TABLE kept; DROP TABLE head_kept")
        .await?;
    ensure!(audit::verify(pool, 1, None).await?.wrong.is_none(), "as it was");
    Ok(())
}

/// From a row on, and the newest only.
async fn ranges(pool: &Pool, head: &str) -> Result<()> {
    decide(pool, 3).await?;
    ensure!(audit::verify(pool, 1, Some(head)).await?.wrong.is_none(), "it grew since, and has what it had");
    let tail = audit::verify(pool, 5, None).await?;
    ensure!(tail.rows == 9 && tail.wrong.is_none(), "{tail:?}");
    ensure!(audit::verify(pool, 12, Some(head)).await?.wrong.is_some(), "not among these");
    ensure!(audit::verify_last(pool, 4).await?.rows == 4, "the newest");
    ensure!(audit::verify_last(pool, 400).await?.rows == 13, "all there are");
    ensure!(audit::verify(pool, 50, None).await?.rows == 0, "none are there yet");
    let page = audit::page(pool, &Filter { after: 3, limit: 2, ..Filter::default() }).await?;
    ensure!(page.iter().map(|row| row.id).collect::<Vec<_>>() == [4, 5], "{page:?}");
    ensure!(page[0].actor == "ann 🐢" && page[0].detail["text"] == "\u{0}\n“x”", "{page:?}");
    let nobody = Filter { person: Some(PersonId(2)), limit: 2, ..Filter::default() };
    ensure!(audit::page(pool, &nobody).await?.is_empty(), "nothing of his");
    Ok(())
}

#[tokio::test]
async fn what_was_done_to_the_audit_log_is_found_in_mariadb() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    finds(&server).await
}

#[tokio::test]
async fn what_was_done_to_the_audit_log_is_found_in_mysql() -> Result<()> {
    let server = lab::MySql::start().await?;
    finds(&server).await
}

#[tokio::test]
async fn what_a_person_began_is_not_committed_without_a_word_to_the_audit_log() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    let pool = connected(&server).await?;
    migrate::run(&pool).await?;
    let mut tx = begin_as(&pool, ann()).await?;
    sqlx::query("INSERT INTO person_role (person_id, role) VALUES (1, 'dba')").execute(&mut *tx).await?;
    ensure!(tx.commit().await.is_err(), "refused");
    ensure!(server.sql("SELECT COUNT(*) FROM desk.person_role").await? == "0", "and undone");
    let mut tx = begin_as(&pool, ann()).await?;
    tx.decided(decision(0));
    drop(tx);
    begin(&pool).await?.commit().await?;
    ensure!(server.sql("SELECT COUNT(*) FROM desk.audit").await? == "0", "what was not done was not decided");
    Ok(())
}

#[tokio::test]
async fn many_who_decide_at_once_make_one_chain() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    let pool = connected(&server).await?;
    migrate::run(&pool).await?;
    let deciding: Vec<_> = (0..5)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { decide(&pool, 40).await })
        })
        .collect();
    for one in deciding {
        one.await??;
    }
    let verdict = audit::verify(&pool, 1, None).await?;
    ensure!(verdict.rows == 200 && verdict.wrong.is_none(), "{verdict:?}");
    Ok(())
}

/// Not a test: `cargo nextest run --run-ignored only -E 'test(costs)' --no-capture` prints it.
#[tokio::test]
#[ignore = "it measures"]
async fn what_a_row_costs() -> Result<()> {
    const ROUNDS: u32 = 300;
    let server = lab::MariaDb::start().await?;
    let pool = connected(&server).await?;
    migrate::run(&pool).await?;
    for audited in [false, true, false, true] {
        let began = std::time::Instant::now();
        for n in 0..ROUNDS {
            let mut tx = begin(&pool).await?;
            sqlx::query("INSERT INTO person_role (person_id, role) VALUES (?, ?)")
                .bind(n)
                .bind("x")
                .execute(&mut *tx)
                .await
                .ok();
            if audited {
                tx.decided(decision(1));
            }
            tx.commit().await?;
        }
        println!("audited: {audited}, {:?} each", began.elapsed() / ROUNDS);
    }
    Ok(())
}
