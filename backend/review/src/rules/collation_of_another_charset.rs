use super::{Rule, names::table_options, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape, TableRef},
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule =
    Rule::new("collation-of-another-charset", Level::Error, include_str!("collation_of_another_charset.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let options = table_options(&see.statement.shape);
    let last = |name: &str| options.iter().rev().find(|(_, option)| option.name == name);
    if let (Some((table, charset)), Some((_, collation))) = (last("charset"), last("collate")) {
        look(tell, table, &charset.value, &collation.value, collation.span);
    }
    if let Shape::AlterTable(alter) = &see.statement.shape {
        for op in &alter.ops {
            if let Action::Convert(charset, Some(collation)) = &op.action {
                look(tell, &alter.table, &charset.text, &collation.text, collation.span);
            }
        }
    }
}

fn look(tell: &mut Tell<'_>, table: &TableRef, charset: &str, collation: &str, span: Span) {
    let Some(of) = words::charset_of(collation) else { return };
    let charset = charset.to_ascii_lowercase();
    if words::charset_of(&format!("{charset}_bin")).is_none() || same(&charset, of) {
        return;
    }
    let table = words::table(table);
    let (charset, collation) = (words::shown(&charset), words::shown(collation));
    tell.at(
        span,
        said!(
            "The collation {collation} is not one of the character set {charset}.",
            "排序规则 {collation} 不属于字符集 {charset}。",
        ),
        said!("The server refuses it (error 1253): {table} stays as it is.", "服务器会拒绝（1253 错误），{table} 保持原样。"),
        if charset == "utf8mb4" {
            Said::fixed("Write COLLATE=utf8mb4_general_ci, or leave COLLATE out.", "请写 COLLATE=utf8mb4_general_ci，或去掉 COLLATE。")
        } else {
            said!("Write a collation that begins with {charset}_, or leave COLLATE out.", "请写以 {charset}_ 开头的排序规则，或去掉 COLLATE。")
        },
    );
}

/// `utf8` is `utf8mb3`, in some versions by one name and in others by the other.
fn same(charset: &str, other: &str) -> bool {
    let plain = |name: &str| if name == "utf8mb3" { "utf8".to_owned() } else { name.to_owned() };
    plain(charset) == plain(other)
}
