//! Runs the rules over a script.

use crate::{
    catalogue, effect,
    facts::{Counted, Facts, Prepared, Table},
    judged::{Found, Judged, StatementJudged},
    mend::Edit,
    numbered::Numbered,
    questions::changed_tables,
    read::{Script, Statement, first_word},
    rules::{self, Rule},
    settings::{RuleLevel, Settings},
    shape::{Action, Change, Deed, Shape, TableRef},
    span::Span,
    world::{Known, World},
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::{AffectedRows, Level, PlanFigures},
};
use std::{borrow::Cow, cell::OnceCell};

/// Errors of a count that the statement itself would meet too: unknown database, column, table; ambiguous column.
const SAME_ERRORS: [u16; 5] = [1044, 1049, 1052, 1054, 1146];

/// The most findings that one statement is told; the most serious are kept.
pub const MAX_FINDINGS: usize = 50;

/// What a rule sees.
pub struct See<'a> {
    /// The whole script.
    pub script: &'a Script,
    /// The statement it looks at.
    pub statement: &'a Statement,
    /// The tables before the statement.
    pub world: &'a World<'a>,
    /// What the live server said.
    pub facts: &'a Facts,
    /// Thresholds and flavour.
    pub settings: &'a Settings,
    /// What the script is made of as a whole.
    pub mix: &'a Mix,
    /// Many rules look at the table that a `CREATE TABLE` makes: it is made once.
    made: OnceCell<Option<Table>>,
}

/// Where the first statement of each sort stands.
#[derive(Debug, Default)]
pub struct Mix {
    /// The first statement that changes structure.
    pub first_ddl: Option<usize>,
    /// The first statement that changes rows.
    pub first_dml: Option<usize>,
    /// Statements that are the same but for the number of their table.
    pub numbered: Numbered,
}

/// Takes a rule's findings.
pub struct Tell<'a> {
    rule: &'static Rule,
    /// The level that the settings give all its findings.
    forced: Option<Level>,
    statement: &'a Statement,
    found: &'a mut Vec<Found>,
    /// How many it has told, by level.
    told: [usize; 4],
}

impl Tell<'_> {
    /// Whether more findings of the rule's own level would not be kept, so that they need not be made.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let level = self.forced.unwrap_or(self.rule.level);
        self.told.get(level as usize).is_some_and(|told| *told > MAX_FINDINGS)
    }

    /// Whether one of these rules has told something of the statement already.
    #[must_use]
    pub fn has_told(&self, rules: &[&str]) -> bool {
        self.found.iter().any(|found| rules.contains(&&*found.rule))
    }

    /// Whether a finding keeps the statement from passing already.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.found.iter().any(|found| found.level.blocks())
    }

    /// A finding of the rule's own level.
    pub fn at(&mut self, span: Span, message: Said, why: Said, fix: Said) -> Told<'_> {
        self.leveled(self.rule.level, span, message, why, fix)
    }

    /// A finding of another level.
    pub fn leveled(&mut self, level: Level, span: Span, message: Said, why: Said, fix: Said) -> Told<'_> {
        let level = self.forced.unwrap_or(level);
        // Of one rule and level as many are kept as are shown at most, and one more to tell that there are more: a
        // serious finding is never lost behind many slight ones.
        let Some(told) = self.told.get_mut(level as usize).filter(|told| **told <= MAX_FINDINGS) else {
            return Told { found: None, statement: self.statement.span };
        };
        *told += 1;
        // A finding never leaves its statement.
        let span = if self.statement.span.holds(span) { span } else { self.statement.span };
        let rule = Cow::Borrowed(self.rule.id);
        self.found.push(Found { rule, level, span, message, why, fix, edits: Vec::new() });
        Told { found: self.found.last_mut(), statement: self.statement.span }
    }
}

/// A finding that was just told.
pub struct Told<'a> {
    found: Option<&'a mut Found>,
    statement: Span,
}

impl Told<'_> {
    /// The edits that mend it for certain: they say what the asker meant, and the rule is silent after them. Edits that
    /// leave the statement are dropped, all of them.
    pub fn mend(self, edits: Vec<Edit>) {
        if let Some(found) = self.found.filter(|_| edits.iter().all(|edit| self.statement.holds(edit.span))) {
            found.edits = edits;
        }
    }

    /// The same, where another statement of the script must change too.
    pub fn mend_script(self, edits: Vec<Edit>) {
        if let Some(found) = self.found {
            found.edits = edits;
        }
    }
}

/// Judges a script by what is known.
#[must_use]
pub fn judge(script: &Script, facts: &Facts, settings: &Settings) -> Judged {
    let mut settings = settings.clone();
    if let Some(flavour) = facts.flavour {
        settings.flavour = flavour;
    }
    let mut world = World::new(facts, &settings);
    let mix = mix(script);
    let mut judged = Judged {
        statements: Vec::with_capacity(script.statements().len()),
        live: facts.live,
        measure: settings.measure(),
    };
    let in_force: Vec<InForce> = rules::ALL
        .iter()
        .filter(|rule| settings.has_on(rule))
        .map(|rule| (rule, settings.level_of(rule).and_then(RuleLevel::level)))
        .collect();
    for statement in script.statements() {
        let see = See {
            script,
            statement,
            world: &world,
            facts,
            settings: &settings,
            mix: &mix,
            made: OnceCell::new(),
        };
        judged.statements.push(one(&see, &in_force));
        world.apply(statement.index, &statement.shape);
    }
    for (index, tables) in crate::shadow::offline::changed(script, &world, facts) {
        if let Some(statement) = judged.statements.get_mut(index) {
            statement.tables = tables;
        }
    }
    mix.numbered.fold(script, &mut judged);
    judged
}

fn mix(script: &Script) -> Mix {
    let first = |wanted: fn(&Shape) -> bool| {
        script.statements().iter().find(|statement| wanted(&statement.shape)).map(|statement| statement.index)
    };
    Mix { first_ddl: first(Shape::is_ddl), first_dml: first(Shape::is_dml), numbered: Numbered::of(script) }
}

/// A rule that is on, and the level that the settings give all its findings.
type InForce = (&'static Rule, Option<Level>);

fn one(see: &See<'_>, in_force: &[InForce]) -> StatementJudged {
    let statement = see.statement;
    let mut found = Vec::new();
    for &(rule, forced) in in_force {
        (rule.check)(see, &mut Tell { rule, forced, statement, found: &mut found, told: [0; 4] });
    }
    cut(&mut found, statement);
    found.sort_by(|left, right| {
        (left.span.start, left.level, left.span.end).cmp(&(right.span.start, right.level, right.span.end))
    });
    let unread = found.iter().any(|found| found.rule == rules::SYNTAX_ERROR);
    StatementJudged {
        index: statement.index,
        span: statement.span,
        kind: if unread { Cow::Borrowed(crate::read::SYNTAX_ERROR) } else { Cow::Borrowed(statement.kind) },
        plan: plan(see),
        way: crate::way::of(see),
        tables: see.facts.shadow.tables.get(&statement.index).cloned().unwrap_or_default(),
        is_understood: !unread && is_understood(&statement.shape),
        destroys: destroys(see),
        is_ddl: statement.shape.is_ddl(),
        changes_rows: changes_unwritten_rows(&statement.shape),
        rows_written: rows_written(&statement.shape),
        only_new_tables: only_new_tables(see),
        touches: effect::touches(&statement.shape, see.settings.database.as_deref()),
        repeatable: !unread && effect::is_repeatable(&statement.shape),
        findings: found,
    }
}

/// Keeps the most serious findings, and says that there were more.
fn cut(found: &mut Vec<Found>, statement: &Statement) {
    if found.len() <= MAX_FINDINGS {
        return;
    }
    found.sort_by_key(|found| (found.level, found.span.start));
    found.truncate(MAX_FINDINGS);
    let Some(worst) = found.last().map(|found| found.level) else { return };
    found.push(Found {
        rule: Cow::Borrowed("more-findings"),
        level: worst,
        span: Span::new(statement.span.start, statement.span.start),
        message: Said::fixed(
            "There are more findings on this statement; they are not listed.",
            "这条语句还有别的问题，没有一一列出。",
        ),
        why: Said::fixed("The most serious come first.", "最严重的已经列在前面。"),
        fix: Said::fixed("Mend those listed and ask again.", "请先修改已列出的，再重新评审。"),
        edits: Vec::new(),
    });
}

/// Whether the shape tells all that the statement does: an allow-list, so that a shape that is new here does not pass.
fn is_understood(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::CreateTable(_)
            | Shape::AlterTable(_)
            | Shape::DropTable(_)
            | Shape::RenameTable(_)
            | Shape::Truncate(_)
            | Shape::CreateDatabase(_)
            | Shape::DropDatabase(_)
            | Shape::Insert(_)
            | Shape::Update(_)
            | Shape::Delete(_)
            | Shape::SetNames
    )
}

/// Whether data or structure is gone afterwards.
fn destroys(see: &See<'_>) -> bool {
    let whole = |change: &Change| change.condition.as_ref().is_none_or(|condition| condition.always_true);
    match &see.statement.shape {
        Shape::DropTable(drop) => !drop.temporary,
        Shape::Truncate(_) | Shape::DropDatabase(_) => true,
        Shape::Delete(change) => whole(change) && change.limit.is_none(),
        Shape::CreateTable(create) => create.or_replace,
        Shape::AlterTable(alter) => alter.ops.iter().any(|op| {
            matches!(
                op.action,
                Action::DropColumn(..)
                    | Action::LosePartition
                    | Action::ExchangePartition
                    | Action::DropPrimaryKey
            )
        }),
        Shape::StoredObject(object) => object.deed == Deed::Drop || object.or_replace,
        Shape::NotAnalysable(..) | Shape::Admin(_) => {
            let word = first_word(see.script.sql(), see.statement.span).of(see.script.sql());
            ["drop", "delete", "truncate", "alter"].iter().any(|begin| word.eq_ignore_ascii_case(begin))
        }
        _ => false,
    }
}

/// Whether the statement changes rows that do not stand in it, so that only a count tells how many.
#[must_use]
pub fn changes_unwritten_rows(shape: &Shape) -> bool {
    match shape {
        Shape::Update(_) | Shape::Delete(_) => true,
        Shape::Insert(insert) => insert.select.is_some(),
        Shape::CreateTable(create) => create.select.is_some(),
        _ => false,
    }
}

fn rows_written(shape: &Shape) -> u64 {
    match shape {
        // A REPLACE takes away a row for each that it writes, at worst.
        Shape::Insert(insert) if insert.replace => insert.rows.saturating_mul(2),
        Shape::Insert(insert) => insert.rows,
        _ => 0,
    }
}

fn only_new_tables(see: &See<'_>) -> bool {
    match &see.statement.shape {
        Shape::CreateTable(create) => !create.or_replace,
        Shape::CreateDatabase(_) => true,
        shape => {
            let changed = changed_tables(shape);
            !changed.is_empty() && changed.iter().all(|table| see.world.made_by(table).is_some())
        }
    }
}

fn plan(see: &See<'_>) -> Option<PlanFigures> {
    if !see.facts.live {
        return None;
    }
    let table =
        changed_tables(&see.statement.shape).into_iter().find_map(|table| match see.world.look(table) {
            Known::Present(table) => Some(table),
            Known::Nothing | Known::Absent => None,
        });
    let explained = see.facts.explained.get(&see.statement.index);
    let plan = PlanFigures {
        estimated_rows: explained.and_then(|explained| explained.rows),
        access: explained.and_then(|explained| explained.access.clone()),
        key: explained.and_then(|explained| explained.key.clone()),
        affected_rows: see.affected_rows(),
        table_rows: table.and_then(|table| table.rows),
        table_bytes: table.and_then(|table| table.bytes),
    };
    (plan != PlanFigures::default()).then_some(plan)
}

impl See<'_> {
    /// The table that a `CREATE TABLE` makes by what it writes itself, not by `LIKE`.
    #[must_use]
    pub fn made(&self) -> Option<&Table> {
        let make = || match &self.statement.shape {
            Shape::CreateTable(create) => Some(catalogue::created(create, self.settings.flavour)),
            _ => None,
        };
        self.made.get_or_init(make).as_ref()
    }

    /// The server's error number and sentence, where it would refuse the statement for certain. Of a statement that is
    /// not understood nobody knows which tables it needs: after DDL of the same script they may be there by then.
    #[must_use]
    pub fn refusal(&self) -> Option<(u16, &str)> {
        let index = self.statement.index;
        let after_ddl = self.mix.first_ddl.is_some_and(|ddl| ddl < index);
        if after_ddl && matches!(self.statement.shape, Shape::NotAnalysable(..)) {
            return None;
        }
        match (self.facts.syntax.get(&index), self.facts.counted.get(&index)) {
            (Some(Prepared::Refused(number, sentence)), _) => Some((*number, sentence)),
            // A server may say "read-only" of the statement before it looks at its columns; the count has looked.
            (_, Some(Counted::Failed(number, sentence))) if SAME_ERRORS.contains(number) => {
                Some((*number, sentence))
            }
            _ => None,
        }
    }

    /// " (about 12,000 rows)", where the server's statistics tell.
    #[must_use]
    pub fn rows_said(&self, table: &TableRef) -> Said {
        match self.world.table(table).and_then(|table| table.rows) {
            Some(1) => Said::fixed(" (about 1 row)", "（约 1 行）"),
            Some(rows) => {
                said!(" (about {rows} rows)", "（约 {rows} 行）", rows = crate::rules::words::number(rows))
            }
            None => Said::fixed("", ""),
        }
    }

    /// Rows that the statement would change, where they were counted. A joined row stands for at most one row of each
    /// table that is changed.
    #[must_use]
    pub fn affected_rows(&self) -> Option<AffectedRows> {
        let Some(Counted::Rows(rows)) = self.facts.counted.get(&self.statement.index) else { return None };
        let most = self.settings.limits.affected_rows;
        if *rows > most {
            return Some(AffectedRows::MoreThan(most));
        }
        let tables = changed_tables(&self.statement.shape).len().max(1) as u64;
        Some(AffectedRows::Exactly(rows.saturating_mul(tables)))
    }
}

impl Shape {
    /// Whether it changes structure.
    #[must_use]
    pub fn is_ddl(&self) -> bool {
        matches!(
            self,
            Self::CreateTable(_)
                | Self::AlterTable(_)
                | Self::DropTable(_)
                | Self::RenameTable(_)
                | Self::Truncate(_)
                | Self::CreateDatabase(_)
                | Self::DropDatabase(_)
                | Self::StoredObject(_)
        )
    }

    /// Whether it changes rows.
    #[must_use]
    pub fn is_dml(&self) -> bool {
        matches!(self, Self::Insert(_) | Self::Update(_) | Self::Delete(_))
    }
}
