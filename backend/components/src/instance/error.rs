//! Why a server was not made, copied, kept or restored, by who must act.

use crate::host::HostError;
use dbdesk_commands::lang::{Said, said};
use std::time::Duration;

/// Why something was not done with a server on a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstanceError {
    /// The host did not do it.
    #[error("{0}: {1}")]
    Host(String, #[source] HostError),
    /// What is asked for can not be.
    #[error("that can not be: {}", .0.en)]
    Unusable(Said),
    /// There is a folder that somebody else made; who, if it says so.
    #[error("{folder} is there already, made by {}", .by.as_deref().unwrap_or("nobody we know"))]
    SomebodyElses {
        /// Which.
        folder: String,
        /// Who made it.
        by: Option<String>,
    },
    /// Something listens there.
    #[error("somebody listens at port {0} already")]
    PortTaken(u16),
    /// There is no such program.
    #[error("{0} is not installed")]
    NoProgram(String),
    /// The program is another one than the flavour asks for.
    #[error("{program} is {found}, not {wanted}")]
    WrongVersion {
        /// Its name.
        program: String,
        /// What it says.
        found: String,
        /// The flavour.
        wanted: String,
    },
    /// The operating system has no such user, or we may not be him.
    #[error("nothing can be run as {0}")]
    NoUser(String),
    /// There is no instance of ours.
    #[error("there is no instance in {0}")]
    NotMade(String),
    /// It runs, and must not.
    #[error("it runs")]
    Runs,
    /// It does not run, and must.
    #[error("it does not run")]
    NotRunning,
    /// It still shuts down after so long.
    #[error("it still shuts down after {} s", .0.as_secs())]
    Stopping(Duration),
    /// It still starts after so long.
    #[error("it still starts after {} s", .0.as_secs())]
    Starting(Duration),
    /// It ended when it was started; the last it said.
    #[error("it ended when it was started: {0}")]
    DidNotStart(String),
    /// Data of somebody's is there.
    #[error("data is there: {0}")]
    Occupied(String),
    /// A server says no.
    #[error("it says {code}: {message}")]
    Server {
        /// Its number.
        code: u16,
        /// Its words.
        message: String,
    },
    /// It said yes, and shows something else.
    #[error("it does not show what it was told: {0}")]
    NotTaken(String),
    /// There is no such backup, or nothing of that kind in it.
    #[error("there is no {0}")]
    Gone(String),
    /// There is one of this name already.
    #[error("{0} is there already")]
    Exists(String),
    /// What was kept is not what it was.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Something answers what can not be understood.
    #[error("it answers nonsense: {0}")]
    Nonsense(String),
}

impl InstanceError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Host(_, error) => error.passes(),
            Self::Stopping(_) | Self::Starting(_) => true,
            _ => false,
        }
    }

    /// In words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Host(host, error) => {
                let why = error.said();
                Said { en: format!("{host}: {}", why.en).into(), zh: format!("{host}：{}", why.zh).into() }
            }
            Self::Unusable(why) => Said {
                en: format!("that can not be: {}", why.en).into(),
                zh: format!("不可行：{}", why.zh).into(),
            },
            Self::SomebodyElses { folder, by: Some(by) } => {
                said!("{folder} is there already, made by {by}", "{folder} 已经存在，由 {by} 创建")
            }
            Self::SomebodyElses { folder, by: None } => said!(
                "{folder} is there already, and dbdesk did not make it",
                "{folder} 已经存在，并不是 dbdesk 创建的"
            ),
            Self::PortTaken(port) => {
                said!("somebody listens at port {port} already", "端口 {port} 已被占用")
            }
            Self::NoProgram(program) => said!("{program} is not installed", "没有安装 {program}"),
            Self::WrongVersion { program, found, wanted } => {
                said!("{program} is {found}, not {wanted}", "{program} 的版本是 {found}，不是 {wanted}")
            }
            Self::NoUser(user) => said!(
                "nothing can be run as {user}: there is no such user, or we are neither root nor he",
                "无法以 {user} 的身份运行程序：没有这个用户，或者登录用户既不是 root 也不是它"
            ),
            Self::NotMade(folder) => said!("there is no instance in {folder}", "{folder} 中没有实例"),
            Self::Runs => Said::fixed("it runs", "它正在运行"),
            Self::NotRunning => Said::fixed("it does not run", "它没有运行"),
            Self::Stopping(after) => {
                said!("it still shuts down after {s} s", "{s} 秒后仍未关闭", s = after.as_secs())
            }
            Self::Starting(after) => {
                said!("it still starts after {s} s", "{s} 秒后仍未启动完成", s = after.as_secs())
            }
            Self::DidNotStart(why) => {
                said!("it ended when it was started: {why}", "启动后随即退出：{why}")
            }
            Self::Occupied(what) => {
                said!("data is there that would be lost: {what}", "那里已有数据，继续会丢失：{what}")
            }
            Self::Server { code, message } => said!("it says {code}: {message}", "它回答 {code}：{message}"),
            Self::NotTaken(what) => {
                said!("it does not show what it was told: {what}", "修改后读回的内容不符：{what}")
            }
            Self::Gone(what) => said!("there is no {what}", "没有 {what}"),
            Self::Exists(what) => said!("{what} is there already", "{what} 已经存在"),
            Self::Damaged(what) => said!("it is damaged: {what}", "内容已损坏：{what}"),
            Self::Nonsense(what) => said!("it answers nonsense: {what}", "无法理解它的应答：{what}"),
        }
    }
}
