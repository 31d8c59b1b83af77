use super::{Rule, known};
use crate::{
    truth,
    judge::{See, Tell},
    query::{Tested, ScopeKind},
    shape::{Shape, ColumnUse},
    truth::Truth,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("never-true-where", Level::NeedsDba, include_str!("never_true_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if tell.has_told(&["comparison-with-null", "null-in-list"]) {
        return;
    }
    for scope in &see.statement.queries.scopes {
        let know = |used: &ColumnUse| known::column_of(see, scope, used).map(|(_, table, column)| known::knowledge(table, column));
        let logic = match &see.statement.shape {
            Shape::Update(change) | Shape::Delete(change) if scope.kind == ScopeKind::Change => {
                change.condition.as_ref().map(|condition| &condition.logic)
            }
            _ => scope.condition.map(|_| &scope.logic),
        };
        let (Some(logic), Some(span)) = (logic, scope.condition) else { continue };
        // `WHERE 1 = 0` is written on purpose, to copy the columns and no rows.
        let on_purpose = scope.kind == ScopeKind::Select && scope.tests.len() == 1 && scope.tests.iter().all(|test| matches!(&test.what, Tested::Compare(left, _, right) if left.is_value() && right.is_value()));
        if on_purpose || truth::of(logic, &know) != Truth::Never {
            continue;
        }
        let span = known::whole(see, span);
        let (shown, table) = (known::text(see, span), known::called(scope));
        let level = if scope.kind == ScopeKind::Change { Level::NeedsDba } else { Level::Warning };
        tell.leveled(
            level,
            span,
            said!("`{shown}` is true for no row.", "`{shown}` 对任何一行都不成立。"),
            said!(
                "No row of {table} can fulfil it, so the statement does nothing, while it looks as if it did.",
                "{table} 里没有任何一行能满足，语句什么都不做，看起来却像执行成功了。",
            ),
            Said::fixed(
                "Two conditions contradict each other, or something is compared with NULL. Mend the one that was not meant; for one of two values write OR or IN.",
                "通常是两个条件互相矛盾，或者与 NULL 做了比较。请改掉写错的那个；如果想要“二者之一”，请用 OR 或 IN。",
            ),
        );
    }
}
