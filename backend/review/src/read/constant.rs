//! The values of expressions that name no column.

use sqlparser::ast::{BinaryOperator as Op, Expr, SelectItem, SetExpr, UnaryOperator, Value};

/// A value that does not depend on a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// A number, or what MySQL makes one of.
    Number(f64),
    /// A text.
    Text(String),
    /// `NULL`.
    Null,
}

impl Constant {
    /// As MySQL makes a number of it: a text by the number that it begins with.
    pub fn number(&self) -> f64 {
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

/// Whether it holds as a condition; `None` is NULL.
pub fn as_condition(value: &Constant) -> Option<bool> {
    match value {
        Constant::Null => None,
        value => Some(value.number() != 0.0),
    }
}

/// The value of an expression that names no column, where it is simple.
pub fn constant(expr: &Expr) -> Option<Constant> {
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
            Value::SingleQuotedByteStringLiteral(bits) => {
                let set = bits.trim_start_matches("0b").contains('1');
                Some(Constant::Number(f64::from(u8::from(set))))
            }
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr } => {
            let bits = whole(&constant(expr)?)?;
            Some(Constant::Number(number_of(!bits)))
        }
        Expr::BinaryOp { left, op, right } => arithmetic(left, op, right),
        // `(SELECT 1)`.
        Expr::Subquery(query) => match &*query.body {
            SetExpr::Select(select) if select.from.is_empty() && select.selection.is_none() => {
                match select.projection.as_slice() {
                    [SelectItem::UnnamedExpr(only)] => constant(only),
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}

/// The value of a sum and the like.
fn arithmetic(left: &Expr, op: &Op, right: &Expr) -> Option<Constant> {
    let bits = matches!(
        op,
        Op::BitwiseAnd | Op::BitwiseOr | Op::BitwiseXor | Op::PGBitwiseShiftLeft | Op::PGBitwiseShiftRight
    );
    let calculates =
        matches!(op, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo | Op::MyIntegerDivide);
    if !calculates && !bits {
        return None;
    }
    let (left, right) = (constant(left)?, constant(right)?);
    if left == Constant::Null || right == Constant::Null {
        return Some(Constant::Null);
    }
    if bits {
        let (left, right) = (whole(&left)?, whole(&right)?);
        let by = u32::try_from(right).unwrap_or(u32::MAX);
        return Some(Constant::Number(number_of(match op {
            Op::BitwiseAnd => left & right,
            Op::BitwiseOr => left | right,
            Op::BitwiseXor => left ^ right,
            Op::PGBitwiseShiftLeft => left.checked_shl(by).unwrap_or(0),
            _ => left.checked_shr(by).unwrap_or(0),
        })));
    }
    let (left, right) = (left.number(), right.number());
    match op {
        Op::Plus => Some(Constant::Number(left + right)),
        Op::Minus => Some(Constant::Number(left - right)),
        Op::Multiply => Some(Constant::Number(left * right)),
        Op::Divide | Op::Modulo | Op::MyIntegerDivide if right == 0.0 => Some(Constant::Null),
        Op::Divide => Some(Constant::Number(left / right)),
        Op::MyIntegerDivide => Some(Constant::Number((left / right).trunc())),
        _ => Some(Constant::Number(left % right)),
    }
}

/// The text of a literal.
pub fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Nested(inner) => text(inner),
        _ => None,
    }
}

/// Whether it is this number.
pub fn is_number(expr: &Expr, number: f64) -> bool {
    matches!(constant(expr), Some(Constant::Number(found)) if (found - number).abs() < f64::EPSILON)
}

/// A number that is whole and not below nought.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
fn whole(value: &Constant) -> Option<u64> {
    let number = value.number();
    (number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number)).then_some(number as u64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whether it is zero, and which is greater, is all that matters"
)]
fn number_of(bits: u64) -> f64 {
    bits as f64
}
