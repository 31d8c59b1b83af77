use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("join-of-different-types", Level::Warning, include_str!("join_of_different_types.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Tested::Compare(Operand::Column(left), _, Operand::Column(right)) = &test.what else { continue };
        let (Some((_, left_table, left_column)), Some((_, right_table, right_column))) = (known::column_of(see, scope, left), known::column_of(see, scope, right)) else { continue };
        let (one, other) = (known::class(left_column), known::class(right_column));
        if one == other || one == known::Class::Other || other == known::Class::Other {
            continue;
        }
        let indexed = known::leads_an_index(left_table, &left_column.name) || known::leads_an_index(right_table, &right_column.name);
        let (en, zh) = if indexed { (" The index on the text is not used.", "文本列的索引用不上。") } else { ("", "") };
        let (left, right) = (known::shown(see, scope, left), known::shown(see, scope, right));
        let (left_type, right_type) = (&left_column.data_type, &right_column.data_type);
        tell.at(
            known::whole(see, test.span),
            said!("{left} is {left_type}, {right} is {right_type}.", "{left} 是 {left_type}，{right} 是 {right_type}。"),
            said!("Both are turned into another type for each pair of rows, and texts that look different match.{en}", "每一对行都要做类型转换，看起来不同的文本也可能相等。{zh}"),
            said!("Give {left} and {right} the same type, or CAST the smaller side.", "请让 {left} 和 {right} 使用相同的类型，或者对数据少的一边用 CAST。"),
        );
    }
}
