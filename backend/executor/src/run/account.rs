//! Work on accounts and databases: made from typed fields, not from SQL. Every step may be done again to the same end, so that what broke
//! off is done again from its start; what was made and can not be completed is taken away.

mod compare;
mod own;
mod proxies;
mod repair;
mod said;
mod secret;
mod standing;

use super::{
    Work,
    asked::{Broke, at},
    ledger::Halt,
    reach::failed,
};
use crate::run::Accounts as ByGroup;
use chrono::TimeDelta;
use dbdesk_account::{
    AccountName, Dialect, Statement,
    ask::{Account, Ask},
    drift::Ignored,
    own::Need,
    statements,
};
use dbdesk_cmdb::{Instance, ServiceGroup};
use dbdesk_commands::{
    id::AccountId,
    wire::entry::{Cause, Event},
};
use dbdesk_components::mysql::{OpenError, accounts::Accounts};
use dbdesk_store::{
    account::{self, AccountRow, Became},
    account_secret,
    run::End,
    service_group,
};
use dbdesk_ticket::machine::TaskEnd;
use dbdesk_undo::sealed::Keys;
use said::{no_granting, too_old};
use sqlx::mysql::MySqlConnectOptions;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// Between two looks at a replica.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Fills with random bytes; `false`: there are none.
pub type Chance = Arc<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

/// The desk's own accounts of a service group, with what they need on a database.
pub type Needs = Arc<dyn Fn(&str) -> Vec<Need> + Send + Sync>;

/// How accounts are made.
#[derive(Clone)]
pub struct Granting {
    /// The account that makes them, by the service group's name.
    pub user: ByGroup,
    /// What seals passwords until they are handed over.
    pub keys: Keys,
    /// Where passwords and salts come from.
    pub chance: Chance,
    /// Hours for which a password is handed over.
    pub hand_over_hours: u32,
    /// Accounts that are not the desk's.
    pub ignored: Ignored,
    /// The desk's own that review and run tickets, by the service group's name.
    pub needs: Needs,
}

impl fmt::Debug for Granting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Granting")
    }
}

/// Where a secret belongs: it opens nowhere else.
#[must_use]
pub fn secret_place(account: AccountId, generation: u32) -> String {
    format!("{account}/{generation}")
}

impl Work<'_> {
    pub(super) async fn granted(&mut self, ask: &Ask, group: &ServiceGroup) -> Result<(), Broke> {
        let granting = self.settings.granting.clone().ok_or_else(|| Broke::Never(no_granting()))?;
        let instance = group.primary().cloned().ok_or(Broke::NotPrimary)?;
        let server = (granting.user)(&group.name).options(&instance.host, instance.port);
        let mut primary = self.reached(&server).await?;
        if primary.is_read_only().await.map_err(|error| at(0, error))? {
            return Err(Broke::NotPrimary);
        }
        self.live.line(&format!("Connected to {instance}."));
        let dialect = primary.dialect();
        let primary = &mut primary;
        if !primary.is_served() {
            return Err(Broke::Never(too_old()));
        }
        match ask {
            Ask::Repair { accounts, .. } => {
                Box::pin(self.repair(accounts, &granting, (&instance, primary))).await?;
            }
            _ if self.is_done(ask, dialect).await? => self.secret_made(ask).await?,
            _ => Box::pin(self.make(ask, (group, &granting), (&instance, primary))).await?,
        }
        if let Ask::MakeDatabase { database, .. } = ask {
            self.tell_lacking((group, &granting), primary, &database.name).await?;
        }
        self.compare(ask, (group, &granting), dialect).await?;
        if !is_given(ask) && self.secret_waits(ask).await? {
            let until = self.ledger.clock.now() + TimeDelta::hours(i64::from(granting.hand_over_hours));
            self.tell(Event::PasswordWaits { until }).await?;
        }
        Ok(())
    }

    /// All that is sent, and what the desk's own book says then.
    async fn make(
        &mut self,
        ask: &Ask,
        (group, granting): (&ServiceGroup, &Granting),
        (instance, primary): (&Instance, &mut Accounts),
    ) -> Result<(), Broke> {
        let dialect = primary.dialect();
        self.fits(ask, primary).await?;
        let steps = self.statements(ask, granting, primary).await?;
        let last = match self.run_each((instance, primary), &steps).await {
            Ok(last) => last,
            Err(broke) => {
                let is_over = matches!(broke, Broke::Refused { .. } | Broke::Ended(_));
                if is_over && ask.makes_accounts(dialect) {
                    self.take_away(ask, primary, dialect).await?;
                    return Err(self.taken_away(broke));
                }
                return Err(broke);
            }
        };
        if ask.ends_sessions(dialect) {
            self.end_sessions(primary, &ask.names(dialect).map_err(Broke::Never)?).await?;
        }
        self.let_in(ask, (group, granting), dialect).await?;
        self.settle(ask, group).await?;
        // Only now: a task of which all ran is taken to have succeeded, whatever becomes of its process.
        if let Some((index, started)) = last {
            self.ran_of(index, started).await?;
        }
        Ok(())
    }

    /// A connection to the primary; while it is away, it is tried again as for SQL.
    pub(super) async fn reached(&mut self, server: &MySqlConnectOptions) -> Result<Accounts, Broke> {
        let (since, limit) = (Instant::now(), Duration::from_millis(self.settings.target_wait_ms));
        loop {
            match Accounts::open(server, self.settings.connect_limit()).await {
                Err(OpenError::Unreachable(message))
                    if since.elapsed() < limit && !*self.ledger.stop.borrow() =>
                {
                    self.live.line(&format!("The server can not be reached; it is tried again: {message}"));
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                opened => return Ok(opened?),
            }
        }
    }

    /// The statements of all but a repair; of what is taken away, those for accounts that are there.
    async fn statements(
        &mut self,
        ask: &Ask,
        granting: &Granting,
        primary: &mut Accounts,
    ) -> Result<Vec<Statement>, Broke> {
        let dialect = primary.dialect();
        let scramble = self.scramble(ask, granting).await?;
        let mut steps = ask.steps(scramble.as_ref(), dialect).map_err(Broke::Never)?;
        if ask.takes_what_is_there(dialect) {
            let names = ask.names(dialect).map_err(Broke::Never)?;
            let there = primary.existing(&names).await.map_err(|error| at(0, error))?;
            steps.retain(|step| step.account().is_none_or(|account| there.contains(account)));
        }
        Ok(statements::written(&steps, dialect))
    }

    /// Sends them one after the other; each is written down before and after, as people may see it, but that the last one ran: that is
    /// given. What an earlier task has written down is done again, and not told again.
    async fn run_each(
        &mut self,
        (instance, primary): (&Instance, &mut Accounts),
        steps: &[Statement],
    ) -> Result<Option<(u32, Instant)>, Broke> {
        let mut last = None;
        for (index, statement) in (0_u32..).zip(steps) {
            if let Some((index, started)) = last.take() {
                self.ran_of(index, started).await?;
            }
            self.sending_of(index, instance).await?;
            let started = Instant::now();
            self.live.line(statement.shown());
            primary.run(statement).await.map_err(|error| at(index, error))?;
            last = Some((index, started));
        }
        Ok(last)
    }

    /// What was made half-way is taken away again.
    async fn take_away(&mut self, ask: &Ask, primary: &mut Accounts, dialect: Dialect) -> Result<(), Broke> {
        let names = ask.names(dialect).map_err(Broke::Never)?;
        let there = primary.existing(&names).await.map_err(|error| at(0, error))?;
        for statement in statements::written(&statements::drop(&there), dialect) {
            self.ledger.proof().await?;
            self.live.line(statement.shown());
            primary.run(&statement).await.map_err(|error| at(0, error))?;
        }
        if let Some((account, generation)) = ask.account().zip(ask.makes()) {
            // What is there of this name the next time is not ours.
            let (pool, of) = (self.ledger.pen.pool().clone(), (account.id, generation));
            self.ledger.patiently(|| account_secret::taken_away(&pool, of)).await?;
        }
        self.tell(Event::TakenAway).await?;
        Ok(())
    }

    /// How it ends when nothing is left of what was made.
    fn taken_away(&self, broke: Broke) -> Broke {
        match broke {
            Broke::Refused { index, code, message } => {
                let last = Event::StatementFailed { index, total: self.total, code: Some(code), message };
                Broke::TakenAway(Box::new(failed(Cause::TakenAway, Some(last))))
            }
            Broke::Ended(end) if end.end == TaskEnd::Cancelled => {
                Broke::TakenAway(Box::new(End { cause: Some(Cause::TakenAway), ..*end }))
            }
            other => other,
        }
    }

    async fn end_sessions(&mut self, primary: &mut Accounts, names: &[AccountName]) -> Result<(), Broke> {
        let mut ended = 0;
        for sessions in statements::sessions(names) {
            ended += primary.end_sessions(&sessions).await.map_err(|error| at(0, error))?;
        }
        if ended > 0 {
            self.tell(Event::SessionsEnded { sessions: ended as u64 }).await?;
        }
        Ok(())
    }

    /// The desk's own book says it, while the lease holds.
    async fn settle(&mut self, ask: &Ask, group: &ServiceGroup) -> Result<(), Broke> {
        let now = self.ledger.clock.now();
        let (pool, lease) = (self.ledger.pen.pool().clone(), self.ledger.lease);
        let spec = |account: &Account| serde_json::to_string(account).unwrap_or_default();
        let became = match ask {
            Ask::Create { account, until, .. } => Became::Active { spec: spec(account), until: *until },
            Ask::Renew { until, .. } => Became::Renewed(*until),
            Ask::Rotate { account, grace_hours, .. } => Became::Rotated {
                spec: spec(account),
                old_until: now + TimeDelta::hours(i64::from(*grace_hours)),
            },
            Ask::EndOld { .. } => Became::OldEnded,
            Ask::Lock { .. } => Became::Locked,
            Ask::Drop { .. } => Became::Dropped,
            Ask::Repair { .. } => return Ok(()),
            Ask::MakeDatabase { database, .. } => {
                let (name, database) = (group.name.clone(), database.name.to_string());
                let ticket = self.ledger.lease.ticket;
                let added = || service_group::add_database(&pool, &name, &database, ticket, now);
                self.ledger.patiently(added).await?;
                return Ok(());
            }
        };
        let Some(id) = ask.account().map(|account| account.id) else { return Ok(()) };
        if !self.ledger.patiently(|| account::became(&pool, &lease, id, &became, now)).await? {
            return Err(Broke::Halt(Halt::Fenced));
        }
        self.secret_made(ask).await
    }

    /// Whether a secret is still kept: one whose task is done again may have been handed over.
    async fn secret_waits(&mut self, ask: &Ask) -> Result<bool, Broke> {
        let Some((account, generation)) = ask.account().zip(ask.makes()) else { return Ok(false) };
        let (pool, of) = (self.ledger.pen.pool().clone(), (account.id, generation));
        let secret = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        Ok(secret.is_some_and(|secret| secret.sealed.is_some()))
    }

    /// The server has it: from now on it is handed over, or not needed any more.
    async fn secret_made(&mut self, ask: &Ask) -> Result<(), Broke> {
        let Some((account, generation)) = ask.account().zip(ask.makes()) else { return Ok(()) };
        let (pool, of, now) =
            (self.ledger.pen.pool().clone(), (account.id, generation), self.ledger.clock.now());
        Ok(self.ledger.patiently(|| account_secret::made(&pool, of, now)).await?)
    }
}

/// What a server should have of an account of the desk.
#[must_use]
pub fn expected(row: &AccountRow, dialect: Dialect) -> Option<Vec<dbdesk_account::drift::Expected>> {
    use dbdesk_commands::wire::account::AccountState;
    let account: Account = serde_json::from_str(&row.spec).ok()?;
    account.expected(row.old_until.is_some(), row.state == AccountState::Locked, dialect).ok()
}

fn is_given(ask: &Ask) -> bool {
    matches!(ask, Ask::Create { given: true, .. } | Ask::Rotate { given: true, .. })
}
