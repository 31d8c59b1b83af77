//! Bringing accounts back to what was granted.

use super::super::asked::{Broke, at};
use super::{
    Granting, expected,
    said::{needs_password, repair_refused},
};
use crate::run::Work;
use dbdesk_account::{
    AccountName, Statement,
    drift::{Expected, differences, repair},
    statements,
};
use dbdesk_cmdb::Instance;
use dbdesk_commands::{lang::Said, wire::entry::Event};
use dbdesk_components::mysql::accounts::Accounts;
use dbdesk_store::account;
use std::time::Instant;

impl Work<'_> {
    /// Each account by itself, as it is now against what was granted until now. One that the server refuses is told and holds up no other;
    /// the work fails then at its end. To its ticket it is one piece of work, however many statements it comes to.
    pub(super) async fn repair(
        &mut self,
        names: &[AccountName],
        granting: &Granting,
        (instance, primary): (&Instance, &mut Accounts),
    ) -> Result<(), Broke> {
        let (pool, group) = (self.ledger.pen.pool().clone(), self.group);
        let rows = self.ledger.patiently(|| account::of_group(&pool, group)).await?;
        let dialect = primary.dialect();
        let expected = rows.iter().filter_map(|row| expected(row, dialect)).flatten().collect::<Vec<_>>();
        self.sending_of(0, instance).await?;
        let started = Instant::now();
        let mut refused = None;
        for name in names {
            self.ledger.proof().await?;
            let wanted = expected.iter().find(|one| one.name == *name);
            match self.repair_one((name, wanted), granting, (instance, primary)).await {
                Err(Broke::Refused { code, message, .. }) => {
                    self.still_differs(instance, name, repair_refused(code, &message)).await?;
                    refused.get_or_insert((code, message));
                }
                mended => mended?,
            }
        }
        if let Some((code, message)) = refused {
            return Err(Broke::Refused { index: 0, code, message });
        }
        Ok(self.ran_of(0, started).await?)
    }

    /// Its sessions end when it is mended, not before: else they are back with what they had.
    async fn repair_one(
        &mut self,
        (name, wanted): (&AccountName, Option<&Expected>),
        granting: &Granting,
        (instance, primary): (&Instance, &mut Accounts),
    ) -> Result<(), Broke> {
        let dialect = primary.dialect();
        let live = primary.one(name).await?;
        let wanted_of = wanted.map(std::slice::from_ref).unwrap_or_default();
        // What is no business of the tickets may have been named since this was filed.
        if differences(wanted_of, live.as_slice(), &granting.ignored, dialect).is_empty() {
            return Ok(());
        }
        let fix = repair(wanted, live.as_ref(), dialect);
        if fix.needs_password {
            self.live.line(&format!("{name} needs a new password: rotate it."));
            self.still_differs(instance, name, needs_password()).await?;
        }
        let sent = self.send_each(&statements::written(&fix.steps, dialect), primary).await;
        if !matches!(sent, Ok(()) | Err(Broke::Refused { .. })) {
            return sent;
        }
        // Also where a later statement was refused: what was taken before that is taken.
        for sessions in &fix.sessions {
            let ended = primary.end_sessions(sessions).await.map_err(|error| at(0, error))?;
            self.live.line(&format!("{ended} sessions of {name} were ended."));
        }
        sent
    }

    async fn send_each(&mut self, statements: &[Statement], primary: &mut Accounts) -> Result<(), Broke> {
        for statement in statements {
            self.live.line(statement.shown());
            primary.run(statement).await.map_err(|error| at(0, error))?;
        }
        Ok(())
    }

    async fn still_differs(
        &mut self,
        instance: &Instance,
        name: &AccountName,
        what: Said,
    ) -> Result<(), Broke> {
        let (instance, account) = (instance.to_string(), name.to_string());
        Ok(self.tell(Event::AccountDiffers { instance, account, what }).await?)
    }
}
