//! A task at work in this process.

use crate::desk::{self, Desk, clock};
use anyhow::Result;
use dbdesk_commands::id::{TaskId, TicketId};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Outcome, Settings},
};
use dbdesk_ticket::machine::TaskEnd;
use lab::Server;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};

const LIMIT: Duration = Duration::from_mins(1);

pub struct Working {
    pub ticket: TicketId,
    pub task: TaskId,
    ends: JoinHandle<Result<Outcome>>,
    _stop: watch::Sender<bool>,
}

impl Working {
    /// Begins with these settings, made from the usual ones.
    pub fn begins(
        desk: &Desk,
        (ticket, task): (TicketId, TaskId),
        settings: impl FnOnce(Settings) -> Settings,
    ) -> Result<Self> {
        let state = tempfile::tempdir()?;
        let password = desk.target.password().to_owned();
        let account =
            Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
        let settings = settings(Settings::usual(desk.connect.clone(), account, state.path().to_owned()));
        let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
        let (stop, stopped) = watch::channel(false);
        let by = process::claimant("here", std::process::id())?;
        let ends = tokio::spawn(async move {
            let outcome = run::run(task, by, pen, settings, clock(), stopped).await;
            drop(state);
            Ok(outcome?)
        });
        Ok(Self { ticket, task, ends, _stop: stop })
    }

    pub async fn ends(self) -> Result<(TicketId, TaskEnd)> {
        match tokio::time::timeout(LIMIT, self.ends).await??? {
            Outcome::Ended(end) => Ok((self.ticket, end)),
            other => anyhow::bail!("{other:?}"),
        }
    }
}
