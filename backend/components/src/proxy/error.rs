//! Why a proxy did not do it, by who must act.

use super::{Address, Pool, ServerName};
use dbdesk_commands::lang::{Said, said};

/// Why a proxy did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Nobody answers there.
    #[error("it can not be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Time,
    /// Somebody is still connected through this server.
    #[error("somebody is still connected through {0}")]
    Busy(ServerName),
    /// It does not let us in.
    #[error("it refuses: {0}")]
    Denied(String),
    /// It has no such pool.
    #[error("it has no {0} pool of this name")]
    NoPool(Pool),
    /// The pool has no such server.
    #[error("its {0} pool has no server {1}")]
    NoServer(Pool, ServerName),
    /// There is one of this name, and it is another one.
    #[error("{0} is there already, at {1}")]
    Taken(ServerName, Address),
    /// Only numbers are understood there.
    #[error("{0} is no IP address")]
    NotAnAddress(Address),
    /// It can not be done with this program, or in this pool.
    #[error("that can not be done here: {}", .0.en)]
    Impossible(Said),
    /// Its own monitor moves servers between the pools, by `read_only`.
    #[error("it goes by read_only itself: mysql_replication_hostgroups has this group")]
    Governed,
    /// What somebody else has begun there would be loaded as well.
    #[error("somebody's changes to other hostgroups are not loaded yet")]
    Unloaded,
    /// It says no, in its own words.
    #[error("it says: {0}")]
    Refused(String),
    /// It said yes, and shows something else.
    #[error("it does not show what it was told: {0}")]
    NotTaken(String),
    /// It answers what can not be understood.
    #[error("it answers nonsense: {0}")]
    Nonsense(String),
}

impl ProxyError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Time | Self::Busy(_))
    }

    /// In words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Unreachable(why) => said!("it can not be reached: {why}", "无法连接：{why}"),
            Self::Time => said!("it did not answer in time", "没有及时应答"),
            Self::Busy(server) => {
                said!("somebody is still connected through {server}", "仍有连接经由 {server}")
            }
            Self::Denied(why) => said!("it refuses: {why}", "拒绝访问：{why}"),
            Self::NoPool(Pool::Writer) => said!("it has no write pool of this name", "没有这个名字的写池"),
            Self::NoPool(Pool::Reader) => said!("it has no read pool of this name", "没有这个名字的读池"),
            Self::NoServer(Pool::Writer, server) => {
                said!("its write pool has no server {server}", "写池中没有服务器 {server}")
            }
            Self::NoServer(Pool::Reader, server) => {
                said!("its read pool has no server {server}", "读池中没有服务器 {server}")
            }
            Self::Taken(server, address) => {
                said!("{server} is there already, at {address}", "{server} 已经存在，地址是 {address}")
            }
            Self::NotAnAddress(address) => said!("{address} is no IP address", "{address} 不是 IP 地址"),
            Self::Impossible(why) => Said {
                en: format!("that can not be done here: {}", why.en).into(),
                zh: format!("在这里做不到：{}", why.zh).into(),
            },
            Self::Governed => said!(
                "it goes by read_only itself: mysql_replication_hostgroups has this group",
                "它自己按 read_only 切换：mysql_replication_hostgroups 中有这个组"
            ),
            Self::Unloaded => said!(
                "somebody's changes to other hostgroups are not loaded yet",
                "有人对其他 hostgroup 的修改尚未加载"
            ),
            Self::Refused(why) => said!("it says: {why}", "它回答：{why}"),
            Self::NotTaken(what) => {
                said!("it does not show what it was told: {what}", "修改后读回的内容不符：{what}")
            }
            Self::Nonsense(what) => said!("it answers nonsense: {what}", "无法理解它的应答：{what}"),
        }
    }
}
