//! Whether every instance has an account as it was granted.

use super::super::asked::Broke;
use super::{
    Granting, LOOK_AGAIN,
    said::{not_asked, sessions_go_on, still_there},
};
use crate::run::Work;
use dbdesk_account::{
    AccountName, Dialect,
    ask::{Account, Ask},
    drift::{Ignored, differences},
    shown::Live,
    statements,
};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{lang::Said, wire::entry::Event};
use dbdesk_components::mysql::accounts::Accounts;
use sqlx::mysql::MySqlConnectOptions;
use std::time::{Duration, Instant};

impl Work<'_> {
    /// Every other instance has it, or the thread says where not. Where an account ends, its sessions there end once the lock has arrived: the
    /// primary's end does not reach them.
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
        let mut ended = 0;
        let until = Instant::now() + Duration::from_millis(self.settings.ddl.replica_wait_ms);
        for instance in group.instances.iter().filter(|instance| Some(*instance) != primary) {
            let server = (granting.user)(&group.name).options(&instance.host, instance.port);
            loop {
                let found = arrived(&server, self.settings.connect_limit(), ask, &names).await;
                let (account, what) = match found {
                    Ok(sessions) => {
                        ended += sessions;
                        break;
                    }
                    Err(differs) => differs,
                };
                if Instant::now() >= until || *self.ledger.stop.borrow() {
                    let instance = instance.to_string();
                    self.tell(Event::AccountDiffers { instance, account, what }).await?;
                    break;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        if ended > 0 {
            self.tell(Event::SessionsEnded { sessions: ended as u64 }).await?;
        }
        Ok(())
    }
}

/// Whether all is on this server as it should be after the work. Gives how many sessions ended with it; else the first account that differs, and
/// in what.
async fn arrived(
    server: &MySqlConnectOptions,
    limit: Duration,
    ask: &Ask,
    names: &[AccountName],
) -> Result<usize, (String, Said)> {
    let first = || names.first().map(ToString::to_string).unwrap_or_default();
    let mut accounts =
        Accounts::open(server, limit).await.map_err(|error| (first(), not_asked(&error.to_string())))?;
    let arrived = arrived_there(&mut accounts, ask, names).await;
    accounts.close().await;
    arrived
}

async fn arrived_there(
    accounts: &mut Accounts,
    ask: &Ask,
    names: &[AccountName],
) -> Result<usize, (String, Said)> {
    for name in names {
        if let Some(differs) = differs_there(accounts, ask, name).await {
            return Err(differs);
        }
    }
    let mut ended = 0;
    if ask.ends_sessions(accounts.dialect()) {
        for sessions in statements::sessions(names) {
            let all = accounts.end_sessions(&sessions).await;
            ended += all.map_err(|error| (sessions.user.clone(), sessions_go_on(&error.to_string())))?;
        }
    }
    Ok(ended)
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
