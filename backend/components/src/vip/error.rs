//! Why an address did not move, by who must act.

use crate::host::HostError;
use dbdesk_commands::lang::{Said, said};

/// Why an address did not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VipError {
    /// A host did not do it.
    #[error("{0}: {1}")]
    Host(String, #[source] HostError),
    /// This host could not be asked: it may hold it.
    #[error("{0} can not be asked whether it holds the address")]
    Unknown(String),
    /// It is not one of those that may hold it.
    #[error("{0} is none of its hosts")]
    NoHost(String),
    /// Another one holds it.
    #[error("{0} holds it")]
    HeldBy(String),
    /// A machine that is none of its hosts answers for it.
    #[error("somebody else in the network answers for it")]
    Stranger,
    /// The host has no such interface.
    #[error("{0} has no interface {1}")]
    NoInterface(String, String),
    /// keepalived does not run there.
    #[error("keepalived does not run on {0}")]
    NotRunning(String),
    /// It did not come, or did not go.
    #[error("{0} does not show what it was told")]
    NotTaken(String),
    /// What is answered can not be understood.
    #[error("{0} answers nonsense: {1}")]
    Nonsense(String, String),
}

impl VipError {
    /// In words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Host(host, error) => {
                let why = error.said();
                Said { en: format!("{host}: {}", why.en).into(), zh: format!("{host}：{}", why.zh).into() }
            }
            Self::Unknown(host) => said!(
                "{host} can not be asked whether it holds the address",
                "无法询问 {host} 是否持有该地址"
            ),
            Self::NoHost(host) => said!("{host} is none of its hosts", "{host} 不是它的主机"),
            Self::HeldBy(host) => said!("{host} holds it", "{host} 正持有它"),
            Self::Stranger => {
                said!("somebody else in the network answers for it", "网络中有其他机器在应答这个地址")
            }
            Self::NoInterface(host, interface) => {
                said!("{host} has no interface {interface}", "{host} 没有网卡 {interface}")
            }
            Self::NotRunning(host) => {
                said!("keepalived does not run on {host}", "{host} 上没有运行 keepalived")
            }
            Self::NotTaken(host) => {
                said!("{host} does not show what it was told", "{host} 上读回的状态不符")
            }
            Self::Nonsense(host, what) => {
                said!("{host} answers nonsense: {what}", "无法理解 {host} 的应答：{what}")
            }
        }
    }

    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Host(_, error) => error.passes(),
            Self::Unknown(_) => true,
            _ => false,
        }
    }
}
