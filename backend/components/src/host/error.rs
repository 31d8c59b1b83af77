//! Why a host did not do it, by who must act.

use super::{Command, Done};
use dbdesk_commands::lang::{Said, said};
use std::time::Duration;

/// Why a host did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nobody answers there: nothing was begun.
    #[error("it can not be reached: {0}")]
    Unreachable(String),
    /// The connection ended in the middle. Whether it was done is not known.
    #[error("the connection broke off, and whether it was done is not known: {0}")]
    Broke(String),
    /// It was killed after so long.
    #[error("it did not end within {} s", .0.as_secs())]
    Time(Duration),
    /// It does not let us in, or it is not who it should be: a key is wrong.
    #[error("it refuses: {0}")]
    Denied(String),
    /// There is no such file.
    #[error("there is no {0}")]
    Gone(String),
    /// There is no such program.
    #[error("the program {0} is not there")]
    NoProgram(String),
    /// More than was allowed for.
    #[error("{0} is longer than {1} bytes")]
    Long(String, usize),
    /// What was to be run can not be passed on.
    #[error("these words can not be passed on: {}", .0.en)]
    Words(Said),
    /// It ran, and failed.
    #[error("{program} ended with {code}: {complaint}")]
    Failed {
        /// Its name.
        program: String,
        /// Its exit code.
        code: i32,
        /// The end of what it said.
        complaint: String,
    },
    /// It answered what can not be understood.
    #[error("it answers nonsense: {0}")]
    Nonsense(String),
}

impl HostError {
    /// In words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Unreachable(why) => said!("it can not be reached: {why}", "无法连接：{why}"),
            Self::Broke(why) => said!(
                "the connection broke off, and whether it was done is not known: {why}",
                "连接中断，不知道是否已经执行：{why}"
            ),
            Self::Time(limit) => {
                said!("it did not end within {s} s", "{s} 秒内没有结束", s = limit.as_secs())
            }
            Self::Denied(why) => said!("it refuses: {why}", "拒绝访问：{why}"),
            Self::Gone(path) => said!("there is no {path}", "{path} 不存在"),
            Self::NoProgram(program) => {
                said!("the program {program} is not there", "没有程序 {program}")
            }
            Self::Long(path, most) => {
                said!("{path} is longer than {most} bytes", "{path} 超过 {most} 字节")
            }
            Self::Words(why) => Said {
                en: format!("these words can not be passed on: {}", why.en).into(),
                zh: format!("这些参数无法传递：{}", why.zh).into(),
            },
            Self::Failed { program, code, complaint } => {
                said!("{program} ended with {code}: {complaint}", "{program} 以 {code} 结束：{complaint}")
            }
            Self::Nonsense(what) => said!("it answers nonsense: {what}", "无法理解它的应答：{what}"),
        }
    }

    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Broke(_) | Self::Time(_))
    }

    /// Of a command that ended with something else than 0.
    #[must_use]
    pub fn failed(command: &Command, done: &Done) -> Self {
        if done.code == NO_PROGRAM {
            return Self::NoProgram(command.program().to_owned());
        }
        Self::Failed { program: command.program().to_owned(), code: done.code, complaint: done.complaint() }
    }
}

/// What shells answer of a program that is not there.
pub(super) const NO_PROGRAM: i32 = 127;
