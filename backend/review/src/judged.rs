//! What [`crate::judge()`] answers.

use crate::{mend::Edit, settings::PolicyLimits, span::Span, way::WayJudged};
use dbdesk_commands::{
    lang::{Lang, Said},
    wire::{
        review::{AffectedRows, Finding, Level, PlanFigures, StatementReview, TableDiff, Way, WayToRun},
        task::TaskKind,
        ticket::Risk,
        why::WhyPerson,
    },
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeSet};

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
    /// The tables that it changes or reads, each `database.table` in lower case; absent when not all of them are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touches: Option<Vec<String>>,
    /// It may run twice: it comes to the same.
    #[serde(default)]
    pub repeatable: bool,
}

/// Tables beyond so many are not counted: such a ticket touches everything.
const MOST_TOUCHED: usize = 2_000;

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

    /// What the engine must know of the work: DDL where one statement changes structure or is not understood.
    #[must_use]
    pub fn kind(&self) -> TaskKind {
        let rows_only = |statement: &StatementJudged| statement.is_understood && !statement.is_ddl;
        if self.statements.iter().all(rows_only) { TaskKind::Dml } else { TaskKind::Ddl }
    }

    /// The tables that all statements together change or read; `None` when not all of them are known.
    #[must_use]
    pub fn touches(&self) -> Option<BTreeSet<&str>> {
        let mut all = BTreeSet::new();
        for statement in &self.statements {
            all.extend(statement.touches.as_ref()?.iter().map(String::as_str));
        }
        (all.len() <= MOST_TOUCHED).then_some(all)
    }

    /// Whether every statement may run twice.
    #[must_use]
    pub fn repeatable(&self) -> bool {
        !self.statements.is_empty() && self.statements.iter().all(|statement| statement.repeatable)
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

    /// The statements that a tool makes online, from 0.
    #[must_use]
    pub fn online(&self) -> Vec<u32> {
        let online = |statement: &&StatementJudged| {
            statement.way.as_ref().is_some_and(|way| way.way == Way::OnlineTool)
        };
        let all = self.statements.iter().filter(online);
        all.filter_map(|statement| u32::try_from(statement.index).ok()).collect()
    }

    /// Whether no person is needed: a live server answered, nothing blocks, nothing destroys, and all that is changed
    /// is known to be small. What was not counted or measured never passes.
    #[must_use]
    pub fn within_policy(&self, limits: &PolicyLimits) -> bool {
        self.why_person(limits).is_none()
    }

    /// The most important reason why a person is needed; `None` where nobody is.
    #[must_use]
    pub fn why_person(&self, limits: &PolicyLimits) -> Option<WhyPerson> {
        let any = |is: fn(&StatementJudged) -> bool| self.statements.iter().any(is);
        if self.blocks() {
            Some(WhyPerson::Rule)
        } else if any(|statement| statement.destroys) {
            Some(WhyPerson::Destroys)
        } else if self.statements.is_empty() || any(|statement| !statement.is_understood) {
            Some(WhyPerson::NotUnderstood)
        } else if !self.live {
            Some(WhyPerson::NotLive)
        } else if any(StatementJudged::is_heavy) {
            Some(WhyPerson::Heavy)
        } else if self.statements.len() > limits.statements {
            Some(WhyPerson::ManyStatements)
        } else {
            self.rows_too_many(limits.affected_rows).or_else(|| self.ddl_too_big(limits.ddl_table_bytes))
        }
    }

    /// Rows that all statements change together, where every one was counted.
    #[must_use]
    pub fn affected_rows(&self) -> Option<u64> {
        self.statements.iter().try_fold(0_u64, |sum, statement| match statement.known_rows()? {
            AffectedRows::Exactly(rows) => Some(sum.saturating_add(rows)),
            AffectedRows::MoreThan(_) => None,
        })
    }

    /// The largest table whose structure changes, with its indexes, where the size of every one is known.
    #[must_use]
    pub fn table_bytes(&self) -> Option<u64> {
        let altered =
            self.statements.iter().filter(|statement| statement.is_ddl && !statement.only_new_tables);
        altered
            .map(|statement| statement.plan.as_ref()?.table_bytes)
            .try_fold(0, |most, bytes| Some(bytes?.max(most)))
    }

    /// What is wrong with the number of rows that all statements change together.
    fn rows_too_many(&self, most: u64) -> Option<WhyPerson> {
        let mut sum = 0_u64;
        for statement in &self.statements {
            match statement.known_rows() {
                Some(AffectedRows::Exactly(rows)) => sum = sum.saturating_add(rows),
                Some(AffectedRows::MoreThan(_)) => return Some(WhyPerson::ManyRows),
                None => return Some(WhyPerson::RowsUnknown),
            }
        }
        (sum > most).then_some(WhyPerson::ManyRows)
    }

    /// What is wrong with the tables whose structure changes.
    fn ddl_too_big(&self, most: u64) -> Option<WhyPerson> {
        self.statements.iter().find_map(|statement| statement.ddl_too_big(most))
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
            plan: self.figures(),
            way: self.way.as_ref().map(|judged| WayToRun {
                way: judged.way,
                reason: judged.reason.in_lang(lang).to_owned(),
                busy: judged.busy,
            }),
            tables: self.tables.clone(),
        }
    }

    /// The server's figures; the rows of an INSERT stand in the statement itself. What a REPLACE takes away does not.
    fn figures(&self) -> Option<PlanFigures> {
        let mut plan = self.plan.clone()?;
        if self.kind == "insert" && self.rows_written > 0 {
            plan.affected_rows = plan.affected_rows.or(Some(AffectedRows::Exactly(self.rows_written)));
        }
        Some(plan)
    }

    /// Rows it changes, where they were counted.
    fn known_rows(&self) -> Option<AffectedRows> {
        if self.changes_rows {
            self.plan.as_ref()?.affected_rows
        } else {
            Some(AffectedRows::Exactly(self.rows_written))
        }
    }

    /// Whether it is too much for the way in which the server itself would do it.
    fn is_heavy(&self) -> bool {
        self.way.as_ref().is_some_and(|judged| judged.heavy)
    }

    /// Where only the definition changes, the size makes no difference; it must be known all the same.
    fn ddl_too_big(&self, most_bytes: u64) -> Option<WhyPerson> {
        if !self.is_ddl || self.only_new_tables {
            return None;
        }
        let any_size = self.way.as_ref().is_some_and(|judged| judged.way == Way::MetadataOnly);
        match self.plan.as_ref().and_then(|plan| plan.table_bytes) {
            None => Some(WhyPerson::SizeUnknown),
            Some(bytes) if bytes > most_bytes && !any_size => Some(WhyPerson::BigTable),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::way::WayJudged;

    fn small() -> StatementJudged {
        StatementJudged {
            index: 0,
            span: Span::new(0, 1),
            kind: Cow::Borrowed("update"),
            findings: Vec::new(),
            plan: Some(PlanFigures {
                affected_rows: Some(AffectedRows::Exactly(1)),
                ..PlanFigures::default()
            }),
            way: None,
            tables: Vec::new(),
            is_understood: true,
            destroys: false,
            is_ddl: false,
            changes_rows: true,
            rows_written: 0,
            only_new_tables: false,
            touches: None,
            repeatable: false,
        }
    }

    fn why(live: bool, change: impl FnOnce(&mut StatementJudged)) -> Option<WhyPerson> {
        let mut statement = small();
        change(&mut statement);
        let judged = Judged { statements: vec![statement], live, measure: String::new() };
        let limits = PolicyLimits { affected_rows: 10, ddl_table_bytes: 100, statements: 1 };
        assert_eq!(judged.within_policy(&limits), judged.why_person(&limits).is_none());
        judged.why_person(&limits)
    }

    fn rows(statement: &mut StatementJudged, rows: Option<AffectedRows>) {
        statement.plan = Some(PlanFigures { affected_rows: rows, ..PlanFigures::default() });
    }

    fn ddl(statement: &mut StatementJudged, table_bytes: Option<u64>) {
        (statement.is_ddl, statement.changes_rows) = (true, false);
        statement.plan = Some(PlanFigures { table_bytes, ..PlanFigures::default() });
    }

    #[test]
    fn each_limit_of_policy_is_a_reason_of_its_own() {
        assert_eq!(why(true, |_| {}), None);
        assert_eq!(why(false, |_| {}), Some(WhyPerson::NotLive));
        assert_eq!(why(false, |it| it.destroys = true), Some(WhyPerson::Destroys));
        assert_eq!(why(false, |it| it.is_understood = false), Some(WhyPerson::NotUnderstood));
        assert_eq!(why(true, |it| rows(it, None)), Some(WhyPerson::RowsUnknown));
        assert_eq!(why(true, |it| rows(it, Some(AffectedRows::Exactly(11)))), Some(WhyPerson::ManyRows));
        assert_eq!(why(true, |it| rows(it, Some(AffectedRows::MoreThan(9)))), Some(WhyPerson::ManyRows));
        assert_eq!(why(true, |it| ddl(it, None)), Some(WhyPerson::SizeUnknown));
        assert_eq!(why(true, |it| ddl(it, Some(101))), Some(WhyPerson::BigTable));
        assert_eq!(why(true, |it| ddl(it, Some(100))), None);
        let heavy = WayJudged { way: Way::Batch, reason: Said::fixed("", ""), heavy: true, busy: true };
        assert_eq!(why(true, |it| it.way = Some(heavy)), Some(WhyPerson::Heavy));
        let two = Judged { statements: vec![small(), small()], live: true, measure: String::new() };
        let limits = PolicyLimits { affected_rows: 10, ddl_table_bytes: 100, statements: 1 };
        assert_eq!(two.why_person(&limits), Some(WhyPerson::ManyStatements));
    }
}
