//! From sqlparser's tree of a condition to [`Logic`]. `NOT` is pushed down to the tests on the way.

use super::{
    constant::{Constant, as_condition, constant, is_number, text},
    query::column,
};
use crate::truth::{End, Logic, Range, Values, Within};
use sqlparser::ast::{
    BinaryOperator as Op, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, SelectItem, SetExpr,
    UnaryOperator,
};

/// How many conditions joined by one kind of word are looked at, and how many of them are compared with each other.
const MAX_PARTS: usize = 256;
const MAX_COMPARED: usize = 12;
/// Integers up to here are exact.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// What is known of `expr` as a condition, or of its contrary.
pub fn of(expr: &Expr, negated: bool) -> Logic {
    match expr {
        Expr::Nested(inner) | Expr::IsTrue(inner) if !negated => of(inner, negated),
        Expr::Nested(inner) => of(inner, negated),
        Expr::IsFalse(inner) if !negated => of(inner, true),
        Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => of(expr, !negated),
        Expr::BinaryOp { op: op @ (Op::And | Op::Or), .. } => chain(expr, op, negated),
        Expr::BinaryOp { left, op: Op::Xor, right } => xor(left, right, negated),
        Expr::BinaryOp { left, op, right } if is_comparison(op) => compare(left, op, right, negated),
        Expr::Between { expr, negated: not, low, high } => {
            let negated = negated != *not;
            let parts = vec![compare(expr, &Op::GtEq, low, negated), compare(expr, &Op::LtEq, high, negated)];
            if negated { Logic::Any(parts) } else { Logic::All(parts) }
        }
        Expr::InList { expr, list, negated: not } => in_list(expr, list, negated != *not),
        Expr::IsNull(inner) => is_null(inner, negated),
        Expr::IsNotNull(inner) => is_null(inner, !negated),
        Expr::Like { negated: not, expr, pattern, .. } => {
            let all = matches!(text(pattern), Some(pattern) if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'%'));
            if all || same(expr, pattern) { known(negated == *not) } else { Logic::Open }
        }
        Expr::RLike { negated: not, pattern, .. } => {
            let all =
                matches!(text(pattern), Some("" | ".*" | "^" | "$" | "^.*" | "^.*$" | ".*$" | ".?" | ".*?"));
            if all { known(negated == *not) } else { Logic::Open }
        }
        Expr::Exists { subquery, negated: not } => match gives_a_row(&subquery.body) {
            Some(gives) if subquery.limit_clause.is_none() => known(gives != (negated != *not)),
            _ => Logic::Open,
        },
        Expr::Function(function) => call(function, negated),
        Expr::Case { operand: None, conditions, else_result: Some(last), .. } => {
            let mut results = conditions.iter().map(|when| of(&when.result, negated));
            let last = of(last, negated);
            if results.all(|result| result == last) && matches!(last, Logic::True | Logic::False) {
                last
            } else {
                Logic::Open
            }
        }
        _ => match constant(expr) {
            Some(value) => as_condition(&value).map_or(Logic::False, |holds| known(holds != negated)),
            None => Logic::Open,
        },
    }
}

fn known(holds: bool) -> Logic {
    if holds { Logic::True } else { Logic::False }
}

/// `a AND b AND c`: the tree hangs to the left, as deep as the chain is long.
fn chain(expr: &Expr, op: &Op, negated: bool) -> Logic {
    let (mut parts, mut rest) = (Vec::new(), expr);
    while let Expr::BinaryOp { left, op: same, right } = rest {
        if same != op {
            break;
        }
        parts.push(&**right);
        rest = left;
    }
    parts.push(rest);
    let is_any = (*op == Op::Or) != negated;
    let compared = parts.get(..parts.len().min(MAX_COMPARED)).unwrap_or_default();
    for (at, one) in compared.iter().enumerate() {
        if compared.iter().skip(at + 1).any(|other| negates(one, other) || negates(other, one)) {
            return known(is_any);
        }
    }
    let too_many = parts.len() > MAX_PARTS;
    let mut logic: Vec<Logic> = parts.into_iter().take(MAX_PARTS).map(|part| of(part, negated)).collect();
    if too_many {
        logic.push(Logic::Open);
    }
    if is_any { Logic::Any(logic) } else { Logic::All(logic) }
}

fn xor(left: &Expr, right: &Expr, negated: bool) -> Logic {
    match (of(left, false), of(right, false)) {
        (Logic::True, Logic::False) | (Logic::False, Logic::True) => known(!negated),
        (Logic::True, Logic::True) | (Logic::False, Logic::False) => known(negated),
        _ => Logic::Open,
    }
}

fn is_null(inner: &Expr, negated: bool) -> Logic {
    if let Some(value) = constant(inner) {
        return known((value == Constant::Null) != negated);
    }
    if is_never_null(inner) {
        return known(negated);
    }
    match column(bare(inner)) {
        Some(column) => {
            let values = if negated { Values::Full } else { Values::Empty };
            Logic::Within(Within { column, values, null: !negated, only_not_null: negated })
        }
        None => Logic::Open,
    }
}

/// `COALESCE(x, 0)` is never NULL.
fn is_never_null(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Function(function) => {
            let name = function.name.to_string().to_ascii_lowercase();
            let plain =
                ["now", "curdate", "current_date", "current_timestamp", "version", "uuid", "rand", "pi"];
            let filled = matches!(name.as_str(), "coalesce" | "ifnull" | "nvl")
                && arguments(function)
                    .last()
                    .and_then(|last| constant(last))
                    .is_some_and(|last| last != Constant::Null);
            filled || plain.contains(&name.as_str())
        }
        _ => false,
    }
}

fn in_list(expr: &Expr, list: &[Expr], negated: bool) -> Logic {
    let parts: Vec<Logic> =
        list.iter().take(MAX_PARTS).map(|item| compare(expr, &Op::Eq, item, negated)).collect();
    let mut parts = parts;
    if list.len() > MAX_PARTS {
        parts.push(Logic::Open);
    }
    if negated { Logic::All(parts) } else { Logic::Any(parts) }
}

fn is_comparison(op: &Op) -> bool {
    matches!(op, Op::Eq | Op::NotEq | Op::Gt | Op::GtEq | Op::Lt | Op::LtEq | Op::Spaceship)
}

fn contrary(op: &Op) -> Op {
    match op {
        Op::Eq => Op::NotEq,
        Op::NotEq => Op::Eq,
        Op::Gt => Op::LtEq,
        Op::GtEq => Op::Lt,
        Op::Lt => Op::GtEq,
        _ => Op::Gt,
    }
}

fn mirrored(op: &Op) -> Op {
    match op {
        Op::Gt => Op::Lt,
        Op::GtEq => Op::LtEq,
        Op::Lt => Op::Gt,
        Op::LtEq => Op::GtEq,
        other => other.clone(),
    }
}

fn holds(order: std::cmp::Ordering, op: &Op) -> bool {
    match op {
        Op::NotEq => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::GtEq => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::LtEq => order.is_le(),
        _ => order.is_eq(),
    }
}

fn compare(left: &Expr, op: &Op, right: &Expr, negated: bool) -> Logic {
    match (constant(left), constant(right)) {
        (Some(one), Some(other)) => constants(&one, op, &other, negated),
        (None, None) => {
            let ((left, more), (right, most)) = (moved(left), moved(right));
            if same(left, right) {
                return more
                    .partial_cmp(&most)
                    .map_or(Logic::Open, |order| known(holds(order, op) != negated));
            }
            Logic::Open
        }
        (None, Some(value)) => against(left, op, &value, negated),
        (Some(value), None) => against(right, &mirrored(op), &value, negated),
    }
}

/// Two values.
fn constants(left: &Constant, op: &Op, right: &Constant, negated: bool) -> Logic {
    let order = match (left, right) {
        (Constant::Null, Constant::Null) if *op == Op::Spaceship => return known(!negated),
        (Constant::Null, _) | (_, Constant::Null) if *op == Op::Spaceship => return known(negated),
        (Constant::Null, _) | (_, Constant::Null) => return Logic::False,
        (Constant::Text(left), Constant::Text(right)) => left.to_lowercase().cmp(&right.to_lowercase()),
        (left, right) => match left.number().partial_cmp(&right.number()) {
            Some(order) => order,
            None => return Logic::Open,
        },
    };
    known(holds(order, op) != negated)
}

/// A column, or what is made of one, against a value.
fn against(expr: &Expr, op: &Op, value: &Constant, negated: bool) -> Logic {
    if *value == Constant::Null {
        return if *op == Op::Spaceship { is_null(expr, negated) } else { Logic::False };
    }
    // `(a = 1) = 1`, `(NOT 0) = 1`.
    if let (Constant::Number(number), Op::Eq | Op::Spaceship) = (value, op)
        && is_condition(expr)
    {
        return match *number {
            1.0 => of(expr, negated),
            0.0 => of(expr, !negated),
            _ => known(negated),
        };
    }
    if let (Some(column), Some(values)) = (column(bare(expr)), values(op, value)) {
        let null_safe = *op == Op::Spaceship;
        let values = if negated { crate::truth::others(&values) } else { Some(values) };
        let Some(values) = values else { return Logic::Open };
        return Logic::Within(Within { column, values, null: null_safe && negated, only_not_null: false });
    }
    // A length is never below nought.
    if let (Some(least), Constant::Number(number)) = (least(expr), value) {
        let all = match op {
            Op::GtEq => least >= *number,
            Op::Gt | Op::NotEq => least > *number,
            _ => false,
        };
        let none = match op {
            Op::Lt => least >= *number,
            Op::LtEq | Op::Eq => least > *number,
            _ => false,
        };
        if all || none {
            return known(all != negated);
        }
    }
    Logic::Open
}

fn is_condition(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_condition(inner),
        Expr::BinaryOp { op, .. } => is_comparison(op) || matches!(op, Op::And | Op::Or | Op::Xor),
        Expr::UnaryOp { op, .. } => matches!(op, UnaryOperator::Not | UnaryOperator::BangNot),
        Expr::Between { .. }
        | Expr::InList { .. }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::Exists { .. } => true,
        _ => false,
    }
}

/// The least that a function answers.
fn least(expr: &Expr) -> Option<f64> {
    let Expr::Function(function) = bare(expr) else { return None };
    let name = function.name.to_string().to_ascii_lowercase();
    [
        "length",
        "char_length",
        "character_length",
        "octet_length",
        "bit_length",
        "abs",
        "rand",
        "ascii",
        "crc32",
    ]
    .contains(&name.as_str())
    .then_some(0.0)
}

/// The values for which `column op value` holds.
fn values(op: &Op, value: &Constant) -> Option<Values> {
    let point = |at: f64| match op {
        Op::Eq | Op::Spaceship => vec![Range::point(at)],
        Op::NotEq => [(f64::NEG_INFINITY, at), (at, f64::INFINITY)]
            .into_iter()
            .filter_map(|(low, high)| {
                Range::new(End { at: low, closed: false }, End { at: high, closed: false })
            })
            .collect(),
        Op::Lt | Op::LtEq => {
            Range::new(End { at: f64::NEG_INFINITY, closed: false }, End { at, closed: *op == Op::LtEq })
                .into_iter()
                .collect()
        }
        _ => Range::new(End { at, closed: *op == Op::GtEq }, End { at: f64::INFINITY, closed: false })
            .into_iter()
            .collect(),
    };
    match value {
        Constant::Number(number) => (number.abs() < MAX_EXACT).then(|| Values::Numbers(point(*number))),
        Constant::Text(text) => match days(text) {
            Some(days) => Some(Values::Times(point(days))),
            // Two texts that begin with a letter are never one number.
            None if text.is_ascii() && text.starts_with(|letter: char| letter.is_ascii_alphabetic()) => {
                let text = vec![text.trim_end().to_ascii_lowercase()];
                match op {
                    Op::Eq | Op::Spaceship => Some(Values::Texts(text, true)),
                    Op::NotEq => Some(Values::Texts(text, false)),
                    _ => None,
                }
            }
            None => None,
        },
        Constant::Null => None,
    }
}

/// `2024-05-01 12:00:00` as a number that grows with the time.
fn days(text: &str) -> Option<f64> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok().map(f64::from);
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let date = part(0..4)? * 372.0 + part(5..7)? * 31.0 + part(8..10)?;
    match bytes.len() {
        10 => Some(date),
        19 if bytes.get(13) == Some(&b':') && bytes.get(16) == Some(&b':') => {
            let seconds = part(11..13)? * 3_600.0 + part(14..16)? * 60.0 + part(17..19)?;
            Some(date + seconds / 86_400.0)
        }
        _ => None,
    }
}

/// Whether an `EXISTS` of it holds for certain.
fn gives_a_row(body: &SetExpr) -> Option<bool> {
    match body {
        SetExpr::Query(query) if query.limit_clause.is_none() => gives_a_row(&query.body),
        SetExpr::Select(select) => {
            let from_nothing = select.from.is_empty()
                || matches!(select.from.as_slice(), [only] if only.joins.is_empty() && only.relation.to_string().eq_ignore_ascii_case("dual"));
            let plain = select.selection.is_none() && select.having.is_none();
            let grouped = !matches!(&select.group_by, sqlparser::ast::GroupByExpr::Expressions(keys, _) if keys.is_empty());
            // An aggregate without GROUP BY gives one row, whatever the table holds.
            let counts = !grouped
                && select.having.is_none()
                && matches!(select.projection.as_slice(), [SelectItem::UnnamedExpr(Expr::Function(function)), ..]
                    if ["count", "sum", "max", "min", "avg"].iter().any(|name| function.name.to_string().eq_ignore_ascii_case(name)) && function.over.is_none());
            (from_nothing && plain || counts).then_some(true)
        }
        _ => None,
    }
}

fn call(function: &sqlparser::ast::Function, negated: bool) -> Logic {
    let arguments = arguments(function);
    if !function.name.to_string().eq_ignore_ascii_case("if") {
        return Logic::Open;
    }
    let [test, yes, no] = arguments.as_slice() else { return Logic::Open };
    let (yes, no) = (of(yes, negated), of(no, negated));
    match of(test, false) {
        Logic::True => yes,
        Logic::False => no,
        _ if yes == no => yes,
        _ => Logic::Open,
    }
}

fn arguments(function: &sqlparser::ast::Function) -> Vec<&Expr> {
    match &function.args {
        FunctionArguments::List(list) => list
            .args
            .iter()
            .filter_map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether one says exactly the contrary of the other: `x IS NULL OR x IS NOT NULL`, `a = 1 OR a <> 1`.
fn negates(one: &Expr, other: &Expr) -> bool {
    match (bare(one), bare(other)) {
        (Expr::IsNull(left), Expr::IsNotNull(right)) => same(left, right),
        (Expr::UnaryOp { op: UnaryOperator::Not, expr }, other) => same(expr, other),
        (Expr::BinaryOp { left, op, right }, Expr::BinaryOp { left: left2, op: op2, right: right2 }) => {
            is_comparison(op)
                && *op != Op::Spaceship
                && contrary(op) == *op2
                && same(left, left2)
                && same(right, right2)
        }
        _ => false,
    }
}

/// Without brackets, and without arithmetic that changes nothing: `(id * 1)` is `id`.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Plus, expr: inner } => bare(inner),
        Expr::BinaryOp { left, op: Op::Plus | Op::Minus, right } if is_number(right, 0.0) => bare(left),
        Expr::BinaryOp { left, op: Op::Multiply | Op::Divide, right } if is_number(right, 1.0) => bare(left),
        _ => expr,
    }
}

/// `id + 1` as `id` and 1.
fn moved(expr: &Expr) -> (&Expr, f64) {
    match bare(expr) {
        Expr::BinaryOp { left, op: op @ (Op::Plus | Op::Minus), right } => match constant(right) {
            Some(Constant::Number(by)) if by.abs() < MAX_EXACT => {
                (bare(left), if *op == Op::Plus { by } else { -by })
            }
            _ => (expr, 0.0),
        },
        other => (other, 0.0),
    }
}

/// Functions that answer the same when asked the same within one statement.
const PURE: [&str; 20] = [
    "coalesce",
    "ifnull",
    "lower",
    "upper",
    "lcase",
    "ucase",
    "abs",
    "concat",
    "length",
    "char_length",
    "trim",
    "if",
    "nullif",
    "date",
    "year",
    "month",
    "day",
    "left",
    "right",
    "md5",
];

/// Whether both are the same column or the same expression of columns. Other functions may answer twice differently.
fn same(left: &Expr, right: &Expr) -> bool {
    match (bare(left), bare(right)) {
        (Expr::Identifier(left), Expr::Identifier(right)) => left.value.eq_ignore_ascii_case(&right.value),
        (Expr::CompoundIdentifier(left), Expr::CompoundIdentifier(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| left.value.eq_ignore_ascii_case(&right.value))
        }
        (Expr::Identifier(bare), Expr::CompoundIdentifier(parts))
        | (Expr::CompoundIdentifier(parts), Expr::Identifier(bare)) => {
            parts.last().is_some_and(|last| last.value.eq_ignore_ascii_case(&bare.value))
        }
        (Expr::BinaryOp { left, op, right }, Expr::BinaryOp { left: left2, op: op2, right: right2 }) => {
            op == op2 && same(left, left2) && same(right, right2)
        }
        (
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: left },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: right },
        )
        | (Expr::IsNull(left), Expr::IsNull(right))
        | (Expr::IsNotNull(left), Expr::IsNotNull(right)) => same(left, right),
        (Expr::Function(left), Expr::Function(right)) => {
            let name = left.name.to_string().to_ascii_lowercase();
            let (one, other) = (arguments(left), arguments(right));
            PURE.contains(&name.as_str())
                && right.name.to_string().eq_ignore_ascii_case(&name)
                && one.len() == other.len()
                && one.iter().zip(other).all(|(left, right)| same(left, right))
        }
        (left, right) => match (constant(left), constant(right)) {
            (Some(Constant::Number(left)), Some(Constant::Number(right))) => {
                (left - right).abs() < f64::EPSILON
            }
            (Some(Constant::Text(left)), Some(Constant::Text(right))) => left == right,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests;
