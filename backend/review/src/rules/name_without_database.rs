use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    questions::changed_tables,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("name-without-database", Level::Notice, include_str!("name_without_database.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for table in changed_tables(&see.statement.shape) {
        if table.database.is_some() {
            continue;
        }
        let name = words::table(table);
        tell.at(
            table.span(),
            said!("{name} is written without its database.", "{name} 没有写库名。"),
            said!(
                "Which {name} is meant is decided by the database that was chosen for the ticket; the text alone does not say it.",
                "到底是哪个库的 {name}，取决于提交工单时选的库，单看语句看不出来。",
            ),
            said!("Write `database`.{name}.", "请写成 `库名`.{name}。"),
        );
    }
}
