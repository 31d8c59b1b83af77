use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("insert-leaves-out-needed-column", Level::NeedsDba, include_str!("insert_leaves_out_needed_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    let (Some(written), Some(table)) = (&insert.columns, see.world.table(&insert.table)) else { return };
    if table.is_view || written.is_empty() {
        return;
    }
    let missing: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| !column.nullable && !column.has_default && known::type_word(column) != "timestamp")
        .filter(|column| !written.iter().any(|name| name.text.eq_ignore_ascii_case(&column.name)))
        .map(|column| column.name.as_str())
        .collect();
    if missing.is_empty() {
        return;
    }
    let (table, missing) = (words::table(&insert.table), words::list(missing.into_iter()));
    tell.at(
        insert.table.span(),
        said!("The INSERT into {table} leaves out {missing}, which is NOT NULL and has no default.", "对 {table} 的 INSERT 没有写 {missing}，而它是 NOT NULL 且没有默认值。"),
        said!(
            "In strict mode the server refuses it (error 1364); else {missing} gets 0 or an empty text that nobody wrote.",
            "严格模式下服务器会拒绝（错误 1364）；非严格模式下 {missing} 会变成没人写过的 0 或空字符串。",
        ),
        said!("Name {missing} and give a value.", "请写上 {missing} 并给出值。"),
    );
}
