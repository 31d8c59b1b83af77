//! Processes that stay: they outlive whoever started them, and the connection over which he did.
//!
//! A process is known by its record, a file on its host: number, when it began, and since which start of the machine. A
//! number alone is somebody else's tomorrow.

use super::{Command, Host, HostError, error::NO_PROGRAM, file::absolute, succeeded};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Whether the record's process lives: `same` prints its line then.
macro_rules! script {
    ($rest:literal) => {
        concat!(
            r#"set -u
record=$1
boot=$(cat /proc/sys/kernel/random/boot_id) || exit 1
same() {
  pid='' ticks='' since=''
  { read -r pid ticks since <"$record"; } 2>/dev/null || return 1
  [ "$since" = "$boot" ] || return 1
  { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || return 1
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  shift 19
  [ "$1" = "$ticks" ] || return 1
  echo "$pid $ticks $since"
}
"#,
            $rest
        )
    };
}

/// It writes its record itself, before it becomes the program: there is no moment at which it runs and is not known.
const START: &str = script!(
    r#"log=$2
shift 2
command -v -- "$1" >/dev/null || exit 127
exec 9>"$record.lock" && flock 9 || exit 1
same && exit 0
setsid sh -c '
  record=$1 log=$2 boot=$3
  shift 3
  read -r stat <"/proc/$$/stat"
  ticks=$(set -- ${stat##*) }; shift 19; echo "$1")
  echo "$$ $ticks $boot" >"$record.new" && mv -fT -- "$record.new" "$record" && cat -- "$record" || exit 1
  exec "$@" </dev/null >>"$log" 2>&1 9>&-
' dbdesk-start "$record" "$log" "$boot" "$@" </dev/null &"#
);

const RUNNING: &str = script!("same\nexit 0");

const END: &str = script!(
    r#"same >/dev/null || { rm -f -- "$record"; exit 0; }
kill -s TERM -- "-$pid" 2>/dev/null
tries=$2
while same >/dev/null; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || break
  sleep 0.05
done
kill -s KILL -- "-$pid" 2>/dev/null
tries=100
while same >/dev/null; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 0.05
done
rm -f -- "$record""#
);

/// A process on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its number, and that of its group and session.
    pub pid: u32,
    /// When it began, in the kernel's ticks since the machine started.
    pub began_ticks: u64,
    /// Which start of the machine that was.
    pub boot_id: String,
}

/// Starts a program unless the record's one still runs. Its folder must be there; its output is appended to the log.
pub async fn start<W: Into<String>>(
    host: &dyn Host,
    (record, log): (&str, &str),
    words: impl IntoIterator<Item = W>,
) -> Result<Running, HostError> {
    let words: Vec<String> = words.into_iter().map(Into::into).collect();
    let program = words.first().cloned().unwrap_or_default();
    let arguments = [absolute(record)?.to_owned(), absolute(log)?.to_owned()];
    let command = Command::script(START, arguments.into_iter().chain(words));
    let done = host.run(&command).await?;
    match done.code {
        0 => read(&done.text())?.ok_or_else(|| HostError::Nonsense("it says no process".to_owned())),
        NO_PROGRAM => Err(HostError::NoProgram(program)),
        _ => Err(HostError::failed(&command, &done)),
    }
}

/// The record's process, if it runs.
pub async fn running(host: &dyn Host, record: &str) -> Result<Option<Running>, HostError> {
    read(&succeeded(host, &Command::script(RUNNING, [absolute(record)?])).await?.text())
}

/// Ends it with all its group: asked first, killed after so long. What does not run has ended.
pub async fn end(host: &dyn Host, record: &str, grace: Duration) -> Result<(), HostError> {
    let tries = (grace.as_millis() / 50 + 1).to_string();
    let command = Command::script(END, [absolute(record)?.to_owned(), tries]);
    succeeded(host, &command.limit(grace + Duration::from_secs(20))).await.map(drop)
}

fn read(line: &str) -> Result<Option<Running>, HostError> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [pid, ticks, boot] = words[..] else {
        let nonsense = || HostError::Nonsense(line.chars().take(80).collect());
        return if words.is_empty() { Ok(None) } else { Err(nonsense()) };
    };
    let nonsense = |_| HostError::Nonsense(line.chars().take(80).collect());
    Ok(Some(Running {
        pid: pid.parse().map_err(nonsense)?,
        began_ticks: ticks.parse().map_err(nonsense)?,
        boot_id: boot.to_owned(),
    }))
}
