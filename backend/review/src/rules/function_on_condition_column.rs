use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand, Clause, InList},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("function-on-condition-column", Level::Warning, include_str!("function_on_condition_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let (call, columns, span, value) = match &test.what {
            Tested::Compare(Operand::Calculated(call, columns, span), _, value) | Tested::Compare(value, _, Operand::Calculated(call, columns, span)) => {
                (call, columns, *span, value.is_value())
            }
            Tested::Between(Operand::Calculated(call, columns, span), low, _) => (call, columns, *span, low.is_value()),
            Tested::Like(Operand::Calculated(call, columns, span), value, _) => (call, columns, *span, value.is_value()),
            Tested::InList(InList { left: Operand::Calculated(call, columns, span), .. }) => (call, columns, *span, true),
            _ => continue,
        };
        let ([column], true, true) = (columns.as_slice(), value, test.clause == Clause::Where) else { continue };
        // Where the table is known, only an index that is lost is worth a word.
        if let Some((_, table, known)) = known::column_of(see, scope, column)
            && !known::leads_an_index(table, &known.name)
        {
            continue;
        }
        let shown = known::shown(see, scope, column);
        let span = known::whole(see, span);
        let what = known::text(see, span);
        tell.at(span, said!("{shown} is not compared itself, but `{what}`.", "比较的不是 {shown} 本身，而是 `{what}`。"), why(&shown), advice(call.as_deref(), &shown));
    }
}

fn why(shown: &str) -> Said {
    said!(
        "An index on {shown} is sorted by the column, not by what is made of it: every row is read, and in a change locked.",
        "{shown} 的索引按列本身排序，而不是按计算结果：每一行都要读，修改时还要加锁。",
    )
}

fn advice(call: Option<&str>, shown: &str) -> Said {
    match call {
        Some("date") => said!("Write a range: {shown} >= '2024-05-01' AND {shown} < '2024-05-02'.", "请写成范围：{shown} >= '2024-05-01' AND {shown} < '2024-05-02'。"),
        Some("year" | "month" | "date_format" | "extract") => said!(
            "Write a range: {shown} >= '2024-05-01' AND {shown} < '2024-06-01'.",
            "请写成范围：{shown} >= '2024-05-01' AND {shown} < '2024-06-01'。",
        ),
        Some("lower" | "upper" | "lcase" | "ucase") => said!(
            "Most collations (…_ci) do not mind upper and lower case: compare {shown} itself.",
            "大多数排序规则（…_ci）本来就不区分大小写：直接比较 {shown} 即可。",
        ),
        Some("left" | "substring" | "substr") => said!("Write {shown} LIKE 'abc%'.", "请写成 {shown} LIKE 'abc%'。"),
        Some("ifnull" | "coalesce") => said!("Write ({shown} = value OR {shown} IS NULL).", "请写成（{shown} = 值 OR {shown} IS NULL）。"),
        Some(_) => said!("Leave {shown} alone on one side, and reckon on the other.", "请让 {shown} 单独在一边，把计算放到另一边。"),
        None => said!("Move the arithmetic to the other side: {shown} = 5 - 1, not {shown} + 1 = 5.", "请把运算移到另一边：写 {shown} = 5 - 1，不要写 {shown} + 1 = 5。"),
    }
}
