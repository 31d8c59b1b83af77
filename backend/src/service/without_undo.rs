//! What can not be taken back is told at the review, so that a DBA decides before it runs.

use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        review::Level,
        rule::{IN_CHUNKS, NO_UNDO},
    },
};
use dbdesk_executor::run::keeps_a_session;
use dbdesk_review::{
    Facts, Found, Judged, Question, Script, Settings, Statement,
    facts::TableName,
    judged::StatementJudged,
    numbered::Numbered,
    questions::changed_tables,
    shape::{Shape, TableRef},
    world::World,
};
use dbdesk_undo::{Lack, aside, chunk::chunked};
use std::collections::BTreeSet;

/// Findings that say that a statement may touch more rows than are kept.
const MANY_ROWS: &str = "too-many-affected-rows";
/// Rules that say what is lost with a table.
const DESTROYING: [&str; 2] = ["drop-table", "truncate-table"];
/// So many tables are asked what changes along with their rows.
const MOST_TABLES: usize = 50;

/// What to ask a server about the tables whose rows change.
pub(super) fn questions(script: &Script, settings: &Settings) -> Vec<Question> {
    let names: BTreeSet<TableName> = script
        .statements()
        .iter()
        .flat_map(|statement| match &statement.shape {
            // What hangs on it keeps the online tool from it.
            Shape::AlterTable(alter) => vec![&alter.table],
            shape => losing(shape),
        })
        .map(|table| table.named(settings.database.as_deref()))
        .take(MOST_TABLES)
        .collect();
    names.into_iter().map(Question::Along).collect()
}

/// The tables of a statement whose rows change or go.
fn losing(shape: &Shape) -> Vec<&TableRef> {
    match shape {
        Shape::DropTable(drop) => drop.tables.iter().collect(),
        Shape::Truncate(table) => vec![table],
        shape if shape.is_dml() => changed_tables(shape),
        _ => Vec::new(),
    }
}

/// Where rows are kept.
pub(super) struct Keeping {
    /// Rows that statements touch: at most so many of a table. `None`: they are not kept.
    pub(super) most_rows: Option<u64>,
    /// The schema for tables that are dropped or emptied. `None`: they are gone.
    pub(super) set_aside_in: Option<String>,
    /// And for how many days they stay there.
    pub(super) set_aside_days: u32,
}

/// Statements that need more than a backup of their rows, from 0, once a person has approved.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    /// They may run without: they can not be taken back, or nobody knows.
    pub(super) without_undo: Vec<u32>,
    /// They may touch more rows than are kept at once, and be made in chunks then.
    pub(super) in_chunks: Vec<u32>,
}

/// Tells it, and gives which they are.
pub(super) fn judge(
    judged: &mut Judged,
    script: &Script,
    facts: &Facts,
    settings: &Settings,
    keeping: &Keeping,
) -> Beyond {
    let mut world = World::new(facts, settings);
    let mut beyond = Beyond::default();
    let (numbered, mut series) = (Numbered::of(script), BTreeSet::new());
    let own = keeps_a_session(script.sql());
    let many = series_of_many(judged, &numbered);
    for statement in script.statements() {
        let tables = losing(&statement.shape);
        let is_kept = !tables.is_empty()
            && if statement.shape.is_dml() {
                keeping.most_rows.is_some()
            } else {
                keeping.set_aside_in.is_some()
            };
        // What the script itself makes or alters is not there yet.
        let unknown = !facts.live || tables.iter().any(|table| world.is_touched(table));
        let lack = match own && statement.shape.is_dml() {
            _ if !is_kept || unknown => None,
            true => Some(own_session()),
            false => lack(script, statement, facts, settings, keeping),
        };
        let index = statement.index;
        if is_kept
            && !unknown
            && is_set_aside(statement, facts, settings, keeping)
            && let Some(told) = judged.statements.get_mut(index)
        {
            told.findings.iter_mut().filter(|found| DESTROYING.contains(&&*found.rule)).for_each(|found| {
                found.why = set_aside(keeping);
            });
        }
        if let (Some(lack), Some(told)) = (&lack, judged.statements.get_mut(index))
            && !numbered.is_repeated(index)
        {
            told.findings.push(found(statement, lack));
        }
        let many = many.contains(&numbered.leader(index));
        let in_chunks = is_kept
            && many
            && !unknown
            && lack.is_none()
            && chunked(script, statement, facts, settings.database.as_deref()).is_some();
        if in_chunks {
            // Once of a series, wherever in it the first one is.
            if let (Some(told), true, Some(most)) =
                (judged.statements.get_mut(index), series.insert(numbered.leader(index)), keeping.most_rows)
            {
                told.findings.push(piecemeal(statement, most));
            }
            beyond.in_chunks.extend(u32::try_from(index).ok());
        } else if is_kept && (unknown || lack.is_some() || many) {
            beyond.without_undo.extend(u32::try_from(index).ok());
        }
        world.apply(index, &statement.shape);
    }
    beyond
}

/// The first statements of the series in which one may touch many rows: what is found in several of them is told at one only.
fn series_of_many(judged: &Judged, numbered: &Numbered) -> BTreeSet<usize> {
    let has_many = |told: &StatementJudged| told.findings.iter().any(|found| found.rule == MANY_ROWS);
    let told = judged.statements.iter().enumerate().filter(|(_, told)| has_many(told));
    told.map(|(index, _)| numbered.leader(index)).collect()
}

fn own_session() -> Said {
    Said::fixed(
        "the script opens transactions, locks tables or sets variables itself",
        "脚本自行开启事务、锁表或设置变量",
    )
}

fn lack(
    script: &Script,
    statement: &Statement,
    facts: &Facts,
    settings: &Settings,
    keeping: &Keeping,
) -> Option<Said> {
    let database = settings.database.as_deref();
    let lack = if statement.shape.is_dml() {
        dbdesk_undo::plan(script, statement, facts, (database, keeping.most_rows?)).err()
    } else {
        let place = aside::Place { schema: keeping.set_aside_in.as_deref()?, prefix: String::new() };
        aside::plan(&statement.shape, facts, database, &place).err()
    };
    // Another finding says more of a table that is not there.
    lack.filter(|lack| !matches!(lack, Lack::Table { .. })).map(|lack| lack.said())
}

/// Whether a rename runs in its place.
fn is_set_aside(statement: &Statement, facts: &Facts, settings: &Settings, keeping: &Keeping) -> bool {
    let Some(schema) = keeping.set_aside_in.as_deref() else { return false };
    let place = aside::Place { schema, prefix: String::new() };
    matches!(aside::plan(&statement.shape, facts, settings.database.as_deref(), &place), Ok(Some(_)))
}

fn set_aside(keeping: &Keeping) -> Said {
    said!(
        "A program that needs what is in it fails or finds nothing at once. The rows are not lost at once: the desk sets the table aside in \
         `{schema}`, and for {days} days from then on “Undo” brings it back. After that only a backup does.",
        "依赖其中数据的程序会立即报错或查不到数据。数据不会马上丢失：工单台会把表移到 `{schema}` 保留 {days} 天，期间可以用“撤销变更”找回；之后只能靠备份恢复。",
        schema = keeping.set_aside_in.as_deref().unwrap_or_default(),
        days = keeping.set_aside_days
    )
}

fn piecemeal(statement: &Statement, most: u64) -> Found {
    Found {
        rule: IN_CHUNKS.into(),
        level: Level::Notice,
        span: statement.span,
        message: said!(
            "Where this touches more than {most} rows, it runs in chunks of the table's primary key, one transaction each.",
            "如果影响的行超过 {most} 行，将按主键分批执行，每批一个事务。"
        ),
        why: said!(
            "Others see the table half changed meanwhile, and a failure leaves the chunks before it as they are. Each chunk is kept: “Undo” takes \
             them back, as many rows as fit into a ticket at a time, where they are at most 100,000.",
            "执行期间其他会话会看到只改了一部分的数据；中途失败时，之前各批保持已提交。每一批都有备份，“撤销变更”可逐张工单撤销，最多 10 万行。"
        ),
        fix: said!(
            "There is nothing that you must do. To have it in one transaction, write it for fewer rows.",
            "无需处理。如果必须在一个事务里完成，请缩小影响范围。"
        ),
        edits: Vec::new(),
    }
}

fn found(statement: &Statement, lack: &Said) -> Found {
    let Said { en, zh } = lack;
    Found {
        rule: NO_UNDO.into(),
        level: Level::NeedsDba,
        span: statement.span,
        message: said!("This can not be taken back: {en}.", "这条语句执行后无法撤销：{zh}。"),
        why: said!(
            "The rows as they were would not be kept. If it turns out to be wrong, there is no “Undo”: a DBA would have to look for the \
             values in a backup.",
            "修改前的行不会被保留。如果之后发现有误，没有“撤销变更”可用，只能由 DBA 从备份里找回。"
        ),
        fix: said!(
            "Write it so that its rows are certain and are named by the table's key, or send it to a DBA, who can approve it without undo.",
            "请改写成能确定影响哪些行、并用表的键指明的形式；或转交 DBA，由 DBA 批准在不可撤销的情况下执行。"
        ),
        edits: Vec::new(),
    }
}
