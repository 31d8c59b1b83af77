//! How a script ended, as people read it.

use crate::{bounds, length};
use dbdesk_commands::lang::{Said, said};

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// With this exit code; 0 is well.
    Exit(i32),
    /// By this signal, which the desk did not send.
    Signal(i32),
    /// It took longer than it may.
    TimeLimit {
        /// So long it may.
        limit_s: u64,
    },
    /// It wrote more than it may.
    Flood,
    /// It had more processes than it may.
    Processes,
    /// A person cancelled it.
    Cancelled {
        /// It did not hear that it is to end, and was ended by force.
        by_force: bool,
    },
    /// It could not be started.
    NotStarted(String),
    /// Its files are not those that were approved.
    Changed,
    /// What watches it vanished.
    Unwatched,
}

impl Ending {
    /// Whether it ended well.
    #[must_use]
    pub fn is_well(&self) -> bool {
        *self == Self::Exit(0)
    }

    /// What people read, as a clause.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Exit(0) => Said::fixed("it ended well", "正常结束"),
            Self::Exit(code) => said!("it ended with exit code {code}", "退出码为 {code}"),
            Self::Signal(number) => {
                let name = signal(*number);
                said!(
                    "it was ended by the signal {name}, which the desk did not send",
                    "被信号 {name} 结束（不是工单台发送的）"
                )
            }
            Self::TimeLimit { limit_s } => {
                let limit = length::written(*limit_s);
                said!(
                    "it took longer than {limit}, its time limit, and was ended",
                    "超过时间上限 {limit}，已被结束"
                )
            }
            Self::Flood => {
                let megabytes = bounds::ALL_BYTES / 1_024 / 1_024;
                said!("it wrote more than {megabytes} MB and was ended", "输出超过 {megabytes} MB，已被结束")
            }
            Self::Processes => {
                let most = bounds::PROCESSES;
                said!(
                    "it had more than {most} processes and was ended with all of them",
                    "进程数超过 {most} 个，已全部结束"
                )
            }
            Self::Cancelled { by_force: false } => Said::fixed(
                "it was cancelled, and ended when it was told to",
                "已取消，脚本收到要求后自行结束",
            ),
            Self::Cancelled { by_force: true } => Said::fixed(
                "it was cancelled, did not end when it was told to, and was ended by force",
                "已取消，脚本没有响应，被强制结束",
            ),
            Self::NotStarted(why) => said!("it could not be started: {why}", "无法启动：{why}"),
            Self::Changed => Said::fixed(
                "its files are not those that were approved, so nothing was run. Look at them and file it again",
                "脚本文件与批准时不同，因此没有运行。请检查后重新提交",
            ),
            Self::Unwatched => Said::fixed(
                "the process that watches it vanished, so all of it was ended; how far it came is not known",
                "监管进程消失，已结束脚本的全部进程；执行到哪一步不明",
            ),
        }
    }
}

/// A signal's name, where it has one that people know.
#[must_use]
pub fn signal(number: i32) -> String {
    let name = match number {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        4 => "ILL",
        5 => "TRAP",
        6 => "ABRT",
        7 => "BUS",
        8 => "FPE",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        14 => "ALRM",
        15 => "TERM",
        24 => "XCPU",
        25 => "XFSZ",
        31 => "SYS",
        _ => return number.to_string(),
    };
    format!("SIG{name}")
}
