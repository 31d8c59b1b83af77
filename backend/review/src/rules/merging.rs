//! Two `ALTER TABLE`s of one table as one, where that certainly does the same.

use super::lexemes;
use crate::{
    facts::KeyKind,
    judge::See,
    mend::Edit,
    questions::tables_of,
    read::Statement,
    scan::Lexeme,
    shape::{Action, AlterForm, AlterTable, Shape},
    span::Span,
};
use std::collections::HashSet;

/// The most statements between the two that are looked through.
const MAX_BETWEEN: usize = 100;

/// The edits that append what this statement does to the statement at `earlier` and take this one out. `None` where
/// somebody should look: order matters, something stands between them, or a comment would be torn from its place.
pub fn merged_into(see: &See<'_>, alter: &AlterTable, earlier: usize) -> Option<Vec<Edit>> {
    let statements = see.script.statements();
    let first = statements.get(earlier)?;
    let Shape::AlterTable(before) = &first.shape else { return None };
    let name = see.world.name(&alter.table);
    let is_free = |statement: &Statement| {
        !matches!(statement.shape, Shape::NotAnalysable(..) | Shape::Broken(..))
            && !tables_of(&statement.shape).into_iter().any(|table| see.world.name(table) == name)
    };
    let between =
        statements.get(earlier + 1..see.statement.index).filter(|between| between.len() <= MAX_BETWEEN)?;
    let plain = [before, alter].iter().all(|alter| alter.form == AlterForm::Alter && !alter.if_exists);
    if see.world.name(&before.table) != name || !plain || !between.iter().all(is_free) {
        return None;
    }
    let (theirs, ours) = (touched(before)?, touched(alter)?);
    if !theirs.is_disjoint(&ours) {
        return None;
    }
    let sql = see.script.sql();
    let whole = |alter: &AlterTable| Some(alter.ops.first()?.span.to(alter.ops.last()?.span));
    let (end, added) = (whole(before)?.end, whole(alter)?);
    let span = see.statement.span;
    let torn = [first.span, span]
        .into_iter()
        .any(|span| lexemes::all(sql, span).any(|(lexeme, _)| lexeme == Lexeme::Comment));
    // The statement goes with the `;` behind it, if there is one.
    let mut rest = lexemes::lexemes(sql, Span::new(span.end, sql.len()));
    let gone = match rest.next() {
        Some((Lexeme::Semicolon, at)) => span.to(at),
        Some(_) => return None,
        None => span,
    };
    (!torn).then(|| vec![Edit::insert(end, format!(", {}", added.of(sql))), Edit::delete(gone)])
}

/// The columns and indexes that it adds or drops, in lower case; `None` where it does anything else.
fn touched(alter: &AlterTable) -> Option<HashSet<String>> {
    let mut names = HashSet::new();
    for op in &alter.ops {
        match &op.action {
            Action::AddColumns(columns, false) => {
                names.extend(columns.iter().map(|column| column.name.text.to_lowercase()));
            }
            Action::AddKey(key, false) if key.kind != KeyKind::Foreign => {
                names.insert(key.name.as_ref()?.text.to_lowercase());
            }
            Action::DropColumn(name, false) | Action::DropKey(name, false) => {
                names.insert(name.text.to_lowercase());
            }
            _ => return None,
        }
    }
    Some(names)
}
