use super::{
    Rule,
    definitions::{Redefined, known_alter},
    lexemes, words,
};
use crate::{
    facts::Column,
    judge::{See, Tell},
    scan::Lexeme,
    shape::ColumnDef,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule =
    Rule::new("attribute-lost-in-modify", Level::Warning, include_str!("attribute_lost_in_modify.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some((alter, known)) = known_alter(see) else { return };
    for Redefined { old, name, new, span } in alter.ops.iter().filter_map(|op| Redefined::by(op, known)) {
        let Some((lost, sorry)) = lost(see, old, new) else { continue };
        if tell.is_full() {
            return;
        }
        let (table, column) = (words::table(&alter.table), words::quoted(&name.text));
        tell.at(
            span,
            said!("{column} of {table} loses its {lost} here.", "{table} 的 {column} 会在这里丢掉 {lost}。"),
            sorry,
            said!(
                "MODIFY and CHANGE define the column anew: repeat all that shall stay, or write NULL or DEFAULT NULL if it is meant to go.",
                "MODIFY 和 CHANGE 是重新定义这一列：要保留的都得再写一遍；如果确实要去掉，请明确写出 NULL 或 DEFAULT NULL。",
            ),
        );
    }
}

/// What goes though nobody said so.
fn lost(see: &See<'_>, old: &Column, new: &ColumnDef) -> Option<(&'static str, Said)> {
    let says_null = says_null(see, new);
    if !old.nullable && new.nullable && !says_null {
        return Some((
            "NOT NULL",
            Said::fixed(
                "Programs that never had to look for NULL will meet one, in sums and comparisons without an error.",
                "程序从来不用考虑 NULL，以后会遇到，求和、比较时不会报错，结果却不对。",
            ),
        ));
    }
    (old.has_default && !new.has_default && !says_null).then(|| {
        (
            "DEFAULT",
            Said::fixed(
                "INSERTs that leave the column out fail from then on, or write NULL (an AUTO_INCREMENT no longer counts).",
                "不写这一列的 INSERT 从那时起会报错，或者写入 NULL（原来自增的列不再自增）。",
            ),
        )
    })
}

/// Whether `NULL` is written by itself: the asker knows that it may be NULL.
fn says_null(see: &See<'_>, column: &ColumnDef) -> bool {
    let mut not = false;
    lexemes::lexemes(see.script.sql(), column.span).any(|(lexeme, at)| {
        let word = at.of(see.script.sql());
        let plain = lexeme == Lexeme::Word && word.eq_ignore_ascii_case("null") && !not;
        not = word.eq_ignore_ascii_case("not");
        plain
    })
}
