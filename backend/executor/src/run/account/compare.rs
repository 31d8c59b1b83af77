//! Whether every instance has an account as it was granted.

use super::{
    Broke, Granting, LOOK_AGAIN,
    said::{not_asked, still_there},
};
use crate::run::Work;
use dbdesk_account::{
    AccountName, Dialect,
    ask::{Account, Ask},
    drift::{Ignored, differences},
    shown::Live,
};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{lang::Said, wire::entry::Event};
use dbdesk_components::mysql::accounts::Accounts;
use sqlx::mysql::MySqlConnectOptions;
use std::time::{Duration, Instant};

impl Work<'_> {
    /// Every other instance has it, or the thread says where not.
    pub(super) async fn compare(
        &mut self,
        ask: &Ask,
        (group, granting): (&ServiceGroup, &Granting),
        dialect: Dialect,
    ) -> Result<(), Broke> {
        let names = ask.names(dialect).map_err(Broke::Never)?;
        if names.is_empty() || matches!(ask, Ask::Repair { .. }) {
            return Ok(());
        }
        let primary = group.primary();
        let until = Instant::now() + Duration::from_millis(self.settings.ddl.replica_wait_ms);
        for instance in group.instances.iter().filter(|instance| Some(*instance) != primary) {
            let server = (granting.user)(&group.name).options(&instance.host, instance.port);
            loop {
                let found = differs(&server, self.settings.connect_limit(), ask, &names).await;
                let Some((account, what)) = found else { break };
                if Instant::now() >= until || *self.ledger.stop.borrow() {
                    let instance = instance.to_string();
                    self.tell(Event::AccountDiffers { instance, account, what }).await?;
                    break;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        Ok(())
    }
}

/// The first account that is not on this server as it should be after the work; `None`: all are.
async fn differs(
    server: &MySqlConnectOptions,
    limit: Duration,
    ask: &Ask,
    names: &[AccountName],
) -> Option<(String, Said)> {
    let first = names.first().map(ToString::to_string).unwrap_or_default();
    let mut accounts = match Accounts::open(server, limit).await {
        Ok(accounts) => accounts,
        Err(error) => return Some((first, not_asked(&error.to_string()))),
    };
    let mut found = None;
    for name in names {
        found = differs_there(&mut accounts, ask, name).await;
        if found.is_some() {
            break;
        }
    }
    accounts.close().await;
    found
}

async fn differs_there(accounts: &mut Accounts, ask: &Ask, name: &AccountName) -> Option<(String, Said)> {
    let dialect = accounts.dialect();
    let found = |said| Some((name.to_string(), said));
    let live: Option<Live> = match accounts.one(name).await {
        Ok(live) => live,
        Err(error) => return found(not_asked(&error.to_string())),
    };
    let wanted = match ask {
        Ask::Drop { .. } => return live.and_then(|_| found(still_there())),
        Ask::EndOld { .. } if !dialect.has_dual_passwords() => {
            return live.and_then(|_| found(still_there()));
        }
        Ask::Lock { account } => live.as_ref().and_then(|_| wanted_of(account, true, name, dialect)),
        _ => ask.account().and_then(|account| wanted_of(account, false, name, dialect)),
    };
    let all = differences(wanted.as_slice(), live.as_slice(), &Ignored::with(&[]), dialect);
    all.into_iter().next().and_then(|first| found(first.said()))
}

fn wanted_of(
    account: &Account,
    is_locked: bool,
    name: &AccountName,
    dialect: Dialect,
) -> Option<dbdesk_account::drift::Expected> {
    account.expected(true, is_locked, dialect).ok()?.into_iter().find(|one| one.name == *name)
}
