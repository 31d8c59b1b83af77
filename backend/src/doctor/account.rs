//! The account that makes accounts, on the primary of each group that has one; and what the last look at a group's accounts found.

use super::{Check, LIMIT, rights};
use crate::config::{Account, Config};
use dbdesk_account::Level;
use dbdesk_cmdb::{ServiceGroup, Within};
use dbdesk_commands::lang::said;
use dbdesk_components::mysql::probe;
use dbdesk_store::{
    Pool,
    account_drift::{self, Looked},
    service_group::{self, GroupRow},
};
use futures_util::{StreamExt as _, stream};

/// Servers asked at a time.
const AT_ONCE: usize = 16;
const GLOBAL_RIGHTS: [&str; 2] = ["CREATE USER", "PROCESS"];
/// One of these, as MariaDB and MySQL write it.
const END_RIGHTS: [&str; 3] = ["CONNECTION ADMIN", "CONNECTION_ADMIN", "SUPER"];
/// Differences that are told of a group.
const TOLD: usize = 3;

pub(super) async fn check(config: &Config, pool: &Pool) -> Vec<Check> {
    // That it can not be read is told where the inventory is looked at.
    let Ok(groups) = service_group::all(pool, &Within::All).await else { return Vec::new() };
    let checks: Vec<Vec<Check>> = stream::iter(&groups)
        .map(|row| async move {
            match config.target.account_account(&row.group.name) {
                Some(account) => one(config, pool, row, &account).await,
                None => Vec::new(),
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    checks.concat()
}

async fn one(config: &Config, pool: &Pool, row: &GroupRow, account: &Account) -> Vec<Check> {
    let part = format!("accounts of {}", row.group.name);
    let mut checks = Vec::new();
    if config.backup.secret_key.is_empty() {
        checks.push(Check::warning(
            &part,
            said!(
                "there is no key that seals passwords, so none are made",
                "没有用于加密密码的密钥，无法创建账号"
            ),
            said!("give [backup] a secret_key_file", "请配置 [backup] secret_key_file"),
        ));
    }
    checks.extend(may(&part, &row.group, account).await);
    if let Ok(Some(looked)) = account_drift::get(pool, row.id).await {
        checks.extend(found(&part, &looked));
    }
    if checks.is_empty() {
        let user = &account.user;
        checks.push(Check::ok(
            part,
            said!("{user} may do what it is for, and nothing differs", "{user} 的权限齐全，账号没有差异"),
        ));
    }
    checks
}

/// What it lacks on the primary.
async fn may(part: &str, group: &ServiceGroup, account: &Account) -> Option<Check> {
    let (user, name) = (&account.user, &group.name);
    let primary = group.primary()?;
    let grants = match probe::grants(&account.options(&primary.host, primary.port), LIMIT).await {
        Ok(grants) => grants,
        Err(error) => {
            return Some(Check::warning(
                part,
                said!("{user}: {error}", "{user}：{error}"),
                said!(
                    "create it as `dbdesk account grants {name} --host …` says, or mend [target] account_user",
                    "请按 `dbdesk account grants {name} --host …` 的输出创建该账号，或修正 [target] account_user"
                ),
            ));
        }
    };
    let lacks = lacking(&grants, &group.databases);
    (!lacks.is_empty()).then(|| {
        let lacks = lacks.join("; ");
        Check::warning(
            part,
            said!(
                "{user} lacks {lacks}: some accounts can not be made",
                "{user} 缺少 {lacks}：有些账号无法创建"
            ),
            said!(
                "`dbdesk account grants {name} --host …` prints the statements that give it what it needs",
                "`dbdesk account grants {name} --host …` 会输出所需的授权语句"
            ),
        )
    })
}

fn lacking(grants: &[String], databases: &[String]) -> Vec<String> {
    let mut lacks: Vec<String> =
        rights::missing(grants, "*", &GLOBAL_RIGHTS).into_iter().map(str::to_owned).collect();
    if rights::missing(grants, "*", &END_RIGHTS).len() == END_RIGHTS.len() {
        lacks.push(END_RIGHTS[0].to_owned());
    }
    if !rights::missing(grants, "mysql", &["SELECT"]).is_empty() {
        lacks.push("SELECT on mysql".to_owned());
    }
    let given = Level::Ddl.privileges();
    let wanted: Vec<&str> = given.iter().map(|privilege| privilege.word()).collect();
    // It passes on only what it may pass on.
    let passed_on: Vec<String> =
        grants.iter().filter(|grant| grant.contains(" WITH GRANT OPTION")).cloned().collect();
    for database in databases {
        let missing = rights::missing(&passed_on, database, &wanted);
        if !missing.is_empty() {
            lacks.push(format!("{} on {database} with GRANT OPTION", missing.join(", ")));
        }
    }
    lacks
}

/// What differs from what tickets granted.
fn found(part: &str, looked: &Looked) -> Option<Check> {
    if let Some(problem) = &looked.problem {
        return Some(Check::warning(
            part,
            said!(
                "they could not be compared with what tickets granted: {problem}",
                "无法与工单授予的账号比对：{problem}"
            ),
            said!(
                "it is tried again by itself; see what is said of the group",
                "会自动重试；请看该服务组的检查结果"
            ),
        ));
    }
    let lines: Vec<String> = serde_json::from_str(looked.differences.as_deref()?).ok()?;
    let count = lines.len();
    let first = lines.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
    let mend = match looked.ticket {
        Some(ticket) => said!("look at the repair {ticket}", "请查看修复工单 {ticket}"),
        None => said!(
            "it is on a replica alone: find out who changed it there",
            "差异只在从库上：请查明是谁在那里做了修改"
        ),
    };
    Some(Check::warning(
        part,
        said!(
            "{count} differ from what tickets granted: {first}",
            "有 {count} 处与工单授予的不一致：{first}"
        ),
        mend,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_account::{AccountName, DatabaseName, Dialect, desk};
    use dbdesk_review::Flavour;

    #[test]
    fn what_account_grants_prints_is_enough_and_each_of_it_is_needed() {
        let databases = ["shop".to_owned(), "shop_a".to_owned()];
        let named: Vec<_> = databases
            .iter()
            .map(|name| desk::Named::One(DatabaseName::parse(name).expect("a name")))
            .collect();
        for flavour in [Flavour::mariadb(10, 11), Flavour::mysql(8, 4)] {
            let account = AccountName::new("dbdesk_account", "127.0.0.1");
            let grants = desk::grants(&account, &named, Dialect::of(flavour));
            assert!(lacking(&grants, &databases).is_empty(), "{:?}", lacking(&grants, &databases));
            for without in 0..grants.len() {
                let mut fewer = grants.clone();
                fewer.remove(without);
                assert!(!lacking(&fewer, &databases).is_empty(), "without {}", grants[without]);
            }
            let not_on: Vec<_> = grants.iter().map(|grant| grant.replace(" WITH GRANT OPTION", "")).collect();
            assert_eq!(lacking(&not_on, &databases).len(), 2, "{not_on:?}");
        }
    }
}
