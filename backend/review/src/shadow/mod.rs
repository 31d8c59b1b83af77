//! A script tried on a review server: an empty copy of the tables it names, where its DDL is applied and its DML prepared.
//! Here is what may be sent there ([`plan`]) and what came of it; `dbdesk_components::mysql::shadow` does the sending.

pub mod copy;
pub mod diff;
mod lexemes;
pub mod offline;
pub mod plan;
mod suited;

use crate::flavour::Flavour;
use dbdesk_commands::wire::review::TableDiff;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use copy::Copy;
pub use plan::{Plan, Step, What};

/// What came of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shadow {
    /// How far it came.
    pub outcome: Outcome,
    /// The server's flavour, where one answered.
    pub server: Option<Flavour>,
    /// By statement.
    pub answers: BTreeMap<usize, Answer>,
    /// What became of the tables, at the statement that changed each of them last.
    pub tables: BTreeMap<usize, Vec<TableDiff>>,
}

/// How far a trial came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// No trial is wanted: an offline review, or a desk without review servers.
    #[default]
    NotAsked,
    /// There are review servers, but none for this flavour.
    NoServer(Flavour),
    /// As many trials as are allowed were being made.
    Busy,
    /// The review server could not be asked.
    Unreachable,
    /// The live definitions could not be read.
    Undefined,
    /// The time was over before the end.
    OutOfTime,
    /// Every statement has its answer.
    Tried,
}

/// What came of one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// The server takes it.
    Accepted,
    /// The server says no: its error number and sentence, with the asker's own names.
    Refused(u16, String),
    /// Not tried: it needs what this earlier statement, which fails, was to do.
    Behind(usize),
    /// Not tried, or nothing came of it.
    Left(Left),
}

/// Why a statement was not tried, or why its answer counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Left {
    /// It names an engine, a place of files or a function that does not belong on a review server.
    Unsuited,
    /// A name in it can not be told for certain to be a database or not.
    Names,
    /// One of its tables is a view, too large, too many, or could not be copied.
    Uncopied,
    /// Too long, or one of too many.
    TooMany,
    /// The time was over.
    Time,
    /// The server failed for a reason of its own.
    Server(u16),
}

impl Shadow {
    /// Where the time was over, what has no answer is told as such.
    pub fn mark_rest(&mut self, plan: &Plan) {
        if self.outcome == Outcome::OutOfTime {
            for step in &plan.steps {
                self.answers.entry(step.index).or_insert(Answer::Left(Left::Time));
            }
        }
    }
}
