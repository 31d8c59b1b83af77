//! Table `task`, many at a time.

use crate::{
    Error, Pool,
    sight::Sight,
    task::{Row, TaskRow},
    within::and_ticket,
};
use dbdesk_cmdb::{GroupId, Within};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{queue::TaskLine, task::TaskState},
};
use sqlx::{FromRow, MySql, QueryBuilder};

/// Which tasks. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of tickets that this person sees; `None`: of all.
    pub sight: Option<Sight>,
    /// Only of this ticket.
    pub ticket: Option<TicketId>,
    /// Only in these states; empty means in any.
    pub states: Vec<TaskState>,
    /// Only of this service group.
    pub group: Option<GroupId>,
    /// Only of tickets of these service groups.
    pub within: Within,
    /// Only on this machine.
    pub host: Option<String>,
    /// Only those whose process does not answer.
    pub silent: bool,
    /// Only older than this one.
    pub before: Option<TaskId>,
    /// In which order.
    pub order: Order,
    /// At most so many.
    pub limit: u32,
}

/// In which order tasks are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Those that do not answer first, then the longest running.
    Running,
    /// As they start.
    Starting,
    /// As their times come.
    Due,
}

#[derive(FromRow)]
struct Line {
    #[sqlx(flatten)]
    row: Row,
    group_name: String,
    card_thread: Option<String>,
}

const LINES: &str = "SELECT t.*, g.name AS group_name, k.card_thread FROM task t JOIN ticket k ON k.id = t.ticket_id \
                     JOIN service_group g ON g.id = t.service_group_id WHERE ";

impl TryFrom<Line> for TaskLine {
    type Error = Error;
    fn try_from(line: Line) -> Result<Self, Error> {
        let task = TaskRow::try_from(line.row)?.view();
        Ok(Self { task, service_group: line.group_name, thread_id: line.card_thread })
    }
}

/// One task.
pub async fn line(pool: &Pool, id: TaskId) -> Result<Option<TaskLine>, Error> {
    let mut query = QueryBuilder::<MySql>::new(LINES);
    query.push("t.id = ").push_bind(id.0);
    let line: Option<Line> = query.build_query_as().fetch_optional(pool).await?;
    line.map(TaskLine::try_from).transpose()
}

/// Tasks with what a list shows of them.
pub async fn page(pool: &Pool, filter: &Filter) -> Result<Vec<TaskLine>, Error> {
    let mut query = QueryBuilder::<MySql>::new(LINES);
    query.push("1 = 1");
    if let Some(sight) = &filter.sight {
        sight.push(&mut query, "k");
    }
    if let Some(ticket) = filter.ticket {
        query.push(" AND t.ticket_id = ").push_bind(ticket.0);
    }
    if let Some(group) = filter.group {
        query.push(" AND t.service_group_id = ").push_bind(group.0);
    }
    and_ticket(&mut query, "k", &filter.within);
    if let Some(host) = &filter.host {
        query.push(" AND t.host = ").push_bind(host);
    }
    if filter.silent {
        query.push(" AND t.silent = 1 AND t.state IN ('running', 'paused')");
    }
    if let Some(before) = filter.before {
        query.push(" AND t.id < ").push_bind(before.0);
    }
    if !filter.states.is_empty() {
        query.push(" AND t.state IN (");
        let mut list = query.separated(", ");
        for state in &filter.states {
            list.push_bind(state.word());
        }
        query.push(")");
    }
    query.push(match filter.order {
        Order::Newest => " ORDER BY t.id DESC",
        Order::Running => " ORDER BY t.silent DESC, t.started_at, t.id",
        Order::Starting => " ORDER BY t.priority, t.due_at, t.id",
        Order::Due => " ORDER BY t.due_at, t.id",
    });
    query.push(" LIMIT ").push_bind(filter.limit);
    let lines: Vec<Line> = query.build_query_as().fetch_all(pool).await?;
    lines.into_iter().map(TaskLine::try_from).collect()
}
