//! Conditions that hold for every row, however they are dressed: `1=1`, `NOT 0`, `id = id`, `a = 1 OR TRUE`,
//! `name LIKE '%'`, `x IS NULL OR x IS NOT NULL` … What can not be told is [`Truth::Open`].

use sqlparser::ast::{BinaryOperator as Op, Expr, SetExpr, UnaryOperator, Value};

/// What is known of a condition without looking at a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Holds for every row (at least where its column is not NULL).
    Always,
    /// Holds for none.
    Never,
    /// Depends on the row, or is beyond us.
    Open,
}

/// What is known of `expr` as a condition.
pub fn of(expr: &Expr) -> Truth {
    match expr {
        Expr::Nested(inner) | Expr::IsTrue(inner) | Expr::IsNotFalse(inner) => of(inner),
        Expr::IsFalse(inner) | Expr::IsNotTrue(inner) => not(of(inner)),
        Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => not(of(expr)),
        Expr::UnaryOp { .. } | Expr::Value(_) => as_condition(constant(expr)),
        Expr::BinaryOp { left, op, right } => binary(left, op, right),
        Expr::IsNull(inner) => {
            constant(inner).map_or(Truth::Open, |value| known(matches!(value, Constant::Null)))
        }
        Expr::IsNotNull(inner) => {
            constant(inner).map_or(Truth::Open, |value| known(!matches!(value, Constant::Null)))
        }
        Expr::Between { expr, negated, low, high } => {
            let inside = and(compare(expr, &Op::GtEq, low), compare(expr, &Op::LtEq, high));
            if *negated { not(inside) } else { inside }
        }
        Expr::InList { expr, list, negated } => {
            let within = list.iter().map(|item| compare(expr, &Op::Eq, item)).fold(Truth::Never, or);
            if *negated { not(within) } else { within }
        }
        Expr::Like { negated: false, expr, pattern, .. } => {
            let all = matches!(text(pattern), Some(pattern) if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'%'));
            if all || same(expr, pattern) { Truth::Always } else { Truth::Open }
        }
        Expr::Exists { subquery, negated } => {
            let whole = matches!(&*subquery.body, SetExpr::Select(select) if select.from.is_empty() && select.selection.is_none())
                && subquery.limit_clause.is_none();
            if whole { known(!negated) } else { Truth::Open }
        }
        Expr::Subquery(query) => match &*query.body {
            SetExpr::Select(select) if select.from.is_empty() && select.selection.is_none() => {
                match select.projection.as_slice() {
                    [sqlparser::ast::SelectItem::UnnamedExpr(only)] => of(only),
                    _ => Truth::Open,
                }
            }
            _ => Truth::Open,
        },
        _ => Truth::Open,
    }
}

fn binary(left: &Expr, op: &Op, right: &Expr) -> Truth {
    match op {
        Op::And => and(of(left), of(right)),
        Op::Or if leaves_nothing_out(left, right) => Truth::Always,
        Op::Or => or(of(left), of(right)),
        Op::Xor => match (of(left), of(right)) {
            (Truth::Open, _) | (_, Truth::Open) => Truth::Open,
            (left, right) => known(left != right),
        },
        Op::Eq | Op::NotEq | Op::Gt | Op::GtEq | Op::Lt | Op::LtEq | Op::Spaceship => {
            compare(left, op, right)
        }
        _ => as_condition(arithmetic(left, op, right)),
    }
}

fn compare(left: &Expr, op: &Op, right: &Expr) -> Truth {
    let holds_for_equal = matches!(op, Op::Eq | Op::GtEq | Op::LtEq | Op::Spaceship);
    if same(left, right) && constant(left).is_none() {
        return known(holds_for_equal);
    }
    let order = match (constant(left), constant(right)) {
        (Some(Constant::Null), Some(Constant::Null)) if *op == Op::Spaceship => return Truth::Always,
        (Some(Constant::Null), Some(_)) | (Some(_), Some(Constant::Null)) => return Truth::Never,
        (Some(Constant::Text(left)), Some(Constant::Text(right))) => {
            left.to_lowercase().cmp(&right.to_lowercase())
        }
        (Some(left), Some(right)) => match left.number().partial_cmp(&right.number()) {
            Some(order) => order,
            None => return Truth::Open,
        },
        _ => return Truth::Open,
    };
    known(match op {
        Op::NotEq => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::GtEq => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::LtEq => order.is_le(),
        _ => order.is_eq(),
    })
}

/// How many conditions joined by OR are compared with each other.
const MAX_COMPARED: usize = 12;

/// Whether the last of a chain of ORs says the contrary of one before it; those before have been compared already.
fn leaves_nothing_out(chain: &Expr, last: &Expr) -> bool {
    let mut chain = chain;
    for _ in 0..MAX_COMPARED {
        match bare(chain) {
            Expr::BinaryOp { left, op: Op::Or, right } => {
                if negates(right, last) || negates(last, right) {
                    return true;
                }
                chain = left;
            }
            first => return negates(first, last) || negates(last, first),
        }
    }
    false
}

/// Whether one says exactly the contrary of the other: `x IS NULL OR x IS NOT NULL`, `a = 1 OR a <> 1`.
fn negates(one: &Expr, other: &Expr) -> bool {
    match (bare(one), bare(other)) {
        (Expr::IsNull(left), Expr::IsNotNull(right)) => same(left, right),
        (Expr::UnaryOp { op: UnaryOperator::Not, expr }, other) => same(expr, other),
        (Expr::BinaryOp { left, op, right }, Expr::BinaryOp { left: left2, op: op2, right: right2 }) => {
            let contrary = matches!((op, op2), (Op::Eq, Op::NotEq) | (Op::Lt, Op::GtEq) | (Op::LtEq, Op::Gt));
            contrary && same(left, left2) && same(right, right2)
        }
        _ => false,
    }
}

fn known(holds: bool) -> Truth {
    if holds { Truth::Always } else { Truth::Never }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Always => Truth::Never,
        Truth::Never => Truth::Always,
        Truth::Open => Truth::Open,
    }
}

fn and(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Truth::Always, Truth::Always) => Truth::Always,
        (Truth::Never, _) | (_, Truth::Never) => Truth::Never,
        _ => Truth::Open,
    }
}

fn or(left: Truth, right: Truth) -> Truth {
    not(and(not(left), not(right)))
}

/// Without brackets, and without arithmetic that changes nothing: `(id + 0)` is `id`.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Plus, expr: inner } => bare(inner),
        Expr::BinaryOp { left, op: Op::Plus | Op::Minus, right } if is_number(right, 0.0) => bare(left),
        Expr::BinaryOp { left, op: Op::Multiply | Op::Divide, right } if is_number(right, 1.0) => bare(left),
        _ => expr,
    }
}

fn is_number(expr: &Expr, number: f64) -> bool {
    matches!(constant(expr), Some(Constant::Number(found)) if (found - number).abs() < f64::EPSILON)
}

/// Whether both are the same column or the same expression of columns. Functions may answer twice differently.
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
        (Expr::IsNull(left), Expr::IsNull(right)) | (Expr::IsNotNull(left), Expr::IsNotNull(right)) => {
            same(left, right)
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

/// A value that does not depend on a row.
#[derive(Debug, Clone, PartialEq)]
enum Constant {
    Number(f64),
    Text(String),
    Null,
}

impl Constant {
    /// As MySQL makes a number of it: a text by the number that it begins with.
    fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Null => 0.0,
            Self::Text(text) => {
                let text = text.trim_start();
                let digits = text
                    .char_indices()
                    .find(|&(at, letter)| {
                        !(letter.is_ascii_digit() || letter == '.' || at == 0 && letter == '-')
                    })
                    .map_or(text.len(), |(at, _)| at);
                text.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0.0)
            }
        }
    }
}

fn as_condition(value: Option<Constant>) -> Truth {
    match value {
        None => Truth::Open,
        Some(Constant::Null) => Truth::Never,
        Some(value) => known(value.number() != 0.0),
    }
}

fn constant(expr: &Expr) -> Option<Constant> {
    match expr {
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Plus, expr: inner } => constant(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Some(Constant::Number(-constant(expr)?.number())),
        Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => match constant(expr)? {
            Constant::Null => Some(Constant::Null),
            value => Some(Constant::Number(f64::from(u8::from(value.number() == 0.0)))),
        },
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok().map(Constant::Number),
            Value::Boolean(holds) => Some(Constant::Number(f64::from(u8::from(*holds)))),
            Value::Null => Some(Constant::Null),
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                Some(Constant::Text(text.clone()))
            }
            Value::HexStringLiteral(digits) => {
                // Whether it is zero is all that matters.
                let zero = digits.bytes().all(|digit| digit == b'0');
                Some(Constant::Number(f64::from(u8::from(!zero))))
            }
            _ => None,
        },
        Expr::BinaryOp { left, op, right } => arithmetic(left, op, right),
        _ => None,
    }
}

fn arithmetic(left: &Expr, op: &Op, right: &Expr) -> Option<Constant> {
    let calculates = matches!(op, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo);
    if !calculates {
        return None;
    }
    let (left, right) = (constant(left)?, constant(right)?);
    if left == Constant::Null || right == Constant::Null {
        return Some(Constant::Null);
    }
    let (left, right) = (left.number(), right.number());
    match op {
        Op::Plus => Some(Constant::Number(left + right)),
        Op::Minus => Some(Constant::Number(left - right)),
        Op::Multiply => Some(Constant::Number(left * right)),
        Op::Divide | Op::Modulo if right == 0.0 => Some(Constant::Null),
        Op::Divide => Some(Constant::Number(left / right)),
        _ => Some(Constant::Number(left % right)),
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Nested(inner) => text(inner),
        _ => None,
    }
}
