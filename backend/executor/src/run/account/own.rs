//! Whether the desk's own accounts may work in a database that was made.

use super::{Broke, Granting};
use crate::run::Work;
use dbdesk_account::{
    AccountName, DatabaseName,
    own::{Gets, Need},
};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::wire::entry::Event;
use dbdesk_components::mysql::accounts::Accounts;

impl Work<'_> {
    /// Says in the thread what a DBA has to grant before SQL can be run there; nothing where nothing is lacking.
    pub(super) async fn tell_lacking(
        &mut self,
        (group, granting): (&ServiceGroup, &Granting),
        primary: &mut Accounts,
        database: &DatabaseName,
    ) -> Result<(), Broke> {
        let needs = (granting.needs)(&group.name);
        let others = group.databases.iter().filter(|other| **other != *database.as_str());
        let others: Vec<_> = others.filter_map(|other| DatabaseName::parse(other).ok()).collect();
        let lacks = match primary.own_gets(&needs, database, &others).await {
            Ok(lacks) => lacks,
            Err(error) => {
                tracing::warn!(group = %group.name, %error, "what the desk's own accounts lack can not be asked");
                needs.iter().map(unseen).collect()
            }
        };
        if lacks.is_empty() {
            return Ok(());
        }
        let dialect = primary.dialect();
        let grants = lacks.iter().map(|gets| gets.sql(database, dialect)).collect();
        self.tell(Event::DeskLacks { database: database.to_string(), grants }).await?;
        Ok(())
    }
}

/// From which host is not known.
fn unseen(need: &Need) -> Gets {
    Gets { account: AccountName::new(&need.user, "…"), privileges: need.privileges.clone() }
}
