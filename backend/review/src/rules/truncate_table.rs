use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("truncate-table", Level::NeedsDba, include_str!("truncate_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Truncate(target) = &see.statement.shape else { return };
    if see.world.made_by(target).is_some() {
        return;
    }
    let table = words::table(target);
    let dbdesk_commands::lang::Said { en, zh } = see.rows_said(target);
    tell.at(
        target.span(),
        said!("TRUNCATE removes every row of {table}{en}.", "TRUNCATE 会删除 {table} 的所有行{zh}。"),
        said!(
            "It can not be rolled back. Where the desk sets emptied tables aside, “Undo” brings the rows back for some days; after that only a backup does.",
            "它不能回滚。启用了删表保留时，几天内可以用“撤销变更”找回；之后只能靠备份找回。",
        ),
        said!(
            "Send it to a DBA, or delete what is no longer needed: DELETE FROM {table} WHERE …",
            "请转交 DBA，或只删除不再需要的行：DELETE FROM {table} WHERE …",
        ),
    );
}
