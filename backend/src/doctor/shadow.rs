//! The review servers: reachable, of the flavour that the configuration says, and their accounts able to do what a trial needs
//! and nothing else.

use super::{Check, LIMIT, rights};
use crate::config::{Config, ReviewServer};
use dbdesk_cmdb::Within;
use dbdesk_commands::lang::said;
use dbdesk_components::mysql::{probe, shadow};
use dbdesk_review::Flavour;
use dbdesk_store::{Pool, service_group};
use std::collections::BTreeSet;

/// What a trial does.
const RIGHTS: [&str; 9] =
    ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

pub(super) async fn check(config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    for (name, server) in &config.shadow.server {
        checks.extend(one(&format!("review server {name}"), server).await);
    }
    checks
}

async fn one(part: &str, server: &ReviewServer) -> Vec<Check> {
    let options = server.options();
    let found = match shadow::flavour(&options, LIMIT).await {
        Ok(found) => found,
        Err(error) => {
            let user = &server.user;
            return vec![Check::failed(
                part,
                said!("{user}: {error}", "{user}：{error}"),
                said!(
                    "is it running, is its address in [shadow.server] right, and may the account come in from here?",
                    "请确认它在运行、[shadow.server] 里的地址正确，且该账号可以从本机登录"
                ),
            )];
        }
    };
    let mut checks = Vec::new();
    if Flavour::of_name(&server.flavour) != Some(found) {
        let wanted = &server.flavour;
        checks.push(Check::warning(
            part,
            said!("it is {found}, the configuration says {wanted}", "它是 {found}，配置写的是 {wanted}"),
            said!(
                "mend `flavour`: it decides for which groups the server is used",
                "请修正 flavour：它决定这台服务器用于哪些服务组"
            ),
        ));
    }
    checks.extend(account(part, server).await);
    if checks.is_empty() {
        checks.push(Check::ok(
            part,
            said!("{found}, and its account may use nothing but trials", "{found}，账号只能用于试运行"),
        ));
    }
    checks
}

async fn account(part: &str, server: &ReviewServer) -> Vec<Check> {
    let user = &server.user;
    let grants = match probe::grants(&server.options(), LIMIT).await {
        Ok(grants) => grants,
        Err(error) => {
            return vec![Check::failed(
                part,
                said!("what {user} may do can not be seen: {error}", "看不到 {user} 的权限：{error}"),
                said!("look at SHOW GRANTS on that server", "请在该服务器上执行 SHOW GRANTS 查看"),
            )];
        }
    };
    let mut checks = Vec::new();
    let missing = rights::missing(&grants, &format!("{}1", shadow::PREFIX), &RIGHTS).join(", ");
    if !missing.is_empty() {
        checks.push(Check::failed(
            part,
            said!(
                "{user} lacks {missing} on dbdesk_shadow_%",
                "{user} 在 dbdesk_shadow_% 上缺少权限 {missing}"
            ),
            said!(
                "GRANT {missing} ON `dbdesk\\_shadow\\_%`.* TO that account",
                "请对该账号执行 GRANT {missing} ON `dbdesk\\_shadow\\_%`.*"
            ),
        ));
    }
    let beyond = rights::beyond(&grants, shadow::PREFIX).join("; ");
    if !beyond.is_empty() {
        checks.push(Check::warning(
            part,
            said!("{user} may do more than a trial needs: {beyond}", "{user} 的权限超出试运行所需：{beyond}"),
            said!(
                "REVOKE it: what tickets say is run with this account",
                "请 REVOKE 多余的权限：工单里的语句会用这个账号执行"
            ),
        ));
    }
    checks
}

/// Groups whose tickets are tried nowhere, where others are.
pub(super) async fn groups(config: &Config, pool: &Pool) -> Vec<Check> {
    let groups = match service_group::all(pool, &Within::All).await {
        Ok(groups) if !config.shadow.server.is_empty() => groups,
        // What is wrong with the store is said elsewhere.
        _ => return Vec::new(),
    };
    let without: BTreeSet<String> = groups
        .iter()
        .filter_map(|row| Flavour::of_name(&row.group.flavour))
        .filter(|flavour| config.shadow.server_for(*flavour).is_none())
        .map(|flavour| flavour.to_string())
        .collect();
    without
        .into_iter()
        .map(|flavour| {
            Check::warning(
                "review servers",
                said!(
                    "there is none for {flavour}, which the inventory has",
                    "没有 {flavour} 的评审服务器，而清单里有这个版本"
                ),
                said!(
                    "add a [shadow.server.…], or leave its tickets untried",
                    "请添加 [shadow.server.…]，否则它的工单不会试运行"
                ),
            )
        })
        .collect()
}
