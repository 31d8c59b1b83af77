//! Units of systemd for the processes of tasks, with a real systemd: the manager of an account, never that of a machine. It has
//! namespaces of its own for processes, mounts and control groups, an empty `/run` and `/tmp`, and no units but ours; all of it
//! ends with the story.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[expect(dead_code, reason = "each story uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, bail, ensure};
use dbdesk_commands::{id::TaskId, wire::ticket::TicketState};
use desk::LIMIT;
use lab::{Process, until};
use parts::{Engine, Worker};
use rustix::process::Signal;
use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

const SLOW: &str =
    "INSERT INTO done (what) SELECT CONCAT('a', SLEEP(2)); INSERT INTO done (what) VALUES ('b')";
const CONTROL: &str = "dbdesk-control.scope";

/// Makes the room around a systemd and runs a program in it. The first `sh` moves into a control group of its own, which is the root
/// of what the second sees.
const ROOM: &str = r#"
set -eu
[ -x /usr/lib/systemd/systemd ] || { echo "SKIP: apt-get install systemd"; exit 0; }
tree=$(mktemp -d)
trap 'umount "$tree" 2>/dev/null; rmdir "$tree"' EXIT
mount -t cgroup2 none "$tree" 2>/dev/null && mkdir "$tree/dbdesk-$$" 2>/dev/null ||
  { echo "SKIP: this account can not make control groups"; exit 0; }
own="$tree/dbdesk-$$"
trap 'find "$own" -depth -type d -exec rmdir {} \; ; umount "$tree"; rmdir "$tree"' EXIT
export INNER
sh -c 'echo 0 >"$0/cgroup.procs"; exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc --cgroup \
  sh -c "$INNER" inner "$@"' "$own" "$@"
"#;
const INNER: &str = r#"
set -eu
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /run/systemd/system /run/user/0 /run/units
chmod 700 /run/user/0
printf '[Unit]\nDescription=nothing\n' >/run/units/default.target
env -i HOME=/run PATH="$PATH" XDG_RUNTIME_DIR=/run/user/0 SYSTEMD_UNIT_PATH=/run/units SYSTEMD_GENERATOR_PATH=/run/none \
  SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/run/none /usr/lib/systemd/systemd --user --log-target=console &
echo $! >/run/manager
# A group with controllers may hold groups or processes, not both.
mkdir /sys/fs/cgroup/room
echo 0 >/sys/fs/cgroup/room/cgroup.procs
"$@"
"#;

#[test]
fn tasks_have_units_of_their_own_and_do_without_where_systemd_refuses() -> Result<()> {
    let said = Command::new("sh")
        .args(["-c", ROOM, "room"])
        .arg(std::env::current_exe()?)
        .args(["--ignored", "--exact", "within_the_room", "--nocapture"])
        .env("INNER", INNER)
        .output()?;
    let text = [said.stdout, said.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    if let Some(why) = text.lines().find(|line| line.starts_with("SKIP: ")) {
        let _ = writeln!(std::io::stderr(), "skipped: {why}");
        return Ok(());
    }
    ensure!(said.status.success() && text.contains("1 passed"), "{text}");
    Ok(())
}

#[tokio::test]
#[ignore = "the story above starts it in its room"]
async fn within_the_room() -> Result<()> {
    let manager: u32 = fs::read_to_string("/run/manager").context("the room")?.trim().parse()?;
    until("the manager", LIMIT, || async {
        ensure!(fs::exists("/run/user/0/systemd/private")?, "it has no socket");
        Ok(())
    })
    .await?;
    a_stopped_unit_of_control_leaves_tasks_alone("warm = 6\n", "dbdesk-run-").await?;
    a_stopped_unit_of_control_leaves_tasks_alone("warm = 0\n", "dbdesk-K-").await?;
    a_manager_that_is_gone_is_told_once_and_work_goes_on(manager).await?;
    a_control_without_a_manager_says_so_once_and_works().await
}

async fn desk(more: &str) -> Result<Engine> {
    let engine = Engine::start().await?;
    let mut file = fs::OpenOptions::new().append(true).open(config(&engine))?;
    write!(file, "isolation = \"unit\"\n{more}")?;
    Ok(engine)
}

fn config(engine: &Engine) -> std::path::PathBuf {
    engine.folder.path().join("dbdesk.toml")
}

/// Control in a unit that ends with all that is in it, as systemd does it where nobody wrote `KillMode=process`.
fn in_unit(engine: &Engine) -> Result<Process> {
    engine.control_in(&[
        "env",
        "XDG_RUNTIME_DIR=/run/user/0",
        "systemd-run",
        "--user",
        "--scope",
        "--collect",
        "--unit",
        CONTROL,
    ])
}

async fn scope(engine: &Engine, task: TaskId) -> Result<String> {
    let worker = engine.worker(task).await?;
    Ok(fs::read_to_string(format!("/proc/{}/cgroup", worker.0))?
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned())
}

async fn a_stopped_unit_of_control_leaves_tasks_alone(more: &str, unit: &str) -> Result<()> {
    let engine = desk(more).await?;
    let control = in_unit(&engine)?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await.with_context(|| engine.log())?;
    let at = scope(&engine, task).await?;
    ensure!(at.starts_with(&format!("0::/dbdesk.slice/{unit}")), "{at}");
    let pid = control.pid().context("control runs")?;
    let stopped = Command::new("systemctl")
        .args(["--user", "stop", CONTROL])
        .env("XDG_RUNTIME_DIR", "/run/user/0")
        .stdin(Stdio::null())
        .output()?;
    ensure!(stopped.status.success(), "{}", String::from_utf8_lossy(&stopped.stderr));
    until("control to be gone", LIMIT, || async {
        ensure!(dbdesk_executor::process::start_of(pid).is_none(), "it lives");
        Ok(())
    })
    .await?;
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b");
    Ok(())
}

async fn a_manager_that_is_gone_is_told_once_and_work_goes_on(manager: u32) -> Result<()> {
    let engine = desk("warm = 0\n").await?;
    let _control = engine.control()?;
    until("control to work", LIMIT, || async {
        ensure!(engine.log().contains("control works"), "{}", engine.log());
        Ok(())
    })
    .await?;
    ensure!(engine.log().contains("gets a unit of its own"), "{}", engine.log());
    Worker(manager).signal(Signal::KILL)?;
    for _ in 0..2 {
        let (ticket, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
        engine.reaches(ticket, TicketState::Done).await?;
    }
    assert_eq!(engine.desk.done().await?, "a,a");
    told_once(&engine, "for 10 minutes they are plain processes")
}

async fn a_control_without_a_manager_says_so_once_and_works() -> Result<()> {
    let engine = desk("").await?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
    engine.reaches(ticket, TicketState::Done).await?;
    told_once(&engine, "no unit can be had for the processes of tasks")
}

fn told_once(engine: &Engine, what: &str) -> Result<()> {
    let log = engine.log();
    match log.matches(what).count() {
        1 => Ok(()),
        count => bail!("{count} times “{what}”: {log}"),
    }
}
