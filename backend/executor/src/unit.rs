//! A transient unit of systemd for each process of a task: a scope, so that nothing that is done to the service of control
//! (stop, restart, a limit of memory, a kill of its control group) reaches a task. `systemd-run --scope` asks the manager to put its
//! own process into the scope and then becomes the program, which keeps its pipes and its sandbox.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::Command;

/// systemd may take so long to answer.
const LIMIT: Duration = Duration::from_secs(5);
/// All our scopes are under it: `systemctl status dbdesk.slice` shows them, and a drop-in limits them together.
const SLICE: &str = "dbdesk";

/// Whether systemd runs this machine: what `sd_booted(3)` looks at.
fn booted() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// Why no unit can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Without {
    /// Another init runs this machine or container.
    #[error("systemd does not run here")]
    NoSystemd,
    /// Each manager refused, with its reason.
    #[error("{}", all(.0))]
    Refused(Vec<(Manager, Refusal)>),
}

/// Why a manager makes no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is an account's, and the account does not linger.
    #[error("it would end with the last login, since the account does not linger")]
    Ends,
    /// It does not answer.
    #[error("no answer within {limit_s} s")]
    Silent {
        /// It was waited for so long.
        limit_s: u64,
    },
    /// In the words of systemd.
    #[error("{0}")]
    Said(String),
}

fn all(refused: &[(Manager, Refusal)]) -> String {
    refused.iter().map(|(manager, why)| format!("{manager}: {why}")).collect::<Vec<_>>().join("; ")
}

/// Who keeps the units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manager {
    /// That of the machine; for root.
    System,
    /// That of an account. It outlives logins where the account lingers.
    User {
        /// Of which account.
        uid: u32,
    },
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("the system manager"),
            Self::User { uid } => write!(f, "the user manager of uid {uid}"),
        }
    }
}

impl Manager {
    /// The first that makes a unit for this process; where it `must_stay`, only one that keeps it when nobody is logged in.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn found(must_stay: bool) -> Result<Self, Without> {
        if !booted() {
            return Err(Without::NoSystemd);
        }
        let uid = rustix::process::geteuid();
        let user = Self::User { uid: uid.as_raw() };
        let mut refused = Vec::new();
        for manager in if uid.is_root() { vec![Self::System, user] } else { vec![user] } {
            let answer = if must_stay && !manager.stays().await {
                Err(Refusal::Ends)
            } else {
                manager.attempt().await
            };
            match answer {
                Ok(()) => return Ok(manager),
                Err(why) => refused.push((manager, why)),
            }
        }
        Err(Without::Refused(refused))
    }

    /// The command that starts `program` in a scope of this name, to which its arguments are added.
    #[must_use]
    pub fn command(&self, name: &str, description: &str, program: &Path) -> Command {
        let mut command = Command::new("systemd-run");
        if let Self::User { uid } = self {
            command.arg("--user").env("XDG_RUNTIME_DIR", PathBuf::from(format!("/run/user/{uid}")));
        }
        command
            .args(["--scope", "--collect", "--quiet", "--no-ask-password", "--slice", SLICE])
            .arg(format!("--unit={name}.scope"))
            .arg(format!("--description=dbdesk: {description}"))
            .arg("--")
            .arg(program);
        command
    }

    /// Starts a program that does nothing in a scope.
    async fn attempt(&self) -> Result<(), Refusal> {
        let name = format!("dbdesk-attempt-{}", std::process::id());
        let mut command = self.command(&name, "whether units can be made", Path::new("true"));
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = match tokio::time::timeout(LIMIT, command.output()).await {
            Ok(output) => output.map_err(|error| Refusal::Said(format!("systemd-run: {error}")))?,
            Err(_) => return Err(Refusal::Silent { limit_s: LIMIT.as_secs() }),
        };
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Refusal::Said(said.lines().next().map_or_else(|| output.status.to_string(), str::to_owned)))
    }

    /// Whether its units stay when nobody is logged in: always the machine's, an account's if it lingers.
    async fn stays(&self) -> bool {
        let Self::User { uid } = self else { return true };
        let mut ask = Command::new("loginctl");
        ask.args(["show-user", &uid.to_string(), "--property=Linger", "--value"]).kill_on_drop(true);
        match tokio::time::timeout(LIMIT, ask.output()).await {
            Ok(Ok(output)) => output.stdout.trim_ascii() == b"yes",
            _ => false,
        }
    }
}
