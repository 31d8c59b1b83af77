//! Why a task does not start although it is due.

use crate::{
    id::TicketId,
    lang::{Said, said},
    wire::task::TaskKind,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a task that is due waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Waits {
    /// The peak hours of its service group.
    Peak {
        /// When it opens; absent where it does not by itself.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<DateTime<Utc>>,
    },
    /// A freeze.
    Freeze {
        /// Why, as the DBA wrote it.
        reason: String,
        /// When it opens; absent until somebody ends the freeze.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<DateTime<Utc>>,
    },
    /// No machine that works has all these labels.
    Machine {
        /// The labels of its service group.
        labels: Vec<String>,
    },
    /// Every place on the machines that could take it is taken.
    Room,
    /// As many tasks as may run on its service group.
    Group {
        /// How many may.
        limit: u32,
    },
    /// As many tasks as may run on its server.
    Instance {
        /// Which server, `host:port`.
        instance: String,
        /// How many may.
        limit: u32,
    },
    /// As many tasks of its kind as may run.
    Kind {
        /// Which kind.
        task_kind: TaskKind,
        /// How many may.
        limit: u32,
    },
    /// As many runs of its script as may run.
    Script {
        /// Which script.
        script: String,
        /// How many may.
        limit: u32,
        /// On one service group; else over all.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        in_group: bool,
    },
    /// Another ticket's work, which must not run at the same time.
    Ticket {
        /// Which.
        ticket: TicketId,
        /// A table that both change; absent where the whole service group is meant.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        table: Option<String>,
    },
}

impl Waits {
    /// It waits for its turn only, which changes from moment to moment.
    #[must_use]
    pub fn is_a_turn(&self) -> bool {
        matches!(
            self,
            Self::Room | Self::Group { .. } | Self::Instance { .. } | Self::Kind { .. } | Self::Script { .. }
        )
    }

    /// The word in metrics.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Peak { .. } => "peak",
            Self::Freeze { .. } => "freeze",
            Self::Machine { .. } => "machine",
            Self::Room => "room",
            Self::Group { .. } => "group",
            Self::Instance { .. } => "instance",
            Self::Kind { .. } => "kind",
            Self::Script { .. } => "script",
            Self::Ticket { .. } => "ticket",
        }
    }

    /// What a person reads, after "It waits".
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Peak { .. } => Said::fixed(
                "for the end of the peak hours of its service group; a DBA can press Run now",
                "等待服务组的业务高峰结束；DBA 可以点“立即执行”",
            ),
            Self::Freeze { reason, .. } => said!(
                "for the end of a freeze ({reason}); /freeze list shows it",
                "等待冻结结束（{reason}）；可以用 /freeze list 查看"
            ),
            Self::Machine { labels } => said!(
                "for a machine with the labels {labels}: none works at the moment. A DBA starts a control there, or corrects the \
                 labels in the inventory",
                "等待带有标签 {labels} 的执行机：目前没有这样的机器在工作。请 DBA 在那里启动 control，或修正清单里的标签",
                labels = labels.join(", ")
            ),
            Self::Room => Said::fixed("for a free place on a machine", "等待执行机空出名额"),
            Self::Group { limit } => said!(
                "for its turn: at most {limit} at a time run on this service group",
                "等待轮到自己：这个服务组最多同时执行 {limit} 个任务"
            ),
            Self::Instance { instance, limit } => said!(
                "for its turn: at most {limit} at a time run on {instance}",
                "等待轮到自己：{instance} 上最多同时执行 {limit} 个任务"
            ),
            Self::Kind { task_kind, limit } => said!(
                "for its turn: at most {limit} of the kind {kind} run at a time",
                "等待轮到自己：{kind} 任务最多同时执行 {limit} 个",
                kind = task_kind.label()
            ),
            Self::Script { script, limit, in_group: true } => said!(
                "for its turn: at most {limit} of the script {script} run on one service group at a time",
                "等待轮到自己：脚本 {script} 在一个服务组上最多同时运行 {limit} 个"
            ),
            Self::Script { script, limit, in_group: false } => said!(
                "for its turn: at most {limit} of the script {script} run at a time",
                "等待轮到自己：脚本 {script} 最多同时运行 {limit} 个"
            ),
            Self::Ticket { ticket, table: Some(table) } => {
                said!("for {ticket}: both change the table {table}", "等待 {ticket}：两者都要改动表 {table}")
            }
            Self::Ticket { ticket, table: None } => said!(
                "for {ticket}: the two must not run at the same time on one service group",
                "等待 {ticket}：两者不能在同一个服务组上同时执行"
            ),
        }
    }
}
