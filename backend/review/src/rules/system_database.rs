use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    questions::tables_of,
    shape::Shape,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule =
    Rule::new("system-database", Level::Error, include_str!("system_database.md"), check);

const SYSTEM: [&str; 4] = ["mysql", "information_schema", "performance_schema", "sys"];

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let shape = &see.statement.shape;
    let databases = tables_of(shape).into_iter().filter_map(|table| table.database.as_ref());
    let itself = match shape {
        Shape::CreateDatabase(name) | Shape::DropDatabase(name) => Some(name),
        _ => None,
    };
    for name in databases.chain(itself) {
        if !SYSTEM.iter().any(|system| system.eq_ignore_ascii_case(&name.text)) {
            continue;
        }
        let database = words::quoted(&name.text);
        tell.at(
            name.span,
            said!("{database} belongs to the server itself.", "{database} 是服务器自己的系统库。"),
            Said::fixed(
                "Accounts, rights and the server's own records are kept there; a change by hand can lock everybody out.",
                "账号、权限和服务器自身的记录都在里面；手工改动可能让所有人都无法登录。",
            ),
            Said::fixed(
                "Tell a DBA what you want to reach; there are statements for it.",
                "请告诉 DBA 你想达到的目的，会有专门的语句来做。",
            ),
        );
    }
}
