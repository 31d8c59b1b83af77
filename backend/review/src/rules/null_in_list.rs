use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Tested,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("null-in-list", Level::NeedsDba, include_str!("null_in_list.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Tested::InList(list) = &test.what else { continue };
        let Some(null) = list.null else { continue };
        let shown = list.left.column().map_or_else(|| known::text(see, list.left.span()), |column| known::shown(see, scope, column));
        if list.negated {
            tell.leveled(
                known::by_harm(see),
                null,
                said!("NOT IN with a NULL in its list matches no row.", "NOT IN 的列表里有 NULL，不会命中任何行。"),
                said!(
                    "Whether {shown} differs from NULL is not known, so the whole NOT IN is never true.",
                    "{shown} 是否不等于 NULL 是未知的，所以整个 NOT IN 永远不成立。",
                ),
                said!("Take NULL out of the list; for rows without a value add AND {shown} IS NOT NULL.", "请从列表里去掉 NULL；要排除没有值的行，请加上 AND {shown} IS NOT NULL。"),
            );
        } else {
            tell.leveled(
                Level::Warning,
                null,
                said!("The NULL in this IN list matches nothing.", "这个 IN 列表里的 NULL 不会命中任何行。"),
                said!("Rows where {shown} is NULL are not found by it.", "{shown} 为 NULL 的行不会被它找到。"),
                said!("Write … OR {shown} IS NULL where these rows are meant; else leave NULL out.", "如果要包含这些行，请写 … OR {shown} IS NULL；否则去掉 NULL。"),
            );
        }
    }
}
