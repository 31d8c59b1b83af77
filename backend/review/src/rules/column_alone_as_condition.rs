use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand, Clause},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-alone-as-condition", Level::Warning, include_str!("column_alone_as_condition.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let (Tested::Alone(Operand::Column(column)), true) = (&test.what, test.clause != Clause::On) else { continue };
        let known = known::column_of(see, scope, column).map(|(.., column)| column);
        let is_flag = known.is_none_or(|known| matches!(known::type_word(known), "bool" | "boolean" | "bit") || known.data_type.starts_with("tinyint"));
        if is_flag {
            continue;
        }
        let is_text = known.is_some_and(|known| known::class(known) == known::Class::Text);
        let shown = known::shown(see, scope, column);
        let (level, why) = if is_text {
            let why = said!(
                "{shown} is a text: it counts as true only where it begins with a number other than 0. 'yes' is false, '1 apple' is true.",
                "{shown} 是文本：只有以非 0 数字开头才算真。'yes' 为假，'1 apple' 为真。",
            );
            (known::by_harm(see), why)
        } else {
            let why = said!(
                "Every row where {shown} is neither 0 nor NULL is meant, and no index on it can be used. Often the second half of a comparison was forgotten.",
                "凡是 {shown} 既不是 0 也不是 NULL 的行都会命中，而且用不上它的索引。多半是漏写了比较的另一半。",
            );
            (Level::Warning, why)
        };
        tell.leveled(
            level,
            known::whole(see, column.column.span),
            said!("{shown} stands alone as a condition.", "{shown} 单独作为条件。"),
            why,
            said!("Compare it with what is meant: {shown} = value.", "请写明要比较的值：{shown} = 值。"),
        );
    }
}
