use super::{Rule, known};
use crate::{
    place,
    judge::{See, Tell},
    mend::Edit,
    query::{Tested, Operand, Sign},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("comparison-with-null", Level::NeedsDba, include_str!("comparison_with_null.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Tested::Compare(left, sign, right) = &test.what else { continue };
        let (Operand::Null(null), other, is_right) = (match (left, right) {
            (other, Operand::Null(_)) => (right, other, true),
            (Operand::Null(_), other) => (left, other, false),
            _ => continue,
        }) else {
            continue;
        };
        let words = match sign {
            Sign::Equal => Some("IS NULL"),
            Sign::NotEqual => Some("IS NOT NULL"),
            Sign::NullSafe => continue,
            _ => None,
        };
        let sql = see.script.sql();
        let shown = other.column().map_or_else(|| known::text(see, other.span()), |column| known::shown(see, scope, column));
        let table = known::called(scope);
        let fix = match words {
            Some(words) => said!("Write {shown} {words}.", "请写成 {shown} {words}。"),
            None => Said::fixed("Nothing is greater or less than NULL: leave it out, or compare with a value.", "没有什么比 NULL 大或小：请去掉，或者换成具体的值。"),
        };
        let told = tell.leveled(
            known::by_harm(see),
            known::whole(see, test.span),
            said!("{shown} is compared with NULL.", "{shown} 和 NULL 做了比较。"),
            said!(
                "A comparison with NULL is never true, not even for NULL itself: no row of {table} matches.",
                "和 NULL 比较永远不成立，NULL 和自己比也不成立：{table} 里没有任何行会命中。",
            ),
            fix,
        );
        // `a = NULL`: the sign and the NULL give way, where they stand side by side.
        if let (Some(words), true) = (words, is_right) {
            let pieces = place::pieces(sql, see.statement.span);
            let at = pieces.iter().position(|piece| piece.span == *null);
            let sign = at.and_then(|at| pieces.get(at.checked_sub(1)?)).map(|piece| piece.span);
            let before = at.and_then(|at| pieces.get(at.checked_sub(2)?)).map(|piece| piece.span);
            let start = match (sign.map(|span| span.of(sql)), before.map(|span| span.of(sql))) {
                (Some("="), Some("!" | "<")) | (Some(">"), Some("<")) => before,
                (Some("=" | "<>" | "!="), _) => sign,
                _ => None,
            };
            if let Some(start) = start {
                told.mend(vec![Edit::replace(start.to(*null), words)]);
            }
        }
    }
}
