//! Why a name server did not do it, by who must act.

use super::{DnsName, Kind};
use dbdesk_commands::lang::{Said, said};

/// Why a name server did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    /// Nobody answers there.
    #[error("it can not be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Time,
    /// It can not just now.
    #[error("it is busy: {0}")]
    Busy(String),
    /// It does not know our key, or the key may not do this.
    #[error("it refuses: {0}")]
    Denied(String),
    /// It has no such zone.
    #[error("it has no zone {0}")]
    NoZone(DnsName),
    /// The name is of another zone.
    #[error("{0} is not in the zone {1}")]
    Elsewhere(DnsName, DnsName),
    /// A name that is another's can be nothing else.
    #[error("there is a record of kind {0} already, and beside a CNAME there is no other")]
    Conflict(Kind),
    /// It says no, in its own words.
    #[error("it says: {0}")]
    Refused(String),
    /// It said yes, and shows something else.
    #[error("it does not show what it was told")]
    NotTaken,
    /// It answers what can not be understood, or what nobody vouches for.
    #[error("it answers nonsense: {0}")]
    Nonsense(String),
}

impl NamesError {
    /// In words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Unreachable(why) => said!("it can not be reached: {why}", "无法连接：{why}"),
            Self::Time => said!("it did not answer in time", "没有及时应答"),
            Self::Busy(why) => said!("it is busy: {why}", "暂时繁忙：{why}"),
            Self::Denied(why) => said!("it refuses: {why}", "拒绝访问：{why}"),
            Self::NoZone(zone) => said!("it has no zone {zone}", "没有区域 {zone}"),
            Self::Elsewhere(name, zone) => {
                said!("{name} is not in the zone {zone}", "{name} 不在区域 {zone} 中")
            }
            Self::Conflict(kind) => said!(
                "there is a record of kind {kind} already, and beside a CNAME there is no other",
                "已经有 {kind} 记录，CNAME 不能与其他记录并存"
            ),
            Self::Refused(why) => said!("it says: {why}", "它回答：{why}"),
            Self::NotTaken => said!("it does not show what it was told", "修改后读回的内容不符"),
            Self::Nonsense(what) => said!("it answers nonsense: {what}", "无法理解它的应答：{what}"),
        }
    }

    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Time | Self::Busy(_))
    }
}
