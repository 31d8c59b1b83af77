//! Who must approve a ticket, and who has.

use crate::{
    lang::Said,
    wire::{person::PersonView, task::TaskKind},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of request policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// SQL that changes structure, or of which not all is understood.
    Ddl,
    /// SQL that changes rows only.
    Dml,
    /// It takes another ticket back, or brings rows of the binary log back.
    Undo,
    /// An account, or what it may do.
    Account,
    /// A new database.
    Database,
    /// The inventory, or a group's servers.
    Cluster,
    /// A run of a DBA's script.
    Script,
}

impl From<TaskKind> for RequestKind {
    fn from(kind: TaskKind) -> Self {
        match kind {
            TaskKind::Ddl => Self::Ddl,
            TaskKind::Dml => Self::Dml,
            TaskKind::Account => Self::Account,
            TaskKind::Database => Self::Database,
            TaskKind::Cluster => Self::Cluster,
            TaskKind::Script => Self::Script,
        }
    }
}

impl RequestKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Ddl, Self::Dml, Self::Undo, Self::Account, Self::Database, Self::Cluster, Self::Script];

    /// The word in configuration and store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ddl => "ddl",
            Self::Dml => "dml",
            Self::Undo => "undo",
            Self::Account => "account",
            Self::Database => "database",
            Self::Cluster => "cluster",
            Self::Script => "script",
        }
    }

    /// Whether it is SQL that a person wrote, or that was made to take such SQL back.
    #[must_use]
    pub fn is_sql(self) -> bool {
        matches!(self, Self::Ddl | Self::Dml | Self::Undo)
    }

    /// What people call it.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Ddl => Said::fixed("change of structure", "结构变更"),
            Self::Dml => Said::fixed("change of rows", "数据变更"),
            Self::Undo => Said::fixed("taking back", "撤销变更"),
            Self::Account => Said::fixed("account", "账号"),
            Self::Database => Said::fixed("database", "数据库"),
            Self::Cluster => Said::fixed("cluster", "集群"),
            Self::Script => Said::fixed("run of a script", "运行脚本"),
        }
    }
}

/// A step of an approval: so many different people of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// The group; `dba` stands for the DBAs of the service group.
    pub from: String,
    /// How many of it.
    pub needs: u8,
    /// Who has approved, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenView>,
    /// It is the one that waits now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// Every DBA of the desk is in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub every_dba: bool,
}

/// An approval that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GivenView {
    /// By whom.
    pub by: PersonView,
    /// For whom he stood in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood_in_for: Option<PersonView>,
    /// When.
    pub at: DateTime<Utc>,
}
