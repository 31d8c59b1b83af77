//! Processes that wait for a task, with a shell in their place: what is heard, what is started instead, what ends.

use anyhow::{Result, ensure};
use dbdesk_commands::{
    clock::{Clock, Time},
    id::TaskId,
    point::Points,
};
use dbdesk_executor::{
    relay::Answer,
    warm::{Order, Warm},
};
use lab::until;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(10);

/// What control was asked for.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, what: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    async fn is(&self, wanted: &[&str]) -> Result<()> {
        until("what control was asked for", LIMIT, || async {
            let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            ensure!(seen == wanted, "{seen:?}");
            Ok(())
        })
        .await
    }
}

/// One place, whose process is this script.
fn warm(script: &str, seen: &Seen) -> Warm {
    let [cold, failed, asked] = [(); 3].map(|()| seen.clone());
    let script = script.to_owned();
    let order = Order {
        launcher: Box::new(move || {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", &script]);
            command
        }),
        failed: Box::new(move || failed.note("failed".into())),
        version: "7".into(),
        cold: Box::new(move |task| {
            cold.note(format!("cold {}", task.0));
            Ok(())
        }),
        clock: Clock::new(|| Time::UNIX_EPOCH),
        answer: Box::new(move |ask| {
            asked.note(format!("asked {ask:?}"));
            Box::pin(std::future::ready(Answer::NotOurs))
        }),
        points: Points::default(),
    };
    Warm::start(order, 1)
}

#[tokio::test]
async fn a_task_goes_to_the_process_that_waits_and_what_that_asks_is_answered() -> Result<()> {
    let seen = Seen::default();
    let dir = tempfile::tempdir()?;
    let (up, got) = (dir.path().join("up"), dir.path().join("got"));
    let question = r#"echo '{"until_ms":999999999999999,"ask":{"group":30}}'; read heard; read answer"#;
    // What nobody waits for any more is left.
    let late = r#"echo '{"until_ms":0,"ask":{"group":31}}'"#;
    let script = format!(
        "touch {}; echo ready 7; read n time; {late}; {question}; echo $n $time $heard $answer >> {}",
        up.display(),
        got.display()
    );
    let warm = warm(&script, &seen);
    until("it to be up", LIMIT, || async {
        ensure!(up.exists(), "not yet");
        Ok(())
    })
    .await?;
    // Ready or nearly: it gets it.
    warm.launch(TaskId(3))?;
    seen.is(&["asked Group(GroupId(30))"]).await?;
    until("its answer", LIMIT, || async {
        let got = std::fs::read_to_string(&got).unwrap_or_default();
        ensure!(got == "3 0 heard \"not_ours\"\n", "{got}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_process_that_ends_with_its_task_unclaimed_is_followed_by_another_at_once() -> Result<()> {
    let seen = Seen::default();
    // It waits once, and never comes up again.
    let dir = tempfile::tempdir()?;
    let once = dir.path().join("once");
    let script = format!(
        "mkdir {0} || {{ read n; exit 0; }}; echo ready 7; touch {0}/up; read n; exit 0",
        once.display()
    );
    let warm = warm(&script, &seen);
    until("it to be ready", LIMIT, || async {
        ensure!(once.join("up").exists(), "not yet");
        Ok(())
    })
    .await?;
    warm.launch(TaskId(4))?;
    seen.is(&["cold 4"]).await
}

#[tokio::test]
async fn a_process_of_another_version_gets_nothing() -> Result<()> {
    let seen = Seen::default();
    let dir = tempfile::tempdir()?;
    let (up, got) = (dir.path().join("up"), dir.path().join("got"));
    let script = format!("echo ready 6; touch {}; if read n; then touch {}; fi", up.display(), got.display());
    let warm = warm(&script, &seen);
    until("it to be up", LIMIT, || async {
        ensure!(up.exists(), "not yet");
        Ok(())
    })
    .await?;
    warm.launch(TaskId(5))?;
    seen.is(&["cold 5"]).await?;
    ensure!(!got.exists(), "the old one has it");
    Ok(())
}

#[tokio::test]
async fn a_launcher_that_says_that_it_failed_is_told_of_and_another_follows() -> Result<()> {
    let seen = Seen::default();
    let dir = tempfile::tempdir()?;
    let (once, up) = (dir.path().join("once"), dir.path().join("up"));
    let script =
        format!("mkdir {} && exit 3; echo ready 7; touch {}; read n; exit 0", once.display(), up.display());
    let _warm = warm(&script, &seen);
    until("another to wait", LIMIT, || async {
        ensure!(up.exists(), "not yet");
        Ok(())
    })
    .await?;
    seen.is(&["failed"]).await
}

#[tokio::test]
async fn those_that_wait_end_with_control() -> Result<()> {
    let seen = Seen::default();
    let dir = tempfile::tempdir()?;
    let (up, over) = (dir.path().join("up"), dir.path().join("over"));
    let script = format!("echo ready 7; touch {}; read n || touch {}", up.display(), over.display());
    let warm = warm(&script, &seen);
    until("it to wait", LIMIT, || async {
        ensure!(up.exists(), "not yet");
        Ok(())
    })
    .await?;
    drop(warm);
    until("it to end", LIMIT, || async {
        ensure!(over.exists(), "it waits on");
        Ok(())
    })
    .await?;
    seen.is(&[]).await
}
