use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("delete-without-where", Level::NeedsDba, include_str!("delete_without_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Delete(change) = &see.statement.shape else { return };
    if change.condition.is_some() || change.joined_on {
        return;
    }
    let Some(target) = change.targets.first() else { return };
    let table = words::table(target);
    let dbdesk_commands::lang::Said { en, zh } = see.rows_said(target);
    let limited = change.limit.is_some();
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("This DELETE on {table} has no WHERE.", "对 {table} 的 DELETE 没有 WHERE。"),
        if limited {
            said!(
                "Which rows of {table} it deletes is left to chance.",
                "会删掉 {table} 的哪些行，全凭运气。",
            )
        } else {
            said!(
                "It deletes every row of {table}{en}, holds locks on all of them until it ends, and replicas fall behind.",
                "它会删掉 {table} 的所有行{zh}，执行期间锁住全部行，并造成从库延迟。",
            )
        },
        said!(
            "Say which rows: DELETE FROM {table} WHERE …; if the table is really to be emptied, ask a DBA for TRUNCATE TABLE {table}.",
            "请写明要删哪些行：DELETE FROM {table} WHERE …；如果确实要清空整张表，请让 DBA 执行 TRUNCATE TABLE {table}。",
        ),
    );
}
