//! The audit log, for admins.

use super::{Caller, Failure};
use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::said,
    wire::{
        audit::{AuditPage, SubjectKind},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    audit::{self, Filter},
    person,
};

/// The most of one page.
pub const MOST: u32 = 200;

/// Which rows are asked for.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// Only about this ticket.
    pub ticket: Option<TicketId>,
    /// Only by this person, or in his name.
    pub person: Option<String>,
    /// Only since then.
    pub since: Option<Time>,
    /// Only after this row.
    pub after: u64,
    /// At most so many.
    pub limit: u32,
}

/// Lists them, oldest first.
pub async fn list(desk: &Desk, caller: &Caller, which: Which) -> Result<AuditPage, Failure> {
    if !caller.is_admin() || *caller.within() != Within::All {
        return Err(only_admins().into());
    }
    let person = match &which.person {
        Some(name) => {
            let person = person::by_name(&desk.store, name).await?;
            Some(person.ok_or_else(|| nobody(name))?.id)
        }
        None => None,
    };
    let limit = which.limit.clamp(1, MOST);
    let filter = Filter {
        subject: which.ticket.map(|ticket| (SubjectKind::Ticket, ticket.to_string())),
        person,
        since: which.since,
        after: which.after,
        limit: limit + 1,
    };
    let mut rows = audit::page(&desk.store, &filter).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let cursor = rows.last().map_or(which.after, |row| row.id);
    Ok(AuditPage { rows, cursor, more })
}

fn only_admins() -> Refusal {
    Refusal::new(
        Code::Forbidden,
        said!(
            "The audit log is for admins, with a token that is for all service groups. Ask one of them, or look at a ticket's own log.",
            "审计日志只有管理员可以查看，并且令牌必须覆盖全部服务组。请联系管理员，或查看工单自己的日志。"
        ),
    )
}

fn nobody(name: &str) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is nobody “{name}” at the desk.",
            "工单台里没有“{name}”这个人。",
            name = super::refuse::quoted(name)
        ),
    )
}
