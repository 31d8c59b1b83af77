use super::{Rule, words};
use crate::{
    catalogue,
    facts::{Column, Key, KeyKind, Prepared, Repeats, Table},
    judge::{See, Tell},
    shape::{Action, AlterTable, ColumnDef, Shape},
    types::TypeKind,
    unique::{self, Part, Values, Wanted},
    world::Known,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule = Rule::new(
    "unique-index-with-duplicates",
    Level::NeedsDba,
    include_str!("unique_index_with_duplicates.md"),
    check,
);

/// The longest query that is shown, in bytes.
const MAX_QUERY: usize = 2_000;
/// No server takes more indexes.
const MAX_KEYS: usize = 128;

/// Rules that say why the server would not look at a row.
const SAID_BY: [&str; 5] =
    ["unknown-table", "unknown-column", "unknown-index", "duplicate-name", "two-primary-keys"];

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    let broken = matches!(see.facts.syntax.get(&see.statement.index), Some(Prepared::SyntaxError(_)));
    if broken || see.world.made_by(&alter.table).is_some() || tell.has_told(&SAID_BY) || see.refusal().is_some() {
        return;
    }
    let known = match see.world.look(&alter.table) {
        Known::Absent => return,
        Known::Present(table) if table.is_view => return,
        Known::Present(table) => Some(table),
        Known::Nothing => None,
    };
    for (at, wanted) in unique::wanted(alter).iter().enumerate() {
        if tell.is_full() {
            return;
        }
        let there = |name| known.is_some_and(|table| table.key(name).is_some());
        if !(wanted.if_not_exists && wanted.name.is_some_and(there)) {
            say(see, tell, alter, wanted, &rows(see, alter, known, at, wanted));
        }
    }
}

/// What is known of the rows that the index is for.
enum Rows {
    Fit,
    Alike,
    Null,
    Unknown(Said),
}

fn rows(see: &See<'_>, alter: &AlterTable, known: Option<&Table>, at: usize, wanted: &Wanted<'_>) -> Rows {
    let parts = match &wanted.values {
        Values::Differ => return Rows::Fit,
        Values::Unclear if !see.facts.live => return Rows::Fit,
        Values::Unclear => {
            return Rows::Unknown(Said::fixed("a part of it is no plain column", "其中有的部分不是普通的列"));
        }
        Values::Of(parts) => parts,
    };
    let stays = stays(see, alter, known, parts);
    if stays && known.is_some_and(|table| are_unique(table, parts, wanted.kind)) {
        return Rows::Fit;
    }
    let answer = see.facts.repeats.get(&see.statement.index).and_then(|answers| answers.get(&at));
    match answer {
        Some(Repeats::None | Repeats::Rows) if !stays => Rows::Unknown(Said::fixed(
            "the same statement changes the type of a column, and with it what is alike",
            "同一条语句修改了列的类型，哪些算相同也会随之改变",
        )),
        Some(Repeats::None) => Rows::Fit,
        Some(Repeats::Rows) => Rows::Alike,
        Some(Repeats::Null) => Rows::Null,
        None if !see.facts.live && !parts.is_empty() => Rows::Fit,
        _ => Rows::Unknown(reason(answer)),
    }
}

/// Why nobody knows.
fn reason(answer: Option<&Repeats>) -> Said {
    match answer {
        Some(Repeats::TimedOut) => {
            Said::fixed("looking through the table took too long", "查找整张表超时")
        }
        Some(Repeats::Failed(number, sentence)) => {
            let sentence = words::shown(sentence);
            said!(
                "the server could not look: {sentence} (error {number})",
                "服务器无法查找：{sentence}（错误 {number}）",
            )
        }
        Some(Repeats::Skipped) => Said::fixed(
            "the ticket has so much to look up that the time for it ran out",
            "工单里要查的太多，时间用完了",
        ),
        _ => Said::fixed(
            "nobody could look beforehand (no server was asked, or an earlier statement changes the table)",
            "事先无法查找（没有询问服务器，或者前面的语句改动了这张表）",
        ),
    }
}

/// Whether the columns compare after the statement as they did before it.
fn stays(see: &See<'_>, alter: &AlterTable, known: Option<&Table>, parts: &[Part<'_>]) -> bool {
    if alter.ops.iter().any(|op| matches!(op.action, Action::Convert(..))) {
        return parts.is_empty();
    }
    parts.iter().all(|part| {
        let Some(new) = part.becomes else { return true };
        let before = known.and_then(|table| Some((table, table.column(part.column)?)));
        before.is_some_and(|(table, old)| compares_as(see, table, old, new))
    })
}

fn compares_as(see: &See<'_>, table: &Table, old: &Column, new: &ColumnDef) -> bool {
    let (before, after) = (&old.column_type, catalogue::column_in(table, new, see.settings.flavour).column_type);
    let is_letters = |kind: TypeKind| kind.has_charset() && !matches!(kind, TypeKind::Enum | TypeKind::Set);
    let same_kind = before.holds_as(&after)
        || before.kind.is_integer() && after.kind.is_integer()
        || is_letters(before.kind) && is_letters(after.kind);
    // Where a collation is not told, the character set's own may be another.
    same_kind && (!before.kind.has_charset() || before.collation.is_some() && before.collation == after.collation)
}

/// Whether a unique index that is there keeps the rows apart already.
fn are_unique(table: &Table, parts: &[Part<'_>], kind: KeyKind) -> bool {
    let not_null = |part: &Part<'_>| table.column(part.column).is_some_and(|column| !column.nullable);
    let keeps_apart = |key: &Key| {
        matches!(key.kind, KeyKind::Primary | KeyKind::Unique)
            && key.parts.iter().all(|there| {
                !there.is_expression && parts.iter().any(|part| {
                    let longer = match (there.prefix, part.prefix) {
                        (_, None) => true,
                        (None, Some(_)) => false,
                        (Some(there), Some(letters)) => letters >= there,
                    };
                    longer && part.column.eq_ignore_ascii_case(&there.column)
                })
            })
    };
    table.keys.iter().take(MAX_KEYS).any(keeps_apart) && (kind == KeyKind::Unique || parts.iter().all(not_null))
}

fn say(see: &See<'_>, tell: &mut Tell<'_>, alter: &AlterTable, wanted: &Wanted<'_>, rows: &Rows) {
    let table = words::table(&alter.table);
    let columns = words::list(wanted.columns.iter().copied());
    let parts: &[Part<'_>] = match &wanted.values {
        Values::Of(parts) => parts,
        Values::Differ | Values::Unclear => &[],
    };
    let said = match rows {
        Rows::Fit => return,
        Rows::Alike | Rows::Unknown(_) if parts.is_empty() && matches!(wanted.values, Values::Of(_)) => {
            all_alike(see, &table, &columns, alter)
        }
        Rows::Alike if alter.ignore => deleted(&table, &columns),
        Rows::Alike => alike(&table, &columns),
        Rows::Null => null(&table, &columns),
        Rows::Unknown(reason) => unknown(&table, &columns, reason),
    };
    let fix = match rows {
        _ if matches!(wanted.values, Values::Unclear) => Said::fixed(
            "Look for rows that would be alike in it, and send the ticket to a DBA with what you found.",
            "请查一查哪些行会算出相同的值，并把结果和工单一起转交 DBA。",
        ),
        _ if parts.is_empty() => Said::fixed(
            "Add the column without the index, fill it so that no two rows are alike, and add the index in a ticket of its own.",
            "请先加列、不加索引，把每一行填成不同的值，再用单独的工单加索引。",
        ),
        Rows::Null => said!(
            "Fill them first, in a ticket of its own. This lists them: {sql}",
            "请先用单独的工单把它们填好。列出这些行：{sql}",
            sql = short(unique::nulls(&alter.table, parts)),
        ),
        Rows::Unknown(_) => said!(
            "Run this where it may take its time, such as a replica, and send the ticket to a DBA with what it says: {sql}",
            "请在可以慢慢执行的地方（例如从库）运行下面的查询，并把结果和工单一起转交 DBA：{sql}",
            sql = short(unique::repeats(&alter.table, parts)),
        ),
        Rows::Fit | Rows::Alike => said!(
            "Decide which rows stay and mend the others first, in a ticket of its own. This lists them: {sql}",
            "请先决定保留哪些行，并用单独的工单处理其余的。列出这些行：{sql}",
            sql = short(unique::repeats(&alter.table, parts)),
        ),
    };
    let (level, message, why) = said;
    let level = if matches!(rows, Rows::Unknown(_)) { Level::NeedsDba } else { level };
    tell.leveled(level, wanted.span, message, why, fix);
}

/// A query, or what it is like where an index of many long names makes it too long to be shown.
fn short(query: String) -> String {
    if query.len() <= MAX_QUERY { query } else { "SELECT … GROUP BY … HAVING COUNT(*) > 1;".to_owned() }
}

fn alike(table: &str, columns: &str) -> (Level, Said, Said) {
    let message = said!(
        "{table} has rows that are alike in {columns}: this unique index can not be built.",
        "{table} 里有 {columns} 相同的行：这个唯一索引建不起来。",
    );
    let why = said!(
        "The server was asked. ALTER TABLE reads all of {table} and then fails (error 1062); pt-online-schema-change and gh-ost drop all but one of such rows without a word.",
        "已在服务器上查过。ALTER TABLE 会读完整张 {table} 再报错（错误 1062）；pt-online-schema-change 和 gh-ost 则会不声不响地丢掉重复的行，只留一行。",
    );
    (Level::Error, message, why)
}

fn deleted(table: &str, columns: &str) -> (Level, Said, Said) {
    let message = said!(
        "{table} has rows that are alike in {columns}: IGNORE deletes all but one of them.",
        "{table} 里有 {columns} 相同的行：IGNORE 会把它们删得只剩一行。",
    );
    let why = said!(
        "The server was asked. Which of them stays in {table} is not defined, and nothing tells which went.",
        "已在服务器上查过。{table} 里留下哪一行没有规定，也不会告诉你删掉了哪些。",
    );
    (Level::NeedsDba, message, why)
}

fn null(table: &str, columns: &str) -> (Level, Said, Said) {
    let message = said!(
        "{table} has rows with NULL in {columns}: this primary key can not be built.",
        "{table} 里有 {columns} 为 NULL 的行：这个主键建不起来。",
    );
    let why = said!(
        "The server was asked. A primary key holds no NULL: ALTER TABLE reads {table} and then fails (error 1138 or 1265).",
        "已在服务器上查过。主键不允许 NULL：ALTER TABLE 会在读取 {table} 之后报错（错误 1138 或 1265）。",
    );
    (Level::Error, message, why)
}

fn all_alike(see: &See<'_>, table: &str, columns: &str, alter: &AlterTable) -> (Level, Said, Said) {
    let Said { en, zh } = see.rows_said(&alter.table);
    let message = said!(
        "Every row that {table} has{en} gets the same value in {columns}: a unique index forbids that.",
        "{table} 现有的每一行{zh}在 {columns} 里都会得到同一个值，唯一索引不允许这样。",
    );
    let why = said!(
        "With two rows or more the ALTER fails (error 1062); pt-online-schema-change and gh-ost would keep one row of {table} and drop all others without a word.",
        "只要有两行，ALTER 就会报错（错误 1062）；pt-online-schema-change 和 gh-ost 则会不声不响地只留下 {table} 的一行，丢掉其余所有行。",
    );
    (if alter.ignore { Level::NeedsDba } else { Level::Error }, message, why)
}

fn unknown(table: &str, columns: &str, reason: &Said) -> (Level, Said, Said) {
    let Said { en, zh } = reason;
    let message = said!(
        "Whether rows of {table} are alike in {columns} is not known: {en}.",
        "不知道 {table} 里有没有 {columns} 相同的行：{zh}。",
    );
    let why = said!(
        "If some are, ALTER TABLE fails after it has read all of {table} (error 1062), and pt-online-schema-change and gh-ost drop them without a word.",
        "如果有，ALTER TABLE 会在读完整张 {table} 之后报错（错误 1062），pt-online-schema-change 和 gh-ost 则会不声不响地丢掉它们。",
    );
    (Level::NeedsDba, message, why)
}
