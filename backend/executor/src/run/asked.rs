//! Work that was asked for in typed fields, and not in SQL: its steps are written down one by one as statements are, and each may be done again
//! to the same end.

use super::{Work, ledger::Halt, reach::failed};
use dbdesk_account::{Dialect, ask::Ask};
use dbdesk_cluster::ask::Ask as ClusterAsk;
use dbdesk_cmdb::{Instance, ServiceGroup};
use dbdesk_commands::{
    lang::Said,
    wire::entry::{Cause, Event},
};
use dbdesk_components::mysql::{OpenError, accounts::ReadError, target::StatementError};
use dbdesk_store::run::{End, Write};
use dbdesk_ticket::machine::TaskEnd;
use std::time::Instant;

/// Why a list of steps broke off.
pub(super) enum Broke {
    /// The server refused this one.
    Refused { index: u32, code: u16, message: String },
    /// The same, and what had been made before is gone again.
    TakenAway(Box<End>),
    /// It is away; trying again may help.
    Away(String),
    /// It can not be.
    Never(Said),
    /// A step of a workflow could not be done.
    Step { index: u32, what: Box<Said>, why: Box<Said> },
    /// The inventory's primary takes no writes, or there is none.
    NotPrimary,
    /// A person wanted it to end before its next statement.
    Ended(Box<End>),
    /// The store.
    Halt(Halt),
}

impl From<Halt> for Broke {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<OpenError> for Broke {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Refused { code, message } => Self::Refused { index: 0, code, message },
            OpenError::ReadOnly => Self::NotPrimary,
            error @ OpenError::Unreachable(_) => Self::Away(error.to_string()),
        }
    }
}

impl From<ReadError> for Broke {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Statement(StatementError::Server { code, message }) => {
                Self::Refused { index: 0, code, message }
            }
            other => Self::Away(other.to_string()),
        }
    }
}

pub(super) fn at(index: u32, error: StatementError) -> Broke {
    match error {
        StatementError::Server { code, message } => Broke::Refused { index, code, message },
        StatementError::Lost(message) => Broke::Away(message),
    }
}

/// What is asked for.
enum Asked {
    Account(Ask),
    Cluster(ClusterAsk),
}

impl Asked {
    fn read(request: &str) -> Option<Self> {
        let account = || serde_json::from_str(request).ok().map(Self::Account);
        serde_json::from_str(request).ok().map(Self::Cluster).or_else(account)
    }

    /// The text that people approve of it.
    fn text(&self, group: &ServiceGroup) -> Option<String> {
        match self {
            Self::Account(ask) => {
                let written = dbdesk_review::Flavour::of_name(&group.flavour).map(Dialect::of)?;
                ask.text(written).ok()
            }
            Self::Cluster(ask) => Some(ask.text()),
        }
    }
}

impl Work<'_> {
    /// Does what these fields ask for.
    pub(super) async fn requested(&mut self, request: &str, approved: &str) -> Result<End, Halt> {
        let Some(asked) = Asked::read(request) else {
            return Ok(failed(Cause::ContentChanged, None));
        };
        if let Some(end) = self.gate().await? {
            return Ok(end);
        }
        let Some(group) = self.ledger.group(self.group).await? else {
            return Ok(failed(Cause::NotPrimary, None));
        };
        // What was approved is the text of these fields.
        if asked.text(&group).as_deref() != Some(approved) {
            return Ok(failed(Cause::ContentChanged, None));
        }
        let done = match &asked {
            Asked::Account(ask) => Box::pin(self.granted(ask, &group)).await,
            Asked::Cluster(ask) => Box::pin(self.steered(ask, &group)).await,
        };
        self.ended(done)
    }

    fn ended(&self, done: Result<(), Broke>) -> Result<End, Halt> {
        match done {
            Ok(()) => Ok(End { end: TaskEnd::Succeeded, cause: None, last: None }),
            Err(Broke::Halt(halt)) => Err(halt),
            Err(Broke::Ended(end) | Broke::TakenAway(end)) => Ok(*end),
            Err(Broke::Refused { index, code, message }) => {
                let last = Event::StatementFailed { index, total: self.total, code: Some(code), message };
                Ok(failed(Cause::Statement, Some(last)))
            }
            Err(Broke::Never(why)) => {
                let last = Event::RolledBack { index: 0, total: self.total, why };
                Ok(failed(Cause::Statement, Some(last)))
            }
            Err(Broke::Step { index, what, why }) => {
                let last = Event::StepFailed { index, total: self.total, what: *what, why: *why };
                Ok(failed(Cause::Statement, Some(last)))
            }
            Err(Broke::NotPrimary) => Ok(failed(Cause::NotPrimary, None)),
            Err(Broke::Away(message)) => {
                self.live.line(&format!("The server went away: {message}"));
                tracing::warn!(task = %self.ledger.lease.task, %message, "a server went away while it was seen to");
                Ok(failed(Cause::TargetDown, None))
            }
        }
    }

    /// Writes down that this piece is about to be sent; holds while it is asked to, and ends where that is wanted.
    pub(super) async fn sending_of(&mut self, index: u32, instance: &Instance) -> Result<(), Broke> {
        self.begins(index, &instance.to_string(), None).await
    }

    /// The same of a step of a workflow, which is done there.
    pub(super) async fn begins(&mut self, index: u32, there: &str, what: Option<&Said>) -> Result<(), Broke> {
        loop {
            self.ledger.proof().await?;
            if index < self.from {
                return Ok(());
            }
            let (total, instance, what) = (self.total, there.to_owned(), what.cloned());
            let sending = Write::Sending { index, total, instance, connection: 0, kept: false, what };
            match self.ledger.write(sending).await {
                Ok(()) => return Ok(self.ledger.proof().await?),
                Err(Halt::Asked) => self.hears().await?,
                Err(halt) => return Err(halt.into()),
            }
            if let Some(end) = self.gate().await? {
                return Err(Broke::Ended(Box::new(end)));
            }
        }
    }

    /// Writes down that it ran.
    pub(super) async fn ran_of(&mut self, index: u32, started: Instant) -> Result<(), Halt> {
        if index < self.from {
            return Ok(());
        }
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (total, warnings) = (self.total, Vec::new());
        let event = Event::StatementDone { index, total, affected_rows: 0, elapsed_ms, warnings };
        self.ledger.write(Write::Ran { index, event }).await
    }
}
