//! The first database and the first account.

use super::{Asked, BuildPart, Faults};
use crate::statement::Dialect;
use dbdesk_account::{DatabaseName, Level, UserName, database::Charset};
use dbdesk_commands::lang::{Said, said};

/// Longest text of where an account connects from.
const FROM_CHARS: usize = 500;

pub(super) fn judge(asked: Asked<'_>, faults: &mut Faults) {
    let whole = asked.whole;
    let mut add = |said: Said| faults.add(BuildPart::First, said);
    match &whole.database {
        None => add(Said::fixed(
            "Name the first database: a group is there for one.",
            "请填写第一个数据库：服务组至少要有一个。",
        )),
        Some(database) => {
            if let Err(Said { en, zh }) = DatabaseName::parse(&database.name) {
                add(said!("The first database: {en}.", "第一个数据库：{zh}。"));
            }
            let charset = database.charset.as_deref().unwrap_or_default();
            if let Err(Said { en, zh }) = Charset::parse(charset, None) {
                add(said!("The first database: {en}.", "第一个数据库：{zh}。"));
            }
        }
    }
    let Some(account) = &whole.account else { return };
    let is_mariadb = Dialect::of_flavour(whole.flavour.as_deref().unwrap_or_default()) == Dialect::MariaDb;
    let name = UserName::parse(&account.name);
    let turns = name.clone().and_then(|name| if is_mariadb { name.turns().map(drop) } else { Ok(()) });
    for wrong in [turns.err(), Level::parse(&account.level).err()].into_iter().flatten() {
        let Said { en, zh } = wrong;
        add(said!("The first account: {en}.", "第一个账号：{zh}。"));
    }
    if !(1..=FROM_CHARS).contains(&account.from.len()) {
        add(Said::fixed(
            "The first account: say from where it connects: an application that the desk knows, or addresses and networks between commas.",
            "第一个账号：请说明从哪里连接：工单台已知的应用，或用逗号分隔的地址和网段。",
        ));
    }
}
