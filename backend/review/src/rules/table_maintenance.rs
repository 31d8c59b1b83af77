use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Shape, Task},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("table-maintenance", Level::NeedsDba, include_str!("table_maintenance.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Admin(admin) = &see.statement.shape else { return };
    if admin.task != Task::Maintenance {
        return;
    }
    let words = words::shown(admin.words.of(see.script.sql())).to_uppercase();
    let (en, zh) = match admin.tables.first() {
        Some(table) => {
            let table = words::table(table);
            (table.clone(), table)
        }
        None => ("the tables".to_owned(), "这些表".to_owned()),
    };
    let why = match words.split(' ').next().unwrap_or_default() {
        "OPTIMIZE" => said!(
            "For InnoDB it rebuilds {en} wholly: as much free disk as it is big, hours for a big one, and replicas that wait for it.",
            "对 InnoDB 来说，它会把{zh} 整个重建：需要同样大的空闲磁盘，大表要几个小时，从库也要跟着等。",
        ),
        "ANALYZE" => said!(
            "It is quick, but it waits for the longest query on {en}, and new queries on it wait behind; plans may change at once, for the worse too.",
            "它本身很快，但要等{zh} 上最长的查询结束，后来的查询都排在它后面；执行计划会立刻变化，也可能变差。",
        ),
        _ => said!(
            "It reads all of {en} under a lock, and writes to {en} wait meanwhile.",
            "它会加锁读完{zh} 的全部数据，期间写入都要等待。",
        ),
    };
    tell.at(
        admin.words,
        said!("{words} is upkeep of the server, not a change.", "{words} 是服务器的维护操作，不是变更。"),
        why,
        Said::fixed(
            "Say in the reason what made you think of it (a slow query, disk space), and send it to a DBA, who chooses the hour.",
            "请在理由里写明为什么想做（查询慢、磁盘不够等），并转交 DBA，由 DBA 选择时间。",
        ),
    );
}
