//! What is kept of rows: in our own database or in a bucket, sealed by the key of today or of yesterday.

use crate::stage::Stage;
use anyhow::{Context as _, Result, ensure};
use dbdesk::{
    config::{Config, KeepIn, S3 as Storage, Secret},
    doctor, roles,
};
use dbdesk_commands::{clock::Clock, id::TaskId, lang::Lang};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Outcome, Settings},
};
use dbdesk_ticket::machine::TaskEnd;
use dbdesk_undo::sealed::Key;
use lab::S3;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;

#[expect(clippy::disallowed_methods, reason = "the servers have the real clock")]
fn clock() -> Clock {
    Clock::new(chrono::Utc::now)
}

pub fn key(digits: &str) -> String {
    digits.repeat(32)
}

fn name(digits: &str) -> Result<String> {
    Ok(Key::of_hex(&key(digits))?.name().to_owned())
}

fn storage(s3: &S3) -> Storage {
    Storage {
        endpoint: s3.endpoint(),
        bucket: S3::BUCKET.into(),
        access_key_id: S3::ACCESS_KEY_ID.into(),
        secret_key: Secret::new(s3.secret_key()),
        ..Storage::default()
    }
}

/// A desk whose clock is right.
pub async fn stage(change: impl FnOnce(&mut Config)) -> Result<Stage> {
    let stage = Stage::with(change).await?;
    stage.later(clock().now() - stage.now());
    Ok(stage)
}

/// The same, whose backups go into a bucket.
async fn with_bucket(s3: &S3) -> Result<Stage> {
    stage(|config| {
        config.backup.secret_key = Secret::new(key("5a"));
        config.backup.s3 = Some(storage(s3));
        config.backup.keep_in = KeepIn::S3;
    })
    .await
}

/// A ticket that changed this order.
async fn done(stage: &Stage, order: u32) -> Result<Value> {
    let id =
        stage.submit(&format!("UPDATE orders SET note = 'seen' WHERE id = {order};")).await?["id"].clone();
    works(stage, &id).await?;
    Ok(id)
}

/// What its process would do is done here.
pub async fn works(stage: &Stage, id: &Value) -> Result<()> {
    let script = format!(
        "UPDATE desk.task SET state = 'ready', due_at = due_at - INTERVAL 1 SECOND WHERE ticket_id = {id}; \
                          SELECT id FROM desk.task WHERE ticket_id = {id}"
    );
    let task = TaskId(stage.store.sql(&script).await?.trim().parse()?);
    let (config, folder) = (&stage.desk.config, tempfile::tempdir()?);
    let password = stage.target.password().to_owned();
    let account =
        Arc::new(move |_: &str| Account { user: lab::Server::USER.into(), password: password.clone() });
    let settings = Settings {
        backup: roles::run::backup(config)?,
        ..Settings::usual(config.store.connect(), account, folder.path().to_owned())
    };
    let pen = Pen::new(None, settings.store.clone(), config.control.admission()?, Arc::new(|_| {}));
    let (_stop, stop) = watch::channel(false);
    let by = process::claimant("here", std::process::id())?;
    let outcome = run::run(task, by, pen, settings, clock(), stop).await?;
    ensure!(matches!(outcome, Outcome::Ended(TaskEnd::Succeeded)), "{outcome:?}: {}", stage.story(id).await?);
    Ok(())
}

pub fn undo(id: &Value) -> String {
    format!("/v1/tickets/{id}/undo")
}

/// A DBA approves what takes the ticket back, and it runs: the order is as it was.
async fn taken_back(stage: &Stage, id: &Value, order: u32) -> Result<()> {
    let note = format!("SELECT note FROM shop.orders WHERE id = {order}");
    ensure!(stage.target.sql(&note).await?.trim() == "seen");
    let back = stage.post("ann", &undo(id), &json!({})).await?.ok()?["id"].clone();
    stage.post("bob", &format!("/v1/tickets/{back}/approve"), &json!({})).await?.ok()?;
    works(stage, &back).await?;
    ensure!(stage.target.sql(&note).await?.trim() == "x");
    Ok(())
}

async fn examined(stage: &Stage) -> Result<String> {
    let checks = doctor::backup::check(&stage.desk.config, Some(&stage.pool), &clock()).await;
    let lines = checks.iter().map(|check| {
        let mend = check.mend.as_ref().map_or("", |mend| mend.in_lang(Lang::En));
        format!("{:?} {} → {mend}", check.level, check.found.in_lang(Lang::En))
    });
    Ok(lines.collect::<Vec<_>>().join("\n") + "\n")
}

#[tokio::test]
async fn what_an_old_key_sealed_is_taken_back_while_the_desk_has_it_and_told_by_its_name_when_it_has_not()
-> Result<()> {
    let mut stage = stage(|config| config.backup.secret_key = Secret::new(key("5a"))).await?;
    let (one, two) = (done(&stage, 1).await?, done(&stage, 2).await?);
    stage
        .anew(|config| {
            config.backup.secret_key = Secret::new(key("6b"));
            config.backup.old_secret_keys = Secret::new(key("5a"));
        })
        .await?;
    let three = done(&stage, 3).await?;
    taken_back(&stage, &one, 1).await?;
    taken_back(&stage, &three, 3).await?;
    let told = examined(&stage).await?;
    ensure!(told.contains(&format!("Ok 2 parts still need the old key {}", name("5a")?)), "{told}");

    stage.anew(|config| config.backup.old_secret_keys = Secret::default()).await?;
    let mut told = stage.both("ann", &undo(&two), &json!({})).await?;
    let doctor = examined(&stage).await?;
    ensure!(doctor.contains("Failed 2 parts of what is kept were sealed with the key"), "{doctor}");
    stage.anew(|config| config.backup.secret_key = Secret::default()).await?;
    told += &stage.both("ann", &undo(&two), &json!({})).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn what_is_in_a_bucket_is_taken_back_and_what_became_of_it_there_is_told() -> Result<()> {
    let s3 = S3::start().await?;
    let mut stage = with_bucket(&s3).await?;
    let (one, two) = (done(&stage, 1).await?, done(&stage, 2).await?);
    let names = s3.names().await?;
    ensure!(names.len() == 2, "{names:?}");

    // Each is read where it is, whatever is configured for those to come.
    stage.anew(|config| config.backup.keep_in = KeepIn::Database).await?;
    let three = done(&stage, 3).await?;
    ensure!(s3.names().await? == names);
    taken_back(&stage, &one, 1).await?;
    stage.anew(|config| config.backup.keep_in = KeepIn::S3).await?;
    taken_back(&stage, &three, 3).await?;

    let second = names.iter().find(|name| name.contains(&format!("/T-{two}/"))).context("its object")?;
    s3.overwrite(second, b"other bytes").await?;
    let mut told = stage.both("ann", &undo(&two), &json!({})).await?;
    s3.remove(second).await?;
    told += &stage.both("ann", &undo(&two), &json!({})).await?;
    let right = stage.desk.config.backup.s3.clone();
    stage
        .anew(|config| {
            config.backup.s3 = right.clone().map(|s3| Storage { secret_key: Secret::new("wrong"), ..s3 });
        })
        .await?;
    told += &stage.both("ann", &undo(&two), &json!({})).await?;
    stage.anew(|config| (config.backup.s3, config.backup.keep_in) = (None, KeepIn::Database)).await?;
    told += &stage.both("ann", &undo(&two), &json!({})).await?;
    let doctor = examined(&stage).await?;
    ensure!(doctor.contains("Failed 2 parts of what is kept are in the bucket backups"), "{doctor}");
    let told = told.replace(second.as_str(), "[object]");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn objects_whose_time_is_over_go_before_what_is_known_of_them() -> Result<()> {
    let s3 = S3::start().await?;
    let mut stage = with_bucket(&s3).await?;
    done(&stage, 1).await?;
    done(&stage, 2).await?;
    // A statement that was rolled back and tried again left an object of which no part tells.
    s3.overwrite("dbdesk/T-1/K-1/0/0-left", b"left").await?;
    stage
        .store
        .sql(
            "INSERT INTO desk.backup_object (bucket, name, task_id, statement, part, created_at) \
              VALUES ('backups', 'dbdesk/T-1/K-1/0/0-left', 1, 0, 0, UTC_TIMESTAMP(3))",
        )
        .await?;
    let known = "SELECT (SELECT COUNT(*) FROM desk.backup_object), (SELECT COUNT(*) FROM desk.backup)";
    let (now, then) = (
        clock(),
        Clock::new({
            let late = clock().now() + stage.desk.config.backup.last() + chrono::TimeDelta::minutes(1);
            move || late
        }),
    );
    // Before its time nothing goes.
    ensure!(roles::objects::look(&stage.desk.config, &stage.pool, &now).await? == 0);
    ensure!(s3.names().await?.len() == 3);
    // A bucket that gives nobody a hand leaves all of it known.
    let right = stage.desk.config.clone();
    stage.anew(|config| config.backup.s3 = None).await?;
    ensure!(roles::objects::look(&stage.desk.config, &stage.pool, &then).await.is_err());
    ensure!(stage.store.sql(known).await?.trim() == "3\t2");
    // What somebody else has removed already is gone as well. Signatures of a month ahead are none, so the store's rows age instead.
    s3.remove("dbdesk/T-1/K-1/0/0-left").await?;
    let age = "UPDATE desk.backup_object SET created_at = created_at - INTERVAL 31 DAY; \
               UPDATE desk.backup SET created_at = created_at - INTERVAL 31 DAY";
    stage.store.sql(age).await?;
    ensure!(roles::objects::look(&right, &stage.pool, &now).await? == 3);
    ensure!(s3.names().await?.is_empty());
    ensure!(stage.store.sql(known).await?.trim() == "0\t0");
    Ok(())
}

#[tokio::test]
async fn doctor_tries_the_bucket_and_says_how_to_mend_it() -> Result<()> {
    let s3 = S3::start().await?;
    let mut stage = with_bucket(&s3).await?;
    let mut told = examined(&stage).await?;
    ensure!(s3.names().await?.is_empty(), "it leaves nothing");
    let right = storage(&s3);
    let wrong = [
        Storage { secret_key: Secret::new("wrong"), ..right.clone() },
        Storage { bucket: "nowhere".into(), ..right.clone() },
        Storage { endpoint: "http://127.0.0.1:1".into(), ..right.clone() },
    ];
    for storage in wrong {
        stage.anew(|config| config.backup.s3 = Some(storage)).await?;
        told += &examined(&stage).await?;
    }
    stage.anew(|config| config.backup.s3 = Some(right)).await?;
    s3.drop_bucket().await?;
    told += &examined(&stage).await?;
    let slow = Clock::new(|| clock().now() - chrono::TimeDelta::hours(1));
    s3.make_bucket().await?;
    for check in doctor::backup::check(&stage.desk.config, None, &slow).await {
        if check.found.en.contains("clock") {
            told += &check.mend.context("a remedy")?.en;
        }
    }
    insta::assert_snapshot!(told);
    Ok(())
}
