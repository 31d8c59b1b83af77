//! Takes a condition apart into the tests that `AND`s and `OR`s join. Chains are walked without recursion: they may be
//! ten thousand long.

use super::query::{operand, span_of};
use crate::{
    query::{Clause, InList, MAX_PARTS, MAX_TESTS, Operand, Scope, Sign, Test, Tested},
    span::Span,
};
use sqlparser::ast::{BinaryOperator as Op, Expr, Query, SetExpr, Spanned, UnaryOperator};

/// Notes the tests of a condition.
pub fn tests(scope: &mut Scope, clause: Clause, expr: &Expr) {
    let mut waiting = vec![(expr, true, false)];
    while let Some((expr, needed, negated)) = waiting.pop() {
        match expr {
            Expr::Nested(inner) => waiting.push((inner, needed, negated)),
            Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => {
                waiting.push((expr, false, !negated));
            }
            Expr::BinaryOp { left, op: op @ (Op::And | Op::Or | Op::Xor), right } => {
                let needed = needed && *op == Op::And;
                if *op == Op::Or && clause == Clause::Where {
                    scope.ors += 1;
                }
                waiting.push((right, needed, negated));
                waiting.push((left, needed, negated));
            }
            _ if scope.tests.len() >= MAX_TESTS => {}
            leaf => {
                let (what, span) = tested(leaf);
                scope.tests.push(Test { clause, needed, negated, what, span });
            }
        }
    }
}

fn tested(expr: &Expr) -> (Tested, Span) {
    let what = match expr {
        Expr::BinaryOp { left, op, right } => match sign(op) {
            Some(sign) => Tested::Compare(operand(left), sign, operand(right)),
            None => Tested::Alone(operand(expr)),
        },
        Expr::Like { negated, expr, pattern, .. } => Tested::Like(operand(expr), operand(pattern), *negated),
        Expr::RLike { negated, expr, pattern, .. } => {
            Tested::Regexp(operand(expr), operand(pattern), *negated)
        }
        Expr::InList { expr, list, negated } => {
            let values: Vec<Operand> = list.iter().take(MAX_PARTS).map(operand).collect();
            let null = list.iter().find_map(|value| match value {
                Expr::Value(value) if value.value == sqlparser::ast::Value::Null => {
                    Some(super::tokens::place(value.span))
                }
                _ => None,
            });
            Tested::InList(InList { left: operand(expr), len: list.len(), values, null, negated: *negated })
        }
        Expr::InSubquery { expr, subquery, negated } => {
            Tested::InQuery(operand(expr), *negated, start_of(subquery))
        }
        Expr::Exists { negated, subquery } => Tested::Exists(*negated, start_of(subquery)),
        Expr::Between { expr, low, high, .. } => Tested::Between(operand(expr), operand(low), operand(high)),
        Expr::IsNull(inner) => Tested::IsNull(operand(inner), false),
        Expr::IsNotNull(inner) => Tested::IsNull(operand(inner), true),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) => Tested::Alone(operand(expr)),
        _ => Tested::Other,
    };
    (what, span_of(expr))
}

/// Where the first `SELECT` of a query begins.
fn start_of(query: &Query) -> usize {
    let mut body = &*query.body;
    loop {
        match body {
            SetExpr::Select(select) => return super::tokens::place(select.select_token.0.span()).start,
            SetExpr::Query(query) => body = &query.body,
            SetExpr::SetOperation { left, .. } => body = left,
            _ => return 0,
        }
    }
}

fn sign(op: &Op) -> Option<Sign> {
    match op {
        Op::Eq => Some(Sign::Equal),
        Op::NotEq => Some(Sign::NotEqual),
        Op::Lt => Some(Sign::Less),
        Op::LtEq => Some(Sign::LessOrEqual),
        Op::Gt => Some(Sign::Greater),
        Op::GtEq => Some(Sign::GreaterOrEqual),
        Op::Spaceship => Some(Sign::NullSafe),
        _ => None,
    }
}
