//! Whether the work is still to be done, by the desk's own book and by what is on the server.

use super::super::asked::{Broke, at};
use super::said::{database_taken, not_as_asked, taken};
use crate::run::Work;
use dbdesk_account::{
    Dialect,
    ask::{Account, Ask},
};
use dbdesk_commands::wire::account::AccountState as State;
use dbdesk_components::mysql::accounts::Accounts;
use dbdesk_store::{account, account_secret, task};

impl Work<'_> {
    /// Whether the book says that an earlier try has done it: then nothing is sent, and above all nothing is taken away. Refused where the
    /// account has become another since this was asked for.
    pub(super) async fn is_done(&mut self, ask: &Ask, dialect: Dialect) -> Result<bool, Broke> {
        let Some(account) = ask.account() else { return Ok(false) };
        let (pool, id, ticket) = (self.ledger.pen.pool().clone(), account.id, self.ledger.lease.ticket);
        let row = self.ledger.patiently(|| account::get(&pool, id)).await?;
        // Who asks for the same name later has its row anew.
        let row = row.ok_or_else(|| Broke::Never(not_as_asked()))?;
        let now = serde_json::from_str::<Account>(&row.spec).ok().map(|now| now.generation);
        let is_same = now == Some(account.generation);
        let is_live = matches!(row.state, State::Active | State::Locked);
        let is_done = match ask {
            Ask::Create { .. } if row.ticket.is_some_and(|of| of != ticket) => None,
            Ask::Create { .. } => match row.state {
                State::Asked => Some(false),
                State::Active if is_same => Some(true),
                _ => None,
            },
            Ask::Rotate { .. } if row.state != State::Active => None,
            Ask::Rotate { .. } if is_same => Some(true),
            Ask::Rotate { .. } => (now.map(|now| now + 1) == Some(account.generation)).then_some(false),
            // The accounts of another generation are other accounts.
            Ask::Renew { .. } => (is_live && (is_same || dialect.has_dual_passwords())).then_some(false),
            Ask::EndOld { .. } => (is_live && is_same).then_some(row.old_until.is_none()),
            Ask::Lock { .. } => is_live.then_some(false),
            // One that is active again was renewed meanwhile.
            Ask::Drop { .. } => match row.state {
                State::Locked => Some(false),
                State::Dropped => Some(true),
                _ => None,
            },
            Ask::Repair { .. } | Ask::MakeDatabase { .. } => Some(false),
        };
        match is_done {
            // Another ticket brought it to this generation, with another secret.
            Some(true) if !self.is_by_own_secret(ask).await? => Err(Broke::Never(not_as_asked())),
            Some(is_done) => Ok(is_done),
            None => Err(Broke::Never(not_as_asked())),
        }
    }

    /// Whether what is there allows it: nothing that is not the desk's is taken over.
    pub(super) async fn fits(&mut self, ask: &Ask, primary: &mut Accounts) -> Result<(), Broke> {
        if let Ask::MakeDatabase { database, .. } = ask {
            let Some(live) = primary.database(&database.name).await.map_err(|error| at(0, error))? else {
                return Ok(());
            };
            if !self.has_begun().await? {
                return Err(Broke::Never(database_taken(&database.name)));
            }
            return database.agrees(&live).map_err(Broke::Never);
        }
        let dialect = primary.dialect();
        let Some(account) = ask.account().filter(|_| ask.makes_accounts(dialect)) else { return Ok(()) };
        let own = match ask {
            Ask::Create { .. } => account.all_names(dialect),
            _ => ask.names(dialect),
        };
        let own = own.map_err(Broke::Never)?;
        let (pool, of) = (self.ledger.pen.pool().clone(), (account.id, account.generation));
        let secret = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        // An earlier try may have made its own.
        let has_begun = secret.is_some_and(|secret| secret.begun_at.is_some());
        let there = primary.of_users_of(&own).await.map_err(|error| at(0, error))?;
        // A server takes the row of the nearest host, so the same user from elsewhere would be another's, too.
        let strange = there.iter().find(|name| !(has_begun && own.contains(name)));
        strange.map_or(Ok(()), |name| Err(Broke::Never(taken(name))))
    }

    /// Whether an earlier try of this ticket sent something: what is there may be its own.
    async fn has_begun(&mut self) -> Result<bool, Broke> {
        let pool = self.ledger.pen.pool().clone();
        let mut next = Some(self.ledger.lease.task);
        while let Some(id) = next {
            let Some(row) = self.ledger.patiently(|| task::get(&pool, id)).await? else { break };
            if row.in_flight.is_some() || row.done > 0 {
                return Ok(true);
            }
            next = row.retry_of;
        }
        Ok(false)
    }
}
