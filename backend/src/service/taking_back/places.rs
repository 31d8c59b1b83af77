//! On whose servers a ticket's rows and tables are.

use super::Ran;
use crate::{
    desk::Desk,
    service::{Failure, refuse::target_down},
};
use dbdesk_cmdb::{GroupId, ServiceGroup};
use dbdesk_review::{Statement, facts::TableName, questions::tables_of};
use dbdesk_store::{
    service_group::{self, GroupRow},
    ticket::TicketRow,
};
use dbdesk_ticket::spread::Spread;
use dbdesk_undo::Layout;
use sqlx::mysql::MySqlConnectOptions;
use std::collections::{BTreeMap, BTreeSet};

/// One of them.
pub(super) struct Place {
    id: GroupId,
    pub(super) group: ServiceGroup,
    /// Its primary.
    pub(super) server: MySqlConnectOptions,
}

/// All of them; the ticket's own comes first.
pub(super) struct Places {
    pub(super) all: Vec<Place>,
    own: GroupId,
    /// What is elsewhere, as a task counts.
    statements: BTreeMap<u32, GroupId>,
    tables: BTreeMap<TableName, GroupId>,
}

impl Places {
    /// Whether this statement, as a task counts, ran there.
    pub(super) fn is_at(&self, place: &Place, index: u32) -> bool {
        *self.statements.get(&index).unwrap_or(&self.own) == place.id
    }

    /// Whether the rows of this table are there.
    pub(super) fn has(&self, place: &Place, layout: &Layout) -> bool {
        let name = TableName { database: Some(layout.database.clone()), table: layout.table.clone() };
        *self.tables.get(&name).unwrap_or(&self.own) == place.id
    }
}

impl Places {
    /// Of each statement of a text that was made beside them.
    pub(super) async fn of_text(&self, sql: String) -> Result<Vec<GroupId>, Failure> {
        let read = tokio::task::spawn_blocking(move || dbdesk_review::read(&sql))
            .await
            .map_err(anyhow::Error::from)?;
        let script =
            read.map_err(|refusal| anyhow::anyhow!("what was made is not read: {}", refusal.said.en))?;
        let home = |statement: &Statement| {
            let mut named = tables_of(&statement.shape).into_iter();
            named.find_map(|table| self.tables.get(&table.named(None))).copied().unwrap_or(self.own)
        };
        Ok(script.statements().iter().map(home).collect())
    }
}

/// Of a ticket, by where its statements ran.
pub(super) async fn of(
    desk: &Desk,
    row: &TicketRow,
    (own, ran): (&GroupRow, &Ran),
) -> Result<Places, Failure> {
    let statements = ran.spread.as_ref().map(Spread::groups).unwrap_or_default();
    let mut tables = BTreeMap::new();
    for (statement, index) in ran.statements() {
        if let Some(group) = statements.get(&index) {
            let named = tables_of(&statement.shape).into_iter();
            tables.extend(named.map(|table| (table.named(Some(&row.database)), *group)));
        }
    }
    let mut all = vec![place(desk, own.clone())?];
    let others: BTreeSet<GroupId> = statements.values().copied().filter(|id| *id != own.id).collect();
    for id in others {
        let group = service_group::by_id(&desk.store, id).await?;
        all.push(place(desk, group.ok_or_else(|| anyhow::anyhow!("the service group {id} is gone"))?)?);
    }
    Ok(Places { all, own: own.id, statements, tables })
}

fn place(desk: &Desk, GroupRow { id, group, .. }: GroupRow) -> Result<Place, Failure> {
    let primary = group.primary().ok_or_else(|| target_down(&group, "the inventory names no primary"))?;
    let account = desk.config.target.run_account(&group.name);
    let server = account.options(&primary.host, primary.port);
    Ok(Place { id, group, server })
}
