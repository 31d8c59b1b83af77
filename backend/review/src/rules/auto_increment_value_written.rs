use super::{Rule, known, words};
use crate::{
    facts::{Column, Table},
    judge::{See, Tell},
    query::{Operand, Values},
    shape::{Insert, Shape},
    span::Span,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule = Rule::new(
    "auto-increment-value-written",
    Level::Warning,
    include_str!("auto_increment_value_written.md"),
    check,
);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    let Some(table) = see.world.table(&insert.table).filter(|table| !table.is_view) else { return };
    let Some(column) = table.columns.iter().find(|column| column.auto_increment) else { return };
    let Some(written) = written(see, insert, table, column) else { return };
    let why = why(insert, table, column, written.greatest);
    let value = known::text(see, written.first);
    let (name, of) = (words::quoted(&column.name), words::table(&insert.table));
    // Rows that come with a new table are its author's to number.
    let level = if see.world.made_by(&insert.table).is_some() { Level::Notice } else { Level::Warning };
    tell.leveled(
        level,
        written.first,
        said!(
            "{value} is written into {of}.{name}, which counts by itself.",
            "{of}.{name} 是自增列，这里却直接写入了 {value}。",
        ),
        why,
        said!(
            "Leave {name} out (or write NULL or DEFAULT) and let {of} number the row. Where rows must keep their numbers, as in a repair, it is right as it is.",
            "请不要写 {name}（或写 NULL、DEFAULT），让 {of} 自己编号。如果是修复数据、必须保留原编号，这样写没有问题。",
        ),
    );
}

/// What the rows write into the counting column.
struct Written {
    /// The first such value.
    first: Span,
    /// The greatest, where it is a number.
    greatest: Option<i128>,
}

fn written(see: &See<'_>, insert: &Insert, table: &Table, column: &Column) -> Option<Written> {
    let same = |name: &str| name.eq_ignore_ascii_case(&column.name);
    let queries = &see.statement.queries;
    if insert.select.is_some() {
        return None;
    }
    let Some(columns) = &insert.columns else {
        let at = table.columns.iter().filter(|column| !column.invisible).position(|column| same(&column.name));
        return of_rows(queries.values.get(at?)?);
    };
    let at = columns.iter().position(|name| same(&name.text))?;
    if insert.values.is_some() {
        return of_rows(queries.values.get(at)?);
    }
    // `INSERT … SET`: what `ON DUPLICATE KEY UPDATE` sets comes after it.
    let set = queries.assigned.get(at).filter(|set| same(&set.column.column.text))?;
    let number = |text: &str| text.trim().parse::<i128>().ok();
    match &set.value {
        Operand::Null(_) => None,
        Operand::Column(column) if column.column.text.eq_ignore_ascii_case("default") => None,
        Operand::Value(Some(call), _) | Operand::Calculated(Some(call), ..) if call == "default" => None,
        Operand::Number(text, _) | Operand::Text(text, _) if number(text) == Some(0) => None,
        Operand::Number(text, _) | Operand::Text(text, _) => {
            Some(Written { first: set.span, greatest: number(text) })
        }
        _ => Some(Written { first: set.span, greatest: None }),
    }
}

fn of_rows(values: &Values) -> Option<Written> {
    Some(Written { first: values.chosen?, greatest: values.greatest.map(|(number, _)| number) })
}

fn why(insert: &Insert, table: &Table, column: &Column, greatest: Option<i128>) -> Said {
    let (name, of) = (words::quoted(&column.name), words::table(&insert.table));
    let next = table.auto_increment;
    let written = greatest.and_then(|number| u64::try_from(number).ok());
    match (written, next) {
        (Some(written), Some(next)) if written >= next => {
            let (after, next) = (words::number(written.saturating_add(1)), words::number(next));
            said!(
                "The next row of {of} would get {next}; after this it gets {after}, and the numbers between are lost. A program that inserts meanwhile may take the same number: one of the two fails (error 1062).",
                "{of} 的下一行本来是 {next}，执行之后会跳到 {after}，中间的编号就没有了。如果同时有程序在插入，可能用到相同的编号，其中一条会失败（错误 1062）。",
            )
        }
        (Some(_), Some(next)) => {
            let next = words::number(next);
            said!(
                "{of} has counted to {next} already: a row with this number may be there (error 1062), or was deleted, and what still refers to it means the new row from now on.",
                "{of} 已经编到 {next}：这个编号的行可能已存在（错误 1062）；如果它曾被删除，仍引用该编号的数据以后会指向这行新数据。",
            )
        }
        _ => said!(
            "The number may be taken (error 1062). If it is greater than all others, {name} of the next row of {of} jumps past it; a great one uses up the numbers that are left.",
            "这个编号可能已被占用（错误 1062）。如果它比现有的都大，{of} 下一行的 {name} 会从它之后开始；写得太大，剩下的编号很快就会用完。",
        ),
    }
}
