//! The tool as a process: what it is given, how it is started, how far it is, and why it gave up.

use super::Account;
use dbdesk_commands::{
    lang::{Said, said},
    wire::live::OnlineWaits,
};
use dbdesk_components::osc::{Command, Job, Tool, Word};
use std::{
    collections::VecDeque,
    fs,
    io::{self, BufRead as _, BufReader},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    process::Stdio,
    time::Instant,
};
use tokio::{process::Child, sync::mpsc};

/// Lines of the tool that are kept for when it fails.
const LAST_LINES: usize = 4;

/// How it goes.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is of something else: the tool, the person, the thread"
)]
pub(super) struct Course {
    pub(super) connection: Option<u64>,
    pub(super) rows: u64,
    pub(super) permille: u16,
    pub(super) left_ms: Option<u64>,
    /// When the copying began.
    pub(super) copying: Option<Instant>,
    pub(super) copied: bool,
    /// It waits for, or holds, the table's lock.
    pub(super) locks: bool,
    pub(super) old: Option<String>,
    /// What it would lose.
    pub(super) loses: Option<String>,
    /// Why a new unique key would make it lose rows.
    pub(super) repeats: Option<Said>,
    /// That was looked at once more after all was copied.
    pub(super) unrepeated: bool,
    pub(super) last: VecDeque<String>,
    /// The first line that sounds like an error.
    pub(super) error: Option<String>,
    /// Since when it is told to stop.
    pub(super) stopping: Option<Instant>,
    pub(super) paused: bool,
    /// What the thread was last told that the complete copy waits for.
    pub(super) told: Option<OnlineWaits>,
    /// Nobody can hold the cut-over any more.
    pub(super) cuts_over: bool,
}

impl Course {
    /// It said something else.
    pub(super) fn says(&mut self, line: String) {
        if sounds_wrong(&line) {
            self.error.get_or_insert_with(|| line.clone());
        }
        if self.last.len() >= LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}

/// What a copy is called: of this work only.
#[must_use]
pub fn copy_name(ticket: u64, task: u64, statement: u32) -> String {
    format!("_dbdesk_t{ticket}_k{task}_{statement}")
}

/// What the table as it was is called where it is set aside.
#[must_use]
pub fn old_name((ticket, task): (u64, u64), statement: u32, table: &str) -> String {
    format!("t{ticket}_k{task}_{statement}_old_{table}").chars().take(64).collect()
}

/// The folder, the account in it, and what else the tool needs.
pub(super) fn prepared(job: &Job, account: &Account, tool: &dyn Tool) -> io::Result<Command> {
    if job.folder.exists() {
        fs::remove_dir_all(&job.folder)?;
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&job.folder)?;
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let text = format!("[client]\nuser={}\npassword={}\n", quoted(&account.user), quoted(&account.password));
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(job.account_file())?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    tool.tell(job, Word::Wait)?;
    tool.prepare(job)
}

/// Starts it; its lines come through the channel, those of both its outputs in the order in which it wrote them.
pub(super) fn start(command: &Command) -> io::Result<(Child, mpsc::Receiver<String>)> {
    let (read, write) = io::pipe()?;
    let child = tokio::process::Command::new(&command.program)
        .args(&command.arguments)
        .envs(command.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(Path::new("/"))
        .stdin(Stdio::null())
        .stdout(Stdio::from(write.try_clone()?))
        .stderr(Stdio::from(write))
        .spawn()?;
    let (tell, lines) = mpsc::channel(256);
    std::thread::Builder::new().name("online".into()).spawn(move || {
        let mut from = BufReader::new(read);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if tell.blocking_send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    })?;
    Ok((child, lines))
}

pub(super) fn repeated(parts: &[String]) -> Said {
    let parts = parts.join(", ");
    said!(
        "rows repeat in ({parts}), which the new unique key would forbid: the tool would drop all but one of them. Mend the rows first",
        "({parts}) 存在重复行，不符合新的唯一键：该工具会只保留其中一行。请先处理重复数据"
    )
}

pub(super) fn unseen(why: &str) -> Said {
    said!("the rows could not be looked through beforehand: {why}", "无法预先检查数据：{why}")
}

pub(super) fn not_started(program: &str, error: &io::Error) -> Said {
    if error.kind() == io::ErrorKind::NotFound {
        return said!(
            "{program} is not on the path of the machine that runs this. Install it there (Debian: percona-toolkit), or name the other tool \
             in [ddl]",
            "执行机器上找不到 {program}。请在该机器上安装（Debian 的包是 percona-toolkit），或在 [ddl] 里改用另一个工具"
        );
    }
    said!("{program} could not be started: {error}", "无法启动 {program}：{error}")
}

/// The tool says much; this finds why it gave up.
fn sounds_wrong(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["error", "cannot", "denied", "failed", "died"].iter().any(|word| line.contains(word))
}

pub(super) fn failed(course: &Course, program: &str, left: bool) -> Said {
    let (en, zh) = if left {
        (
            " What it left could not be removed yet; control does that as soon as the server answers",
            "。它留下的内容暂时未能清理，服务器恢复后会自动清理",
        )
    } else {
        (" The table is as it was; no trigger and no copy is left", "。表保持原样，没有留下触发器或拷贝表")
    };
    if let Some(loses) = &course.loses {
        return said!(
            "a value does not fit into the changed table, so the copy was given up: {loses}.{en}",
            "有数据放不进修改后的表，已放弃拷贝：{loses}{zh}"
        );
    }
    if let Some(Said { en: why, zh: why_zh }) = &course.repeats {
        return said!("{why}.{en}", "{why_zh}{zh}");
    }
    if course.stopping.is_some() {
        return said!("{program} was stopped.{en}", "{program} 已停止{zh}");
    }
    let last =
        course.error.clone().unwrap_or_else(|| course.last.iter().cloned().collect::<Vec<_>>().join(" / "));
    let last = last.trim_end_matches('.');
    said!("{program} gave up: {last}.{en}", "{program} 未能完成：{last}{zh}")
}
