use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-database", Level::NeedsDba, include_str!("drop_database.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::DropDatabase(name) = &see.statement.shape else { return };
    let database = words::quoted(&name.text);
    tell.at(
        name.span,
        said!("DROP DATABASE removes {database} with all its tables.", "DROP DATABASE 会删除 {database} 以及其中所有的表。"),
        Said::fixed(
            "There is no way back but a restore of everything from backup.",
            "除了从备份完整恢复，没有别的办法找回。",
        ),
        Said::fixed(
            "Send it to a DBA, who first sees that nothing uses it and keeps a last backup.",
            "请转交 DBA：先确认没有程序使用，并保留最后一份备份。",
        ),
    );
}
