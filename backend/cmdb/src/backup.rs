//! When a group is backed up, to where, and for how long that is kept.

use crate::window;
use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};

/// How a group is backed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupPlan {
    /// Every day at this time of the group's zone, `HH:MM`.
    #[serde(with = "window::hour_minute")]
    pub at: NaiveTime,
    /// The host of the inventory that keeps them.
    pub on: String,
    /// In this folder there; the group has a folder of its own in it.
    pub folder: String,
    /// So many are kept at least.
    #[serde(default = "usual_last")]
    pub keep_last: u16,
    /// And all that are younger.
    #[serde(default = "usual_days")]
    pub keep_days: u16,
    /// A port of that host where nobody is: each is restored there and looked at.
    #[serde(default = "usual_port")]
    pub scratch_port: u16,
}

fn usual_last() -> u16 {
    7
}

fn usual_days() -> u16 {
    14
}

fn usual_port() -> u16 {
    13_306
}

impl BackupPlan {
    /// When the next one begins, after this time.
    #[must_use]
    pub fn next(&self, zone: Tz, after: DateTime<Utc>) -> DateTime<Utc> {
        let today = after.with_timezone(&zone).date_naive();
        let days = today.iter_days().take(4);
        let mut times = days.filter_map(|day| window::instant(day.and_time(self.at), zone));
        times.find(|at| *at > after).unwrap_or(after + chrono::TimeDelta::days(1))
    }

    /// What is wrong with it.
    pub(crate) fn fault(&self, group: &str) -> Option<Said> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let is_path = self.folder.len() > 1
            && self.folder.len() <= 200
            && self.folder.starts_with('/')
            && !self.folder.ends_with('/')
            && !self.folder.contains("/../")
            && self.folder.chars().all(good);
        if !is_path {
            Some(said!(
                "“{group}”: backups are kept in “{folder}”, which is not usable; write a whole path such as \"/srv/backups\".",
                "“{group}”：备份目录“{folder}”不可用，请写完整路径，例如 \"/srv/backups\"。",
                folder = self.folder
            ))
        } else if self.keep_last == 0 || self.scratch_port == 0 {
            Some(said!(
                "“{group}”: at least one backup is kept, and a port is from 1 to 65535.",
                "“{group}”：至少保留一个备份，端口为 1 到 65535。"
            ))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_one_is_at_its_time_of_the_groups_zone() {
        let plan: BackupPlan =
            toml::from_str("at = \"02:30\"\non = \"backups\"\nfolder = \"/srv/backups\"").unwrap();
        let zone: Tz = "Europe/Berlin".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(plan.next(zone, at("2026-11-28T00:00:00Z")), at("2026-11-28T01:30:00Z"));
        assert_eq!(plan.next(zone, at("2026-11-28T01:30:00Z")), at("2026-11-29T01:30:00Z"));
        // There is no half past two on that day.
        assert_eq!(plan.next(zone, at("2026-03-28T02:00:00Z")), at("2026-03-29T01:00:00Z"));
        assert_eq!((plan.keep_last, plan.keep_days, plan.scratch_port), (7, 14, 13_306));
        assert!(plan.fault("shop").is_none());
    }
}
