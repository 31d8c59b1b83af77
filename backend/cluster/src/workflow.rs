//! What is done to a cluster in several steps, and what takes it back.

use crate::{
    back::back,
    step::{Reading, Step},
};
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// What a workflow is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// A group is built from a package.
    Build,
    /// A replica is added.
    AddReplica,
    /// A replica is removed.
    RemoveReplica,
    /// Another server becomes the primary, on purpose.
    Switchover,
    /// Databases go to a group of their own.
    Split,
    /// A group is taken away.
    Retire,
    /// Options of the servers change, one server after the other.
    Parameters,
    /// The servers get another version, one after the other.
    Upgrade,
    /// One part is changed by itself: a proxy, a virtual IP, a name, a server.
    Part,
    /// A backup is taken and verified.
    Backup,
    /// A table of a backup stands beside the one that is there.
    RestoreTable,
    /// Replicas are compared with their primary.
    Compare,
    /// What another workflow did is taken back.
    Undo,
}

impl Aim {
    /// In a line, of this group.
    #[must_use]
    pub fn said(self, group: &str) -> Said {
        match self {
            Self::Build => said!("Build the service group {group}", "搭建服务组 {group}"),
            Self::AddReplica => said!("Add a replica to {group}", "为 {group} 添加从库"),
            Self::RemoveReplica => said!("Remove a replica from {group}", "从 {group} 移除从库"),
            Self::Switchover => said!("Make another server the primary of {group}", "切换 {group} 的主库"),
            Self::Split => said!("Split databases off from {group}", "从 {group} 拆出数据库"),
            Self::Retire => said!("Retire the service group {group}", "下线服务组 {group}"),
            Self::Parameters => said!("Change parameters of {group}", "修改 {group} 的参数"),
            Self::Upgrade => said!("Bring {group} to another version", "升级 {group} 的版本"),
            Self::Part => said!("Change a part of {group}", "修改 {group} 的一个组件"),
            Self::Backup => said!("Back {group} up", "备份 {group}"),
            Self::RestoreTable => said!("Restore a table of {group}", "恢复 {group} 的一张表"),
            Self::Compare => said!("Compare the servers of {group}", "比对 {group} 的服务器"),
            Self::Undo => said!("Take back what was done to {group}", "撤销对 {group} 的操作"),
        }
    }

    /// Whether applications may notice it.
    #[must_use]
    pub fn is_felt(self) -> bool {
        !matches!(self, Self::Build | Self::AddReplica | Self::Backup | Self::RestoreTable | Self::Compare)
    }
}

/// A list of steps, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// What it is for.
    pub aim: Aim,
    /// The service group's name.
    pub group: String,
    /// The group's version that it was planned for; another one is not changed.
    pub seen: u64,
    /// What was asked for, as JSON, where a document was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

impl Workflow {
    /// Whether applications may notice it. One part by itself: only if something in it takes away or leads elsewhere.
    #[must_use]
    pub fn is_felt(&self) -> bool {
        let adds = |step: &Step| {
            matches!(
                step,
                Step::StartInstance { .. }
                    | Step::AddReader { .. }
                    | Step::WeighReader { .. }
                    | Step::SetReader { becomes: Reading::Ready, .. }
                    | Step::Lag { .. }
                    | Step::Monitor { .. }
                    | Step::Inventory { .. }
            )
        };
        self.aim.is_felt() && !(self.aim == Aim::Part && self.steps.iter().all(adds))
    }

    /// The text that people approve: what was asked for, and every step.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("-- {}.\n", self.aim.said(&self.group).en);
        if let Some(document) = &self.document {
            text.push_str(document.trim_end());
            text.push('\n');
        }
        for (number, step) in (1_u32..).zip(&self.steps) {
            let _ = writeln!(text, "{number}. {}", step.said().en.replace(['\n', '\r'], " "));
        }
        text
    }

    /// What takes back the first `ran` of its steps, the last first; see [`crate::back`]. A step that broke off counts as one that ran: what
    /// takes it back does not mind that there is nothing.
    #[must_use]
    pub fn undone(&self, ran: usize, seen: u64) -> Option<Self> {
        let steps = back(self.steps.get(..ran).unwrap_or(&self.steps));
        (!steps.is_empty()).then(|| Self {
            aim: Aim::Undo,
            group: self.group.clone(),
            seen,
            document: None,
            steps,
        })
    }
}
