//! Another machine, by the system's `ssh`.
//!
//! One connection is kept open for a minute and shared. The login shell there must be a POSIX one. A command is waited for until all it
//! started have let go of its output, as sshd does.

use super::{Command, Done, Host, HostError, LOCALE, PATH, local, quote};
use futures_util::future::BoxFuture;
use std::{path::PathBuf, time::Duration};

const CONNECT_LIMIT_S: u32 = 5;
const KEPT_OPEN_S: u32 = 60;
/// What is asked for there has a limit of its own; this one is for the way.
const WAY_LIMIT: Duration = Duration::from_secs(10);
/// Who is asked to end has so long before he is killed.
const KILL_AFTER_S: u32 = 2;
/// What `ssh` says of itself and not of the command.
pub(super) const SSH_FAILED: i32 = 255;
/// What `timeout` answers of a command that it ended, and of one that it had to kill.
const TIMED_OUT: [i32; 2] = [124, 137];
/// A socket's path has 107 bytes; ssh puts its hash and a name of its own behind the folder.
const MOST_FOLDER_BYTES: usize = 48;

/// How a host is reached, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshAccess {
    /// Host name or address.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The account there.
    pub user: String,
    /// The file with our private key; nobody else may read it.
    pub key_file: PathBuf,
    /// The file with the keys of hosts. Who is not in it is not spoken to.
    pub known_hosts_file: PathBuf,
    /// A folder of ours alone, for the shared connections.
    pub folder: PathBuf,
}

/// What can not be a way to a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAccess {
    /// It would be read as something else.
    #[error("{0:?} is no host or user")]
    Name(String),
    /// ssh makes sockets there.
    #[error("{0} must begin with /, and the folder have at most {MOST_FOLDER_BYTES} bytes")]
    Path(PathBuf),
}

/// A host by ssh.
#[derive(Debug, Clone)]
pub struct Ssh {
    name: String,
    /// All words of `ssh` before the command.
    words: Vec<String>,
}

impl Ssh {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub fn new(name: &str, access: &SshAccess) -> Result<Self, NoAccess> {
        for word in [&access.address, &access.user] {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
            if word.is_empty() || word.starts_with('-') || !word.chars().all(plain) {
                return Err(NoAccess::Name(word.clone()));
            }
        }
        for path in [&access.key_file, &access.known_hosts_file, &access.folder] {
            // In ssh's own words a % and a space would mean something.
            let text = path.to_str().unwrap_or_default();
            let plain = text.starts_with('/') && !text.contains(['%', ' ', '"', '\'', '\\', '~', '$', '\n']);
            if !plain || (path == &access.folder && text.len() > MOST_FOLDER_BYTES) {
                return Err(NoAccess::Path(path.clone()));
            }
        }
        Ok(Self { name: name.to_owned(), words: words(access) })
    }
}

fn words(access: &SshAccess) -> Vec<String> {
    let options = [
        "BatchMode=yes".to_owned(),
        "PreferredAuthentications=publickey".to_owned(),
        "IdentitiesOnly=yes".to_owned(),
        "IdentityAgent=none".to_owned(),
        format!("IdentityFile={}", access.key_file.display()),
        "StrictHostKeyChecking=yes".to_owned(),
        format!("UserKnownHostsFile={}", access.known_hosts_file.display()),
        "GlobalKnownHostsFile=/dev/null".to_owned(),
        "UpdateHostKeys=no".to_owned(),
        "ClearAllForwardings=yes".to_owned(),
        "LogLevel=ERROR".to_owned(),
        format!("ConnectTimeout={CONNECT_LIMIT_S}"),
        "ServerAliveInterval=5".to_owned(),
        "ServerAliveCountMax=3".to_owned(),
        "ControlMaster=auto".to_owned(),
        format!("ControlPath={}/%C", access.folder.display()),
        format!("ControlPersist={KEPT_OPEN_S}"),
        format!("Port={}", access.port),
        format!("User={}", access.user),
    ];
    let mut words = ["ssh", "-T", "-F", "none"].map(String::from).to_vec();
    words.extend(options.into_iter().flat_map(|option| ["-o".to_owned(), option]));
    words.extend(["--".to_owned(), access.address.clone()]);
    words
}

impl Host for Ssh {
    fn name(&self) -> &str {
        &self.name
    }

    fn run<'a>(&'a self, command: &'a Command) -> BoxFuture<'a, Result<Done, HostError>> {
        Box::pin(async move {
            command.checked()?;
            let words = self.words(command);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let on_the_way = command.clone().limit(command.limit + WAY_LIMIT);
            let began = tokio::time::Instant::now();
            match local::run(&words, &on_the_way).await {
                Ok(done) if done.code == SSH_FAILED => Err(failed(&done.complaint())),
                Ok(done) if TIMED_OUT.contains(&done.code) && began.elapsed() >= command.limit => {
                    Err(HostError::Time(command.limit))
                }
                Err(HostError::Time(_)) => Err(HostError::Broke("no answer came".to_owned())),
                other => other,
            }
        })
    }

    fn words(&self, command: &Command) -> Vec<String> {
        self.words.iter().cloned().chain([remote(command)]).collect()
    }
}

/// What ends here does not end there: the limit is kept there.
fn remote(command: &Command) -> String {
    let (path, locale) = (format!("PATH={PATH}"), format!("LC_ALL={LOCALE}"));
    let kill_after = format!("--kill-after={KILL_AFTER_S}");
    let limit = format!("{:.3}", command.limit.as_secs_f64());
    let before = ["env", &path, &locale, "timeout", &kill_after, &limit];
    let words = command.words.iter().map(String::as_str);
    // A shell that became the command would pass on the signal that ended it, and ssh calls that a failure of its own.
    format!("{} {}; exit $?", before.join(" "), quote::line(words))
}

fn failed(complaint: &str) -> HostError {
    let told = complaint.to_owned();
    let says = |any: &[&str]| any.iter().any(|words| complaint.contains(words));
    if says(&["Permission denied (", "Host key verification failed", "UNPROTECTED PRIVATE KEY"]) {
        return HostError::Denied(told);
    }
    let away = [
        "connect to host",
        "Could not resolve",
        "banner exchange",
        "kex_exchange_identification",
        "Connection refused",
    ];
    if says(&away) { HostError::Unreachable(told) } else { HostError::Broke(told) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_read_as_something_else_is_no_access() {
        let good = SshAccess {
            address: "db1.example.com".into(),
            port: 22,
            user: "dbdesk".into(),
            key_file: "/etc/dbdesk/key".into(),
            known_hosts_file: "/etc/dbdesk/known_hosts".into(),
            folder: "/run/dbdesk/ssh".into(),
        };
        assert!(Ssh::new("db1", &good).is_ok());
        for address in ["-oProxyCommand=x", "", "a b", "a;b", "user@host"] {
            let bad = SshAccess { address: address.into(), ..good.clone() };
            assert_eq!(Ssh::new("db1", &bad).unwrap_err(), NoAccess::Name(address.into()));
        }
        for path in ["key", "/a b", "/a%d", "/~"] {
            let bad = SshAccess { key_file: path.into(), ..good.clone() };
            assert_eq!(Ssh::new("db1", &bad).unwrap_err(), NoAccess::Path(path.into()));
        }
        let bad = SshAccess { folder: format!("/{}", "x".repeat(48)).into(), ..good };
        assert!(Ssh::new("db1", &bad).is_err());
    }

    #[test]
    fn a_line_there_has_no_word_that_its_shell_would_read() {
        let command = Command::new(["echo", "a b", "$HOME", "it's"]).limit(Duration::from_millis(1_500));
        let words = r"'echo' 'a b' '$HOME' 'it'\''s'";
        assert!(
            remote(&command).ends_with(&format!(" timeout --kill-after=2 1.500 {words}; exit $?")),
            "{}",
            remote(&command)
        );
    }

    #[test]
    fn what_ssh_says_is_told_apart() {
        assert!(matches!(
            failed("ssh: connect to host x port 22: Connection refused"),
            HostError::Unreachable(_)
        ));
        assert!(matches!(failed("u@h: Permission denied (publickey)."), HostError::Denied(_)));
        assert!(matches!(failed("Host key verification failed."), HostError::Denied(_)));
        assert!(matches!(failed("client_loop: send disconnect: Broken pipe"), HostError::Broke(_)));
    }
}
