//! What a `WHERE` looks at, and whether it lets every row through.

use super::{
    logic, query,
    reader::{Read, Reader, Unread},
    tokens::place,
};
use crate::{
    shape::{ColumnUse, Condition, Name, TableRef},
    span::Span,
    truth::{self, Truth},
};
use sqlparser::{
    ast::{Expr, Ident, ObjectName, Query, Visit, Visitor},
    parser::Parser,
};
use std::ops::ControlFlow;

/// Reads an expression as a condition; tables of its sub-selects go to `reads`.
pub fn condition(reader: &mut Reader<'_>, reads: &mut Vec<TableRef>) -> Read<Condition> {
    let start = reader.here().start;
    let expr = reader.sqlparser(Parser::parse_expr)?;
    let span = reader.since(start);
    let seen = look(&expr)?;
    query::change_condition(&mut reader.queries, &expr, span);
    let logic = logic::of(&expr, false);
    let constant = seen.columns.is_empty() && !seen.has_query;
    reads.extend(seen.reads);
    let not_null_of = if is_not_null(&expr) { seen.columns.first().cloned() } else { None };
    Ok(Condition {
        span,
        always_true: truth::unseen(&logic) == Truth::Always,
        logic,
        constant,
        not_null_of,
        columns: seen.columns,
    })
}

fn is_not_null(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_not_null(inner),
        Expr::IsNotNull(inner) => matches!(**inner, Expr::Identifier(_) | Expr::CompoundIdentifier(_)),
        _ => false,
    }
}

/// What an expression or a query names.
#[derive(Default)]
pub struct Seen {
    /// Columns outside sub-selects.
    pub columns: Vec<ColumnUse>,
    /// Tables, in sub-selects at any depth.
    pub reads: Vec<TableRef>,
    /// It has a sub-select.
    pub has_query: bool,
    depth: usize,
    with: Vec<String>,
    odd: Option<Span>,
}

/// Looks through an expression, a query or a join.
pub fn look(part: &impl Visit) -> Read<Seen> {
    let mut seen = Seen::default();
    let _ = part.visit(&mut seen);
    if let Some(span) = seen.odd {
        return Err(Unread(span));
    }
    let with = std::mem::take(&mut seen.with);
    seen.reads.retain(|table| {
        table.database.is_some() || !with.iter().any(|name| name.eq_ignore_ascii_case(&table.table.text))
    });
    Ok(seen)
}

impl Visitor for Seen {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.depth += 1;
        self.has_query = true;
        if let Some(with) = &query.with {
            self.with.extend(with.cte_tables.iter().map(|cte| cte.alias.name.value.clone()));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        match table_ref(relation) {
            Some(table) => self.reads.push(table),
            None => self.odd = Some(Span::default()),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        match expr {
            Expr::Identifier(name) if name.quote_style.is_some() || !name.value.starts_with('@') => {
                self.columns.push(ColumnUse { table: None, column: named(name) });
            }
            Expr::CompoundIdentifier(parts) => {
                if let [.., table, column] = parts.as_slice()
                    && !table.value.starts_with('@')
                {
                    self.columns.push(ColumnUse { table: Some(table.value.clone()), column: named(column) });
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// A name of sqlparser as ours.
pub fn named(ident: &Ident) -> Name {
    Name { text: ident.value.replace("``", "`"), span: place(ident.span) }
}

/// A table's name of sqlparser as ours; `None` where it is no plain name.
pub fn table_ref(name: &ObjectName) -> Option<TableRef> {
    let parts: Option<Vec<&Ident>> = name.0.iter().map(|part| part.as_ident()).collect();
    match parts?.as_slice() {
        [table] => Some(TableRef { database: None, table: named(table) }),
        [database, table] => Some(TableRef { database: Some(named(database)), table: named(table) }),
        _ => None,
    }
}
