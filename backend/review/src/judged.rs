//! What [`crate::judge()`] answers.

use crate::{mend::Edit, settings::PolicyLimits, span::Span, way::WayJudged};
use dbdesk_commands::{
    lang::{Lang, Said},
    wire::{
        review::{AffectedRows, Finding, Level, PlanFigures, StatementReview, TableDiff, Way, WayToRun},
        ticket::Risk,
    },
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One finding, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The rule's id.
    pub rule: Cow<'static, str>,
    /// How serious.
    pub level: Level,
    /// Where, in the whole text; inside its statement.
    pub span: Span,
    /// What is wrong.
    pub message: Said,
    /// What it does to the asker's table.
    pub why: Said,
    /// What to write instead.
    pub fix: Said,
    /// The bytes that mend it for certain, where it is certain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

/// One statement with what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each answers another question of policy")]
pub struct StatementJudged {
    /// Place in the script, from 0.
    pub index: usize,
    /// Where it stands, without its delimiter.
    pub span: Span,
    /// `create_table`, `update`, `not_analysable` …
    pub kind: Cow<'static, str>,
    /// In order of place, then of level.
    pub findings: Vec<Found>,
    /// What the live server says.
    pub plan: Option<PlanFigures>,
    /// How it should run.
    #[serde(default)]
    pub way: Option<WayJudged>,
    /// What becomes of the tables that this statement is the last to change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableDiff>,
    /// The review knows what it does. What it does not know never passes by policy, whatever the rules' levels are.
    #[serde(default)]
    pub is_understood: bool,
    /// It destroys data or structure.
    pub destroys: bool,
    /// It changes structure.
    pub is_ddl: bool,
    /// It changes rows, so it must have been counted to pass by policy.
    pub changes_rows: bool,
    /// Rows written out in the statement itself (INSERT … VALUES).
    pub rows_written: u64,
    /// What it changes is made by this script itself, so it is new and small.
    pub only_new_tables: bool,
}

/// The whole review.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Every statement, in order.
    pub statements: Vec<StatementJudged>,
    /// A live server answered.
    pub live: bool,
    /// The mark of the levels and thresholds that it was judged by ([`crate::Settings::measure`]).
    #[serde(default)]
    pub measure: String,
}

impl Judged {
    /// For the wire, in one language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> Vec<StatementReview> {
        self.statements.iter().map(|statement| statement.in_lang(lang)).collect()
    }

    /// Every finding.
    pub fn findings(&self) -> impl Iterator<Item = &Found> {
        self.statements.iter().flat_map(|statement| &statement.findings)
    }

    /// The most serious level found.
    #[must_use]
    pub fn worst(&self) -> Option<Level> {
        self.findings().map(|found| found.level).min()
    }

    /// Whether a finding keeps it from passing by itself.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.worst().is_some_and(Level::blocks)
    }

    /// How much it can hurt.
    #[must_use]
    pub fn risk(&self) -> Risk {
        if self.statements.iter().any(|statement| statement.destroys) {
            Risk::High
        } else if self.blocks() || self.statements.iter().any(StatementJudged::is_heavy) {
            Risk::Medium
        } else {
            Risk::Low
        }
    }

    /// Whether a statement keeps the server busy for a while.
    #[must_use]
    pub fn keeps_busy(&self) -> bool {
        self.statements.iter().any(|statement| statement.way.as_ref().is_some_and(|way| way.busy))
    }

    /// Whether no person is needed: a live server answered, nothing blocks, nothing destroys, and all that is changed
    /// is known to be small. What was not counted or measured never passes.
    #[must_use]
    pub fn within_policy(&self, limits: &PolicyLimits) -> bool {
        let known_rows = self
            .statements
            .iter()
            .try_fold(0_u64, |sum, statement| statement.known_rows().map(|rows| sum.saturating_add(rows)));
        self.live
            && !self.statements.is_empty()
            && self.statements.len() <= limits.statements
            && self.risk() == Risk::Low
            && self.statements.iter().all(|statement| statement.is_understood)
            && known_rows.is_some_and(|rows| rows <= limits.affected_rows)
            && self.statements.iter().all(|statement| statement.is_small_ddl(limits.ddl_table_bytes))
    }
}

impl StatementJudged {
    /// For the wire, in one language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> StatementReview {
        let findings = self.findings.iter().map(|found| Finding {
            rule: found.rule.clone().into_owned(),
            level: found.level,
            start: found.span.start,
            end: found.span.end,
            message: found.message.in_lang(lang).to_owned(),
            why: found.why.in_lang(lang).to_owned(),
            fix: found.fix.in_lang(lang).to_owned(),
            edits: found.edits.iter().map(Edit::on_wire).collect(),
        });
        StatementReview {
            index: self.index,
            start: self.span.start,
            end: self.span.end,
            kind: self.kind.clone().into_owned(),
            findings: findings.collect(),
            plan: self.plan.clone(),
            way: self.way.as_ref().map(|judged| WayToRun {
                way: judged.way,
                reason: judged.reason.in_lang(lang).to_owned(),
                busy: judged.busy,
            }),
            tables: self.tables.clone(),
        }
    }

    /// Rows it changes, where that is known for certain.
    fn known_rows(&self) -> Option<u64> {
        if !self.changes_rows {
            return Some(self.rows_written);
        }
        match self.plan.as_ref()?.affected_rows? {
            AffectedRows::Exactly(rows) => Some(rows),
            AffectedRows::MoreThan(_) => None,
        }
    }

    /// Whether it is too much for the way in which the server itself would do it.
    fn is_heavy(&self) -> bool {
        self.way.as_ref().is_some_and(|judged| judged.heavy)
    }

    /// Where only the definition changes, the size makes no difference; it must be known all the same.
    fn is_small_ddl(&self, most_bytes: u64) -> bool {
        let bytes = self.plan.as_ref().and_then(|plan| plan.table_bytes);
        let any_size = self.way.as_ref().is_some_and(|judged| judged.way == Way::MetadataOnly);
        !self.is_ddl || self.only_new_tables || bytes.is_some_and(|bytes| any_size || bytes <= most_bytes)
    }
}
