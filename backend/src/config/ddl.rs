//! How changes of structure are made.

use chrono::TimeDelta;
use dbdesk_commands::wire::throttle::{Limits, MOST_LAG_S, MOST_LOAD};
use dbdesk_components::osc;
use dbdesk_executor::run;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Changes of structure.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ddl {
    /// A lock of a table is waited for so long at a time: whoever comes after waits behind it.
    pub lock_wait_s: u32,
    /// So often, before it is given up.
    pub lock_tries: u32,
    /// Seconds between two tries.
    pub lock_pause_s: u32,
    /// The schema into which tables are renamed that a ticket drops or empties; empty: they are dropped at once.
    pub set_aside_in: String,
    /// They are dropped for good after so many days.
    pub set_aside_days: u32,
    /// Seconds that a replica may take to come to what its primary has.
    pub replica_wait_s: u32,
    /// What changes a large table while everybody works with it.
    pub online_tool: OnlineTool,
    /// Where it is; empty: on the path. `MySQL` from 8.4 on needs pt-online-schema-change 3.7.
    pub online_program: String,
    /// Milliseconds that one chunk of its copy should take.
    pub chunk_ms: u32,
    /// It waits while a replica is more seconds behind than this, or can not be asked.
    pub max_lag_s: u32,
    /// It waits while more threads than this run on the primary.
    pub max_threads_running: u32,
    /// The copy takes the table's place in a quiet window only, where the group has any.
    pub cut_over_in_quiet_window: bool,
}

/// Tools that change a large table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnlineTool {
    /// Of the Percona Toolkit.
    #[default]
    PtOnlineSchemaChange,
    /// gh-ost, where it is on the path; `MySQL` only.
    GhOst,
}

impl Default for Ddl {
    fn default() -> Self {
        let usual = run::Ddl::default();
        let seconds = |ms: u64| u32::try_from(ms / 1_000).unwrap_or(u32::MAX);
        Self {
            lock_wait_s: usual.lock_wait_s,
            lock_tries: usual.lock_tries,
            lock_pause_s: seconds(usual.lock_pause_ms),
            set_aside_in: usual.set_aside_in.unwrap_or_default(),
            set_aside_days: 7,
            replica_wait_s: seconds(usual.replica_wait_ms),
            online_tool: OnlineTool::default(),
            online_program: String::new(),
            chunk_ms: u32::try_from(usual.chunk_ms).unwrap_or(u32::MAX),
            max_lag_s: seconds(usual.max_lag_ms),
            max_threads_running: usual.max_threads_running,
            cut_over_in_quiet_window: usual.cut_over_in_quiet_window,
        }
    }
}

impl Ddl {
    /// What is wrong, in sentences.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let within = |key: &str, value: u32, most: u32| {
            let wrong = value == 0 || value > most;
            wrong.then(|| format!("`ddl.{key}` is {value}; write a number from 1 to {most}"))
        };
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let name = &self.set_aside_in;
        let wrong = name.len() > 64 || !name.chars().all(plain);
        let named = wrong.then(|| {
            format!("`ddl.set_aside_in` is `{name}`; write up to 64 letters, digits and `_`, or nothing")
        });
        let faults = [
            within("lock_wait_s", self.lock_wait_s, 3_600),
            within("lock_tries", self.lock_tries, 10_000),
            within("lock_pause_s", self.lock_pause_s, 3_600),
            within("set_aside_days", self.set_aside_days, 3_650),
            within("replica_wait_s", self.replica_wait_s, 86_400),
            within("chunk_ms", self.chunk_ms, 10_000),
            within("max_lag_s", self.max_lag_s, MOST_LAG_S),
            within("max_threads_running", self.max_threads_running, MOST_LOAD),
            named,
        ];
        faults.into_iter().flatten().collect()
    }

    /// The schema for tables that are set aside, where there is one.
    #[must_use]
    pub fn set_aside_in(&self) -> Option<String> {
        Some(self.set_aside_in.clone()).filter(|name| !name.is_empty())
    }

    /// They are kept for so long.
    #[must_use]
    pub fn set_aside_lasts(&self) -> TimeDelta {
        TimeDelta::days(i64::from(self.set_aside_days))
    }

    /// The lag and load above which work waits, where nobody has set others for its ticket.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { max_lag_ms: u64::from(self.max_lag_s) * 1_000, max_load: self.max_threads_running }
    }

    /// As the process of a task takes it.
    #[must_use]
    pub fn of_tasks(&self) -> run::Ddl {
        run::Ddl {
            lock_wait_s: self.lock_wait_s,
            lock_tries: self.lock_tries,
            lock_pause_ms: u64::from(self.lock_pause_s) * 1_000,
            set_aside_in: self.set_aside_in(),
            set_aside_days: self.set_aside_days,
            replica_wait_ms: u64::from(self.replica_wait_s) * 1_000,
            tool: match (self.online_tool, self.online_program.as_str()) {
                (OnlineTool::PtOnlineSchemaChange, "") => Arc::new(osc::Pt::default()),
                (OnlineTool::PtOnlineSchemaChange, program) => Arc::new(osc::Pt::at(program)),
                (OnlineTool::GhOst, "") => Arc::new(osc::GhOst::default()),
                (OnlineTool::GhOst, program) => Arc::new(osc::GhOst::at(program)),
            },
            chunk_ms: u64::from(self.chunk_ms),
            max_lag_ms: u64::from(self.max_lag_s) * 1_000,
            max_threads_running: self.max_threads_running,
            cut_over_in_quiet_window: self.cut_over_in_quiet_window,
        }
    }
}
