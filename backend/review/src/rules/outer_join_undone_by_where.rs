use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand, JoinKind, Clause, Sign, InList},
    shape::ColumnUse,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("outer-join-undone-by-where", Level::Warning, include_str!("outer_join_undone_by_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        let outer = |used: &ColumnUse| {
            let name = used.table.as_ref()?;
            scope.sources.iter().find(|source| source.join == JoinKind::Left && source.answers_to(name))
        };
        for test in scope.tests.iter().filter(|test| test.needed && test.clause == Clause::Where) {
            let column = match &test.what {
                Tested::Compare(Operand::Column(column), sign, value) if *sign != Sign::NullSafe && value.is_value() => column,
                Tested::Like(Operand::Column(column), _, _)
                | Tested::Between(Operand::Column(column), _, _)
                | Tested::InList(InList { left: Operand::Column(column), .. })
                | Tested::IsNull(Operand::Column(column), true) => column,
                _ => continue,
            };
            let Some(source) = outer(column) else { continue };
            let name = source.table.as_ref().map(words::table).or_else(|| source.alias.as_deref().map(words::quoted)).unwrap_or_default();
            let shown = known::shown(see, scope, column);
            tell.at(
                known::whole(see, test.span),
                said!("The LEFT JOIN of {name} is undone by this condition.", "这个条件让 {name} 的 LEFT JOIN 失去了作用。"),
                said!("Rows without a partner in {name} have NULL in {shown}, and NULL fulfils no such condition: they are left out, as in a plain JOIN.", "在 {name} 里没有匹配的行，{shown} 是 NULL，不满足这个条件，会被过滤掉，结果和普通 JOIN 一样。"),
                Said::fixed("Write JOIN if that is meant; else move the condition into the ON.", "如果就是这个意思，请写 JOIN；否则请把条件移到 ON 里。"),
            );
        }
    }
}
