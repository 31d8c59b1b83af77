//! From sqlparser's tree of a query or a condition to plain [`Queries`]. The tree is walked once, while it is at hand.

use super::{condition, reader::Reader, tokens::place};
use crate::{
    feature::{Feature, Used},
    query::{
        Assigned, Clause, Given, Item, JoinKind, Limit, MAX_PARTS, MAX_SCOPES, Operand, Queries, Scope,
        ScopeKind, SortKey, Source, Union, Values,
    },
    shape::ColumnUse,
    span::Span,
    truth::Logic,
};
use sqlparser::ast::{
    BinaryOperator as Op, Distinct, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr,
    JoinConstraint, JoinOperator, LimitClause, NonBlock, OrderBy, OrderByKind, OrderBySort, Query, Select,
    SelectItem, SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, Spanned, TableFactor,
    TableWithJoins, Value, Visit, Visitor,
};

use sqlparser::tokenizer::Token;
use std::ops::ControlFlow;

/// An `UPDATE` or `DELETE` with these tables begins; its scope is the first.
pub fn change(queries: &mut Queries, tables: &[TableWithJoins]) {
    let mut scope = empty(ScopeKind::Change, None, Span::default());
    scope.has_from = true;
    let mut tested = Vec::new();
    sources(tables, &mut scope, &mut tested);
    queries.scopes.push(scope);
    for table in tables {
        inside(queries, table, Some(0));
    }
}

/// The `WHERE` of an `UPDATE` or `DELETE`.
pub fn change_condition(queries: &mut Queries, expr: &Expr, span: Span) {
    if let Some(scope) = queries.scopes.first_mut() {
        scope.condition = Some(span);
        super::test::tests(scope, Clause::Where, expr);
    }
    inside(queries, expr, Some(0));
}

/// A value that is set.
pub fn assigned(queries: &mut Queries, column: &ColumnUse, value: &Expr) {
    if queries.assigned.len() >= MAX_SCOPES {
        return;
    }
    let assigned = Assigned {
        column: column.clone(),
        value: operand(value),
        span: span_of(value),
        joined_by_and: joins_assignments(value),
    };
    queries.assigned.push(assigned);
}

/// `1 AND b = 2`, `a = 1 AND b = 2`: what a comma was meant to part.
fn joins_assignments(value: &Expr) -> bool {
    match value {
        Expr::BinaryOp { left, op: Op::And, right } => {
            let plain =
                |expr: &Expr| matches!(expr, Expr::BinaryOp { left, op: Op::Eq, .. } if is_column(left));
            plain(right) && !matches!(**left, Expr::Nested(_)) && (!plain(left) || joins_assignments(left))
        }
        _ => false,
    }
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

/// Every `SELECT` inside of `part`.
pub fn inside(queries: &mut Queries, part: &impl Visit, parent: Option<usize>) {
    let mut walk = Walk { queries, around: parent.into_iter().collect(), waiting: Vec::new() };
    let _ = part.visit(&mut walk);
}

/// Notes of a view's query only which syntax it uses: what else it says is no matter of the statement.
pub fn uses(queries: &mut Queries, query: &Query) {
    let mut seen = Queries::default();
    inside(&mut seen, query, None);
    queries.uses.append(&mut seen.uses);
}

/// Reads the rest as a query and notes what it says; whether it is one that only reads. Nothing is lost where it is not.
pub fn noted(reader: &mut Reader<'_>) -> bool {
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is not general enough")]
    let Ok(Some(query)) = reader.sqlparser(|parser| parser.maybe_parse(|parser| parser.parse_query())) else {
        return false;
    };
    if matches!(*query.body, SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_))
    {
        return false;
    }
    inside(&mut reader.queries, &query, None);
    true
}

/// What a whole query says besides its `SELECT`s; the next `SELECT` takes it.
struct Whole {
    order: Vec<SortKey>,
    limit: Option<Limit>,
    locks: bool,
    union: bool,
    taken: bool,
}

struct Walk<'a> {
    queries: &'a mut Queries,
    around: Vec<usize>,
    waiting: Vec<Whole>,
}

impl Walk<'_> {
    fn uses(&mut self, feature: Feature, span: Span) {
        if self.queries.uses.len() < MAX_SCOPES {
            self.queries.uses.push(Used { feature, span });
        }
    }
}

impl Visitor for Walk<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if let Some(with) = &query.with {
            self.uses(Feature::Cte, place(with.with_token.0.span));
            let names = with.cte_tables.iter().map(|cte| cte.alias.name.value.clone());
            self.queries.with.extend(names.take(MAX_PARTS));
        }
        for lock in &query.locks {
            match lock.nonblock {
                Some(NonBlock::SkipLocked) => self.uses(Feature::SkipLocked, place(query.span())),
                Some(NonBlock::Nowait) => self.uses(Feature::NowaitOfSelect, place(query.span())),
                None => {}
            }
        }
        let union = unions(&query.body, self.queries);
        self.waiting.push(Whole {
            order: query.order_by.as_ref().map(order_keys).unwrap_or_default(),
            limit: query.limit_clause.as_ref().map(limit),
            locks: !query.locks.is_empty(),
            union,
            taken: false,
        });
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Derived { lateral: true, subquery, .. } => {
                self.uses(Feature::Lateral, place(subquery.span()));
            }
            TableFactor::JsonTable { json_expr, .. } => self.uses(Feature::JsonTable, span_of(json_expr)),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::Function(function) if function.over.is_some()) {
            self.uses(Feature::WindowFunction, span_of(expr));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.waiting.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if self.queries.scopes.len() >= MAX_SCOPES {
            return ControlFlow::Break(());
        }
        let parent = self.around.last().copied();
        let mut scope = empty(ScopeKind::Select, parent, place(select.span()));
        scope.depth = self.around.len();
        fill(select, &mut scope);
        if let Some(whole) = self.waiting.last_mut() {
            scope.in_union = whole.union;
            if !whole.taken {
                whole.taken = true;
                scope.order = std::mem::take(&mut whole.order);
                scope.limit = whole.limit;
                scope.locks = whole.locks;
            }
        }
        self.around.push(self.queries.scopes.len());
        self.queries.scopes.push(scope);
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.around.pop();
        ControlFlow::Continue(())
    }
}

fn empty(kind: ScopeKind, parent: Option<usize>, span: Span) -> Scope {
    Scope {
        kind,
        parent,
        span,
        depth: 0,
        in_union: false,
        sources: Vec::new(),
        items: Vec::new(),
        distinct: false,
        counts_found_rows: false,
        condition: None,
        having: None,
        logic: Logic::Open,
        tests: Vec::new(),
        ors: 0,
        group: Vec::new(),
        order: Vec::new(),
        limit: None,
        locks: false,
        has_from: false,
    }
}

/// Notes a literal of an `INSERT … VALUES` at its place in the row. `minus` stands before a number.
pub fn value(queries: &mut Queries, at: usize, token: &Token, minus: bool, span: Span) {
    let Some(values) = values_at(queries, at) else { return };
    match token {
        Token::Number(digits, _) => {
            choose(values, digits, span);
            let Ok(number) = digits.parse::<i128>() else { return };
            let number = if minus { -number } else { number };
            if values.greatest.is_none_or(|(greatest, _)| number > greatest) {
                values.greatest = Some((number, span));
            }
            if values.least.is_none_or(|(least, _)| number < least) {
                values.least = Some((number, span));
            }
        }
        Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) => {
            choose(values, text, span);
            let chars = length(text);
            if values.longest.is_none_or(|(longest, _)| chars > longest) {
                values.longest = Some((chars, span));
            }
            if values.word.is_none() && text.starts_with(|letter: char| letter.is_alphabetic()) {
                values.word = Some(span);
            }
        }
        Token::Word(word) if word.value.eq_ignore_ascii_case("null") => {
            values.null.get_or_insert(span);
        }
        Token::Word(word)
            if ["default", "false"].iter().any(|zero| word.value.eq_ignore_ascii_case(zero)) => {}
        _ => {
            values.chosen.get_or_insert(span);
        }
    }
}

/// Notes what is calculated for an `INSERT … VALUES` at its place in the row.
pub fn calculated_value(queries: &mut Queries, at: usize, expr: &Expr, span: Span) {
    let Some(values) = values_at(queries, at) else { return };
    match operand(expr) {
        Operand::Number(text, _) | Operand::Text(text, _) => choose(values, &text, span),
        Operand::Null(_) => {}
        Operand::Value(Some(call), _) | Operand::Calculated(Some(call), ..) if call == "default" => {}
        _ => {
            values.chosen.get_or_insert(span);
        }
    }
}

fn choose(values: &mut Values, number: &str, span: Span) {
    if !number.trim().bytes().all(|byte| matches!(byte, b'0' | b'-' | b'+' | b'.')) {
        values.chosen.get_or_insert(span);
    }
}

fn values_at(queries: &mut Queries, at: usize) -> Option<&mut Values> {
    if at < MAX_COLUMNS && queries.values.len() <= at {
        queries.values.resize_with(at + 1, Values::default);
    }
    queries.values.get_mut(at)
}

/// InnoDB takes no more columns.
const MAX_COLUMNS: usize = 1_017;

/// Characters of a text as it is stored: an escape is one.
fn length(text: &str) -> usize {
    if !text.contains(['\\', '\'', '"']) {
        return text.chars().count();
    }
    let (mut letters, mut count) = (text.chars(), 0);
    while let Some(letter) = letters.next() {
        count += 1;
        let pairs = letter == '\\' || matches!(letter, '\'' | '"') && letters.as_str().starts_with(letter);
        if pairs {
            letters.next();
        }
    }
    count
}

/// Notes the set operations of a body; whether there are any. Chains hang to the left.
fn unions(body: &SetExpr, queries: &mut Queries) -> bool {
    let mut any = false;
    let mut left_to_see = vec![body];
    while let Some(part) = left_to_see.pop() {
        let SetExpr::SetOperation { left, op, set_quantifier, right } = part else { continue };
        any = true;
        let word = match op {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            _ => "EXCEPT",
        };
        if queries.unions.len() < MAX_SCOPES {
            let all = matches!(set_quantifier, SetQuantifier::All | SetQuantifier::AllByName);
            queries.unions.push(Union { word, all, right: start_of(right) });
            if word != "UNION" {
                let span = Span::new(start_of(body), start_of(right));
                queries.uses.push(Used { feature: Feature::IntersectExcept, span });
            }
        }
        left_to_see.push(left);
        left_to_see.push(right);
    }
    any
}

/// Where the first `SELECT` of a body begins.
fn start_of(body: &SetExpr) -> usize {
    let mut body = body;
    loop {
        match body {
            SetExpr::Select(select) => return place(select.select_token.0.span).start,
            SetExpr::Query(query) => body = &query.body,
            SetExpr::SetOperation { left, .. } => body = left,
            _ => return 0,
        }
    }
}

fn fill(select: &Select, scope: &mut Scope) {
    scope.distinct = matches!(select.distinct, Some(Distinct::Distinct));
    scope.counts_found_rows =
        select.select_modifiers.as_ref().is_some_and(|modifiers| modifiers.sql_calc_found_rows);
    scope.has_from = !select.from.is_empty();
    scope.items = select.projection.iter().take(MAX_PARTS).map(item).collect();
    let mut tested = Vec::new();
    sources(&select.from, scope, &mut tested);
    for on in tested {
        super::test::tests(scope, Clause::On, on);
    }
    if let Some(condition) = &select.selection {
        scope.condition = Some(span_of(condition));
        scope.logic = super::logic::of(condition, false);
        super::test::tests(scope, Clause::Where, condition);
    }
    if let Some(having) = &select.having {
        scope.having = Some(span_of(having));
        super::test::tests(scope, Clause::Having, having);
    }
    if let GroupByExpr::Expressions(keys, _) = &select.group_by {
        scope.group =
            keys.iter().take(MAX_PARTS).map(|key| SortKey { by: operand(key), descending: false }).collect();
    }
}

/// Notes the tables, and gathers the conditions of their joins.
fn sources<'a>(tables: &'a [TableWithJoins], scope: &mut Scope, tested: &mut Vec<&'a Expr>) {
    for table in tables {
        let kind = if scope.sources.is_empty() { JoinKind::First } else { JoinKind::Comma };
        source(&table.relation, kind, false, scope, tested);
        for join in &table.joins {
            let (kind, constraint) = join_kind(&join.join_operator);
            let has_condition = !matches!(constraint, None | Some(JoinConstraint::None));
            let kind =
                if matches!(constraint, Some(JoinConstraint::Natural)) { JoinKind::Natural } else { kind };
            if let Some(JoinConstraint::On(on)) = constraint {
                tested.push(on);
            }
            source(&join.relation, kind, has_condition, scope, tested);
        }
    }
}

fn source<'a>(
    factor: &'a TableFactor,
    join: JoinKind,
    has_condition: bool,
    scope: &mut Scope,
    tested: &mut Vec<&'a Expr>,
) {
    let (table, alias) = match factor {
        TableFactor::Table { name, alias, args: None, .. } => (condition::table_ref(name), alias),
        TableFactor::Derived { alias, .. } => (None, alias),
        TableFactor::NestedJoin { table_with_joins, .. } => {
            let before = scope.sources.len();
            sources(std::slice::from_ref(&**table_with_joins), scope, tested);
            if let Some(first) = scope.sources.get_mut(before) {
                (first.join, first.has_condition) = (join, has_condition);
            }
            return;
        }
        _ => (None, &None),
    };
    let alias_span = alias.as_ref().map(|alias| place(alias.name.span));
    let alias = alias.as_ref().map(|alias| alias.name.value.clone());
    let span = match &table {
        Some(table) => alias_span.map_or(table.span(), |alias| table.span().to(alias)),
        None => alias_span.unwrap_or_default(),
    };
    scope.sources.push(Source { table, alias, join, has_condition, span });
}

fn join_kind(operator: &JoinOperator) -> (JoinKind, Option<&JoinConstraint>) {
    match operator {
        JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::StraightJoin(on) => {
            (JoinKind::Inner, Some(on))
        }
        JoinOperator::CrossJoin(on) => (JoinKind::Cross, Some(on)),
        JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (JoinKind::Left, Some(on)),
        JoinOperator::Right(on) | JoinOperator::RightOuter(on) => (JoinKind::Right, Some(on)),
        _ => (JoinKind::Cross, None),
    }
}

fn item(item: &SelectItem) -> Item {
    let span = place(item.span());
    let (what, alias) = match item {
        SelectItem::UnnamedExpr(expr) => (given(expr), None),
        SelectItem::ExprWithAlias { expr, alias } => (given(expr), Some(alias.value.clone())),
        SelectItem::Wildcard(_) => (Given::Star, None),
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
            let last = name.0.last().and_then(|part| part.as_ident());
            (last.map_or(Given::Other, |last| Given::StarOf(last.value.clone())), None)
        }
        _ => (Given::Other, None),
    };
    Item { what, alias, span }
}

fn given(expr: &Expr) -> Given {
    match expr {
        Expr::Nested(inner) => match given(inner) {
            Given::Column(column) => Given::Bracketed(column),
            other => other,
        },
        Expr::Function(function) => {
            let argument = match &function.args {
                FunctionArguments::List(list) => match list.args.as_slice() {
                    [FunctionArg::Unnamed(FunctionArgExpr::Expr(only))] => column(only),
                    _ => None,
                },
                _ => None,
            };
            Given::Call(call_name(&function.name.0), argument)
        }
        other => column(other).map_or(Given::Other, Given::Column),
    }
}

fn call_name(parts: &[sqlparser::ast::ObjectNamePart]) -> String {
    let last = parts.last().and_then(|part| part.as_ident());
    last.map(|name| name.value.to_ascii_lowercase()).unwrap_or_default()
}

/// A column, where the expression is one and nothing more.
pub fn column(expr: &Expr) -> Option<ColumnUse> {
    match expr {
        Expr::Identifier(name) if name.quote_style.is_some() || !name.value.starts_with('@') => {
            Some(ColumnUse { table: None, column: condition::named(name) })
        }
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [.., table, column] if !table.value.starts_with('@') => {
                Some(ColumnUse { table: Some(table.value.clone()), column: condition::named(column) })
            }
            _ => None,
        },
        _ => None,
    }
}

/// One side of a test.
pub fn operand(expr: &Expr) -> Operand {
    let mut inner = expr;
    while let Expr::Nested(next) | Expr::Collate { expr: next, .. } = inner {
        inner = next;
    }
    if let Some(column) = column(inner) {
        return Operand::Column(column);
    }
    match inner {
        Expr::Value(value) => {
            let span = place(value.span);
            match &value.value {
                Value::Number(digits, _) => Operand::Number(digits.clone(), span),
                Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                    Operand::Text(text.clone(), span)
                }
                Value::Null => Operand::Null(span),
                _ => Operand::Value(None, span),
            }
        }
        Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Minus, expr } => match operand(expr) {
            Operand::Number(digits, span) if !digits.starts_with('-') => {
                Operand::Number(format!("-{digits}"), span)
            }
            _ => calculated(inner),
        },
        Expr::Subquery(query) => Operand::Query(start_of(&query.body), span_of(inner)),
        _ => calculated(inner),
    }
}

fn calculated(expr: &Expr) -> Operand {
    let span = span_of(expr);
    let call = match expr {
        Expr::Function(function) => Some(call_name(&function.name.0)),
        Expr::Cast { .. } => Some("cast".to_owned()),
        Expr::Convert { .. } => Some("convert".to_owned()),
        Expr::Substring { .. } => Some("substring".to_owned()),
        Expr::Trim { .. } => Some("trim".to_owned()),
        Expr::Extract { .. } => Some("extract".to_owned()),
        Expr::Ceil { .. } => Some("ceil".to_owned()),
        Expr::Floor { .. } => Some("floor".to_owned()),
        Expr::Case { .. } => Some("case".to_owned()),
        _ => None,
    };
    let Ok(mut seen) = condition::look(expr) else { return Operand::Value(call, span) };
    if seen.columns.is_empty() {
        return if seen.has_query { Operand::Query(0, span) } else { Operand::Value(call, span) };
    }
    seen.columns.truncate(MAX_PARTS);
    Operand::Calculated(call, seen.columns, span)
}

/// The place of an expression, as far as its names and values tell.
pub fn span_of(expr: &Expr) -> Span {
    match expr {
        Expr::RLike { expr, pattern, .. } => span_of(expr).to(span_of(pattern)),
        Expr::MatchAgainst { columns, match_value, .. } => {
            let first = columns.first().map(|name| place(name.span()));
            first.unwrap_or_default().to(place(match_value.span))
        }
        _ => place(expr.span()),
    }
}

fn order_keys(order: &OrderBy) -> Vec<SortKey> {
    let OrderByKind::Expressions(keys) = &order.kind else { return Vec::new() };
    let key = |key: &sqlparser::ast::OrderByExpr| SortKey {
        by: operand(&key.expr),
        descending: matches!(key.options.sort, Some(OrderBySort::Desc)),
    };
    keys.iter().take(MAX_PARTS).map(key).collect()
}

fn limit(clause: &LimitClause) -> Limit {
    let number = |expr: &Expr| match operand(expr) {
        Operand::Number(digits, _) => digits.parse().ok(),
        _ => None,
    };
    let (rows, offset) = match clause {
        LimitClause::LimitOffset { limit, offset, .. } => {
            (limit.as_ref().and_then(number), offset.as_ref().and_then(|offset| number(&offset.value)))
        }
        LimitClause::OffsetCommaLimit { offset, limit } => (number(limit), number(offset)),
    };
    Limit { rows, offset, span: place(clause.span()) }
}
