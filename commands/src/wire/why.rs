//! Why policy wants a person for a ticket.

use crate::lang::Said;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The first reason that keeps a ticket from passing by itself, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyPerson {
    /// A rule failed.
    Rule,
    /// It takes another ticket back, or brings back rows of the binary log.
    TakesBack,
    /// Data or structure is gone afterwards.
    Destroys,
    /// The review does not know what a statement does.
    NotUnderstood,
    /// The server was not asked, so that nothing is counted.
    NotLive,
    /// Too much for the way in which the server does it.
    Heavy,
    /// More statements than policy lets pass.
    ManyStatements,
    /// Rows that a statement changes could not be counted.
    RowsUnknown,
    /// More rows than policy lets pass.
    ManyRows,
    /// The size of a table whose structure changes is not known.
    SizeUnknown,
    /// A table whose structure changes is larger than policy lets pass.
    BigTable,
    /// It changes tables of several service groups.
    SeveralGroups,
    /// Nothing passes by itself in this environment.
    Environment,
    /// Somebody would get access.
    Access,
    /// It runs a script.
    Script,
    /// It changes the inventory, or what servers do.
    Cluster,
}

impl WhyPerson {
    /// The reason as the end of a sentence.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Rule => Said::fixed("a rule failed", "有规则没有通过"),
            Self::TakesBack => Said::fixed(
                "what takes changes back is looked at by a second person",
                "撤销变更须由另一个人审批",
            ),
            Self::SeveralGroups => {
                Said::fixed("it changes tables of several service groups", "涉及多个服务组的表")
            }
            Self::Destroys => Said::fixed("it destroys data or structure", "会破坏数据或结构"),
            Self::NotUnderstood => Said::fixed(
                "the review does not understand all that it does",
                "有语句无法分析，不清楚它会做什么",
            ),
            Self::NotLive => {
                Said::fixed("the server could not be asked about it", "审核时没能连上目标数据库")
            }
            Self::Heavy => {
                Said::fixed("it is much work for the server in one go", "一次性执行对服务器压力较大")
            }
            Self::ManyStatements => {
                Said::fixed("it has more statements than pass by policy", "语句数超过自动批准的上限")
            }
            Self::RowsUnknown => {
                Said::fixed("the rows that it changes could not be counted", "没能统计出会改动多少行")
            }
            Self::ManyRows => {
                Said::fixed("it changes more rows than pass by policy", "改动的行数超过自动批准的上限")
            }
            Self::SizeUnknown => {
                Said::fixed("the size of a table that it alters is not known", "要改结构的表有多大，无法确定")
            }
            Self::BigTable => Said::fixed(
                "a table that it alters is larger than passes by policy",
                "要改结构的表超过自动批准的大小上限",
            ),
            Self::Script => Said::fixed("it runs a script", "会运行脚本"),
            Self::Cluster => {
                Said::fixed("it changes the inventory, or what servers do", "会变更清单或服务器的状态")
            }
            Self::Access => Said::fixed("it gives access", "会授予访问权限"),
            Self::Environment => {
                Said::fixed("every ticket of this environment needs one", "这个环境的工单都要由 DBA 审批")
            }
        }
    }
}
