//! The DBAs' scripts with real processes: what one says and hands over, each bound and its end, and that nothing of one is ever left.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[expect(dead_code, reason = "each story uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::Said,
    wire::{
        task::TaskKind,
        ticket::{Risk, TicketState},
    },
};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Outcome, Scripting, Settings},
    scripts::{self, Script},
};
use dbdesk_script::{Request, Run};
use dbdesk_store::{revision::Effect, script_artifact, task_line};
use dbdesk_ticket::{admission::Slot, machine::TaskEnd, task::Wish};
use desk::{Desk, LIMIT, Wanted, clock};
use lab::{Server, until};
use parts::Engine;
use rustix::process::Signal;
use serde_json::json;
use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{sync::watch, task::JoinHandle};

/// Drops a script in: its program, and what its manifest says beside the usual.
fn put(folder: &Path, name: &str, program: &str, more: &str) -> Result<()> {
    let own = folder.join(name);
    fs::create_dir_all(&own)?;
    let said = |key: &str, or: &str| if more.contains(key) { String::new() } else { format!("{or}\n") };
    let manifest = format!(
        "name = \"{name}\"\ntitle = {{ en = \"A story\", \"zh-CN\" = \"故事\" }}\nwho = [\"dba\"]\n{}{}{more}\n",
        said("time_limit", "time_limit = \"60s\""),
        said("secrets", "secrets = \"none\"")
    );
    fs::write(own.join("script.toml"), manifest)?;
    fs::write(own.join("run"), program)?;
    Ok(fs::set_permissions(own.join("run"), fs::Permissions::from_mode(0o755))?)
}

/// A ticket that runs it as it is now, approved and due.
async fn asked(desk: &Desk, folder: &Path, name: &str) -> Result<(TicketId, TaskId)> {
    let Script { manifest, hash, .. } =
        scripts::script(folder, name).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let run = Run {
        script: name.to_owned(),
        title: Said::fixed("A story", "故事"),
        run: manifest.run,
        files: hash,
        group: desk::SHOP.to_owned(),
        environment: "production".to_owned(),
        parameters: [("word".to_owned(), json!("hello")), ("most".to_owned(), json!(7))].into(),
        secrets: manifest.secrets,
        time_limit_s: manifest.time_limit_s,
        memory_mb: manifest.memory_mb,
    };
    ensure!(manifest.risk == Risk::Medium);
    let slot = Slot { name: name.to_owned(), at_once: manifest.at_once, per_group: manifest.per_group };
    let effect =
        Effect { kind: TaskKind::Script, touches: Some([].into()), repeatable: false, script: Some(slot) };
    let text = run.text();
    let (ticket, task) = desk.wanted(&Wanted { sql: &text, effect, ..Wanted::default() }).await?;
    let request = serde_json::to_string(&Request::Script(run))?;
    sqlx::query("UPDATE ticket_revision SET request = ?, statements = 1 WHERE ticket_id = ?")
        .bind(request)
        .bind(ticket.0)
        .execute(&desk.pool)
        .await?;
    sqlx::query("UPDATE task SET total = 1 WHERE id = ?").bind(task.0).execute(&desk.pool).await?;
    Ok((ticket, task))
}

/// A desk with a folder of scripts.
struct Stage {
    desk: Desk,
    scripts: tempfile::TempDir,
    state: tempfile::TempDir,
}

impl Stage {
    async fn start() -> Result<Self> {
        let (scripts, state) = (tempfile::tempdir()?, tempfile::tempdir()?);
        Ok(Self { desk: Desk::start().await?, scripts, state })
    }

    fn put(&self, name: &str, program: &str, more: &str) -> Result<()> {
        put(self.scripts.path(), name, program, more)
    }

    async fn asked(&self, name: &str) -> Result<(TicketId, TaskId)> {
        asked(&self.desk, self.scripts.path(), name).await
    }

    /// Begins the work of this task in this process.
    fn begins(&self, task: TaskId) -> Result<(JoinHandle<Result<Outcome>>, watch::Sender<bool>)> {
        let password = self.desk.target.password().to_owned();
        let user = Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
        let scripting = Scripting {
            folder: self.scripts.path().to_owned(),
            warden: PathBuf::from(env!("CARGO_BIN_EXE_dbdesk-warden")),
            grace_ms: 500,
        };
        let settings = Settings {
            scripting: Some(Arc::new(scripting)),
            ..Settings::usual(self.desk.connect.clone(), user, self.state.path().to_owned())
        };
        let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
        let (stop, stopped) = watch::channel(false);
        let by = process::claimant("here", std::process::id())?;
        let work =
            tokio::spawn(async move { Ok(run::run(task, by, pen, settings, clock(), stopped).await?) });
        Ok((work, stop))
    }

    async fn ends(&self, task: TaskId) -> Result<TaskEnd> {
        let (work, _stop) = self.begins(task)?;
        match tokio::time::timeout(LIMIT, work).await??? {
            Outcome::Ended(end) => Ok(end),
            other => anyhow::bail!("{other:?}"),
        }
    }

    /// Runs it to its end; gives its ticket, how it ended, and its story from its start on, without what the clock says.
    async fn runs(&self, name: &str) -> Result<(TicketId, TaskId, String)> {
        let (ticket, task) = self.asked(name).await?;
        let end = self.ends(task).await?;
        let story = self.desk.story(ticket).await?;
        let story: Vec<&str> = story.lines().skip(3).collect();
        let left: Vec<_> =
            fs::read_dir(self.state.path().join("scripts")).into_iter().flatten().flatten().collect();
        ensure!(left.is_empty(), "its folder is left: {left:?}");
        Ok((ticket, task, format!("{end:?}\n{}\n", story.join("\n"))))
    }

    async fn lines(&self, task: TaskId) -> Result<Vec<String>> {
        let lines = task_line::after(&self.desk.pool, task, 0, 20_000).await?;
        Ok(lines.into_iter().map(|line| line.text).collect())
    }
}

/// Processes that have this word in their command.
fn with(word: &str) -> Vec<String> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let command = |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).ok();
    all.filter_map(command)
        .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        .filter(|command| command.contains(word))
        .collect()
}

const TALKS: &str = r#"#!/bin/sh
cat > given.json
echo '{"type":"log","text":"looking at the tables"}'
echo '{"type":"progress","done":1,"total":2,"unit":"tables","text":"orders"}'
echo "a plain line"
echo "a word of care" >&2
printf 'name,bytes\norders,7\n' > sizes.csv
echo '{"type":"artifact","name":"sizes.csv","media_type":"text/csv","path":"sizes.csv"}'
echo '{"type":"artifact","name":"given.json","media_type":"application/json","path":"given.json"}'
echo '{"type":"artifact","name":"nowhere","media_type":"text/plain","path":"nowhere"}'
ln -s /etc/passwd link
echo '{"type":"artifact","name":"passwd","media_type":"text/plain","path":"link"}'
printf 'no picture' > x.png
echo '{"type":"artifact","name":"x.png","media_type":"image/png","path":"x.png"}'
echo '{"type":"oops"}'
env | sed 's/=.*//' | grep -v -e PWD -e OLDPWD -e SHLVL -e '^_$' | sort | tr '\n' ' '; echo
stat -c '%a' . "$DBDESK_SECRETS" | tr '\n' ' '; echo
wc -c < "$DBDESK_SECRETS"
printf '{"type":"result","summary":"2 tables","data":{"tables":2}}'
"#;

#[tokio::test]
async fn what_a_script_says_is_told_and_what_it_hands_over_is_kept() -> Result<()> {
    let stage = Stage::start().await?;
    stage.put("talks", TALKS, "")?;
    let (ticket, task, story) = stage.runs("talks").await?;
    let mut told = story;
    // Two pipes: which of them is read first is chance.
    let (errors, lines): (Vec<_>, Vec<_>) =
        stage.lines(task).await?.into_iter().partition(|line| line.starts_with("stderr: "));
    for line in lines.iter().chain(&errors) {
        let _ = writeln!(told, "| {line}");
    }
    for (_, artifact) in script_artifact::of_ticket(&stage.desk.pool, ticket, None).await? {
        let text = String::from_utf8(artifact.content)?;
        let _ = writeln!(told, "{} {} {}:\n{text}", artifact.seq, artifact.media_type, artifact.name);
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn each_bound_has_a_clear_end_and_nothing_of_the_script_is_left() -> Result<()> {
    let stage = Stage::start().await?;
    let mark = format!("600.{}", std::process::id());
    let mut told = String::new();
    let cases = [
        ("exits", "#!/bin/sh\necho 'no such table' >&2\nexit 3\n".to_owned(), ""),
        ("segfaults", "#!/bin/sh\nkill -SEGV $$\n".to_owned(), ""),
        ("endless", format!("#!/bin/sh\nsleep {mark}\n"), "time_limit = \"1s\""),
        (
            "deaf",
            format!("#!/bin/bash\ntrap '' TERM\nwhile :; do sleep {mark} & wait; done\n"),
            "time_limit = \"1s\"",
        ),
        ("floods", "#!/bin/sh\nexec yes\n".to_owned(), ""),
        ("floods-errors", "#!/bin/sh\nexec yes >&2\n".to_owned(), ""),
        ("one-long-line", "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\n".to_owned(), ""),
        (
            "forks",
            format!("#!/bin/sh\nfor n in $(seq 200); do sleep {mark} & done\nsleep {mark}\n"),
            "time_limit = \"30s\"",
        ),
        (
            "leaves",
            format!("#!/bin/sh\nsetsid sleep {mark} >/dev/null 2>&1 &\n(setsid setsid sleep {mark} & ) \n(sleep {mark} &)\necho gone\n"),
            "",
        ),
        ("nothing-to-run-it", "#!/nowhere/at/all\n".to_owned(), ""),
        (
            "hungry",
            "#!/usr/bin/python3\ntry:\n    bytearray(512 * 1024 * 1024)\nexcept MemoryError:\n    print('no room')\n".to_owned(),
            "memory_mb = 128",
        ),
    ];
    for (name, program, more) in cases {
        stage.put(name, &program, more)?;
        let (_, task, story) = stage.runs(name).await?;
        let left = with(&mark);
        ensure!(left.is_empty(), "{name} left {left:?}");
        let lines = stage.lines(task).await?;
        let last = lines.last().map(|line| line.chars().take(80).collect::<String>()).unwrap_or_default();
        let last = if name.starts_with("floods") { String::new() } else { last };
        let _ = writeln!(told, "## {name}\n{story}{last}");
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn lines_that_come_too_fast_are_left_out_and_counted_and_the_result_is_not_lost() -> Result<()> {
    let stage = Stage::start().await?;
    let program = "#!/bin/sh\nfor n in $(seq 3000); do echo \"{\\\"type\\\":\\\"log\\\",\\\"text\\\":\\\"line $n\\\"}\"; done\n\
        echo '{\"type\":\"result\",\"summary\":\"all said\"}'\n";
    stage.put("chatters", program, "")?;
    let (_, task, story) = stage.runs("chatters").await?;
    ensure!(story.contains("all said") && story.starts_with("Succeeded"), "{story}");
    let entries = story.matches("ScriptSaid").count();
    ensure!((1..=32).contains(&entries), "{entries} entries");
    let lines = stage.lines(task).await?;
    let counted = |line: &String| line.strip_prefix('(')?.split(' ').next()?.parse::<usize>().ok();
    let left_out: usize = lines.iter().filter_map(counted).sum();
    let kept = lines.iter().filter(|line| line.starts_with("line ")).count();
    ensure!(kept + left_out == 3_000, "{kept} kept, {left_out} left out");
    Ok(())
}

#[tokio::test]
async fn the_account_is_in_a_file_alone_and_its_password_never_in_what_is_told() -> Result<()> {
    let stage = Stage::start().await?;
    let program = r#"#!/bin/sh
mariadb --defaults-extra-file="$DBDESK_SECRETS" --batch --skip-column-names --execute "SELECT 'the primary answers'"
grep password "$DBDESK_SECRETS"
grep password "$DBDESK_SECRETS" >&2
cp "$DBDESK_SECRETS" copy
echo '{"type":"artifact","name":"copy","media_type":"text/plain","path":"copy"}'
p=$(sed -n 's/^password="\(.*\)"$/\1/p' "$DBDESK_SECRETS")
echo "{\"type\":\"log\",\"text\":\"it is $p\"}"
echo "{\"type\":\"result\",\"summary\":\"it is $p\"}"
exit 1
"#;
    stage.put("leaks", program, "secrets = \"primary\"")?;
    let (ticket, task, story) = stage.runs("leaks").await?;
    let lines = stage.lines(task).await?.join("\n");
    let password = stage.desk.target.password();
    ensure!(lines.contains("the primary answers"), "{lines}");
    ensure!(!lines.contains(password) && !story.contains(password), "{story}\n{lines}");
    ensure!(lines.contains("<secret>") && story.contains("it is <secret>"), "{story}\n{lines}");
    ensure!(lines.contains("it holds the password"), "{lines}");
    ensure!(script_artifact::of_ticket(&stage.desk.pool, ticket, None).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_script_that_changed_after_its_approval_does_not_run() -> Result<()> {
    let stage = Stage::start().await?;
    let folder = stage.scripts.path().join("good");
    let mut told = String::new();
    let changes: [(&str, &dyn Fn() -> Result<()>); 5] = [
        ("another program", &|| Ok(fs::write(folder.join("run"), "#!/bin/sh\ntouch /tmp/never-$$\n")?)),
        ("another mode", &|| Ok(fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o700))?)),
        ("one more file", &|| Ok(fs::write(folder.join("more.sh"), "")?)),
        ("another limit", &|| {
            put(stage.scripts.path(), "good", "#!/bin/sh\necho ran\n", "time_limit = \"2h\"")
        }),
        ("gone", &|| Ok(fs::remove_dir_all(&folder)?)),
    ];
    for (name, change) in changes {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        stage.put("good", "#!/bin/sh\necho ran\n", "")?;
        if name == "another mode" {
            // Only whether it may be run counts.
            fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o755))?;
            fs::write(folder.join("lib.sh"), "")?;
            let (ticket, task) = stage.asked("good").await?;
            fs::set_permissions(folder.join("lib.sh"), fs::Permissions::from_mode(0o755))?;
            ensure!(stage.ends(task).await? == TaskEnd::Failed);
            let _ = writeln!(told, "## {name}\n{}", stage.desk.story(ticket).await?);
            continue;
        }
        let (ticket, task) = stage.asked("good").await?;
        change()?;
        ensure!(stage.ends(task).await? == TaskEnd::Failed, "{name}");
        ensure!(stage.lines(task).await?.iter().all(|line| line != "ran"), "{name}: it ran");
        let _ = writeln!(told, "## {name}\n{}", stage.desk.story(ticket).await?);
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn what_was_not_approved_to_the_byte_does_not_run() -> Result<()> {
    let stage = Stage::start().await?;
    stage.put("good", "#!/bin/sh\necho ran\n", "")?;
    let (ticket, task) = stage.asked("good").await?;
    // Somebody with the store's account gives it another parameter.
    sqlx::query(
        "UPDATE ticket_revision SET request = REPLACE(request, 'hello', 'other') WHERE ticket_id = ?",
    )
    .bind(ticket.0)
    .execute(&stage.desk.pool)
    .await?;
    ensure!(stage.ends(task).await? == TaskEnd::Failed);
    let story = stage.desk.story(ticket).await?;
    ensure!(story.contains("ContentChanged") && !story.contains("1/1"), "{story}");
    Ok(())
}

#[tokio::test]
async fn a_cancelled_script_is_told_to_end_and_one_that_is_deaf_is_ended_with_all_of_it() -> Result<()> {
    let stage = Stage::start().await?;
    let mark = format!("601.{}", std::process::id());
    let hears = format!(
        "#!/bin/bash\ntrap 'echo \"{{\\\"type\\\":\\\"result\\\",\\\"summary\\\":\\\"cleaned up\\\"}}\"; exit 0' TERM\necho ready\nsleep {mark} & wait\n"
    );
    let deaf = format!(
        "#!/bin/bash\ntrap '' TERM\nsetsid bash -c 'trap \"\" TERM; sleep {mark}' &\necho ready\nwhile :; do sleep {mark}; done\n"
    );
    let mut told = String::new();
    for (name, program) in [("hears", hears), ("deaf", deaf)] {
        stage.put(name, &program, "")?;
        let (ticket, task) = stage.asked(name).await?;
        let (work, _stop) = stage.begins(task)?;
        until("the script to run", LIMIT, || async {
            ensure!(stage.lines(task).await?.iter().any(|line| line == "ready"), "it says nothing");
            Ok(())
        })
        .await?;
        stage.desk.wish(task, Wish::Cancel).await?;
        let outcome = tokio::time::timeout(LIMIT, work).await???;
        ensure!(matches!(outcome, Outcome::Ended(TaskEnd::Cancelled)), "{outcome:?}");
        ensure!(with(&mark).is_empty(), "{name} left {:?}", with(&mark));
        let story = stage.desk.story(ticket).await?;
        let _ = writeln!(told, "## {name}\n{story}");
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn when_its_task_loses_its_lease_or_is_killed_nothing_of_a_script_goes_on() -> Result<()> {
    let engine = Engine::start().await?;
    let folder = engine.folder.path().join("scripts");
    let mark = format!("602.{}", std::process::id());
    put(&folder, "long", &format!("#!/bin/sh\nsetsid sleep {mark} &\necho ready\nsleep {mark}\n"), "")?;
    let _control = engine.control()?;
    let running = async |task: TaskId| {
        until("the script to run", LIMIT, || async {
            let lines = task_line::after(&engine.desk.pool, task, 0, 100).await?;
            ensure!(with(&mark).len() >= 2, "it does not run: {lines:?}");
            Ok(())
        })
        .await
    };
    let gone = async || {
        until("all of it to be gone", LIMIT, || async {
            ensure!(with(&mark).is_empty(), "{:?}", with(&mark));
            Ok(())
        })
        .await
    };
    let (ticket, task) = asked(&engine.desk, &folder, "long").await?;
    running(task).await?;
    engine.worker(task).await?.signal(Signal::KILL)?;
    engine.reaches(ticket, TicketState::Lost).await?;
    gone().await?;

    let (ticket, task) = asked(&engine.desk, &folder, "long").await?;
    running(task).await?;
    sqlx::query("UPDATE task SET epoch = epoch + 1 WHERE id = ?")
        .bind(task.0)
        .execute(&engine.desk.pool)
        .await?;
    gone().await?;
    let story = engine.desk.story(ticket).await?;
    ensure!(!story.contains("done,"), "{story}");
    Ok(())
}

#[tokio::test]
async fn so_many_of_one_script_run_at_once_as_its_manifest_says_and_the_others_wait() -> Result<()> {
    let stage = Stage::start().await?;
    stage.put("slow", "#!/bin/sh\nsleep 1\n", "")?;
    stage.put("other", "#!/bin/sh\necho ran\n", "")?;
    let (_, first) = stage.asked("slow").await?;
    let (second, task) = stage.asked("slow").await?;
    let (_, other) = stage.asked("other").await?;
    let (work, _stop) = stage.begins(first)?;
    until("the first to run", LIMIT, || async {
        let row = stage.desk.task(first).await?;
        ensure!(row.started_at.is_some(), "it does not");
        Ok(())
    })
    .await?;
    let (waits, _stop) = stage.begins(task)?;
    match waits.await?? {
        Outcome::Waits(waits) => {
            assert_eq!(
                waits.said().en,
                "for its turn: at most 1 of the script slow run on one service group at a time"
            );
        }
        other => anyhow::bail!("{other:?}: {}", stage.desk.story(second).await?),
    }
    ensure!(stage.ends(other).await? == TaskEnd::Succeeded, "another script does not wait");
    work.await??;
    ensure!(stage.ends(task).await? == TaskEnd::Succeeded);
    let row = stage.desk.task(task).await.context("a task")?;
    ensure!(row.done == 1 && row.in_flight.is_none(), "{row:?}");
    Ok(())
}
