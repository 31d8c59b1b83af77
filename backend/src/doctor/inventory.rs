//! Whether servers and inventory are the same, as control found them last; and whether the account that steers servers can be reached.

use super::{Check, LIMIT};
use crate::config::Config;
use dbdesk_cmdb::{ServiceGroup, Within};
use dbdesk_commands::lang::said;
use dbdesk_components::mysql::probe;
use dbdesk_store::{Pool, group_look, service_group};
use futures_util::{StreamExt as _, stream};

/// Servers asked at a time.
const AT_ONCE: usize = 16;

pub(super) async fn check(config: &Config, pool: &Pool) -> Vec<Check> {
    let mut checks = Vec::new();
    // That it can not be read is told where the groups are looked at.
    let Ok(count) = group_look::differing(pool).await else { return checks };
    checks.push(if count == 0 {
        Check::ok(
            "inventory",
            said!("nothing differs from what the servers said last", "与服务器最近一次的状态一致"),
        )
    } else {
        Check::warning(
            "inventory",
            said!("{count} service groups are not what the inventory says", "{count} 个服务组与清单不一致"),
            said!(
                "look at the alerts channel, or with `/cluster show`, and mend the one or the other",
                "请查看告警频道，或用 `/cluster show` 查看，并修正其中一方"
            ),
        )
    });
    let Ok(groups) = service_group::all(pool, &Within::All).await else { return checks };
    let steering: Vec<Option<Check>> =
        stream::iter(&groups).map(|row| steered(config, &row.group)).buffered(AT_ONCE).collect().await;
    checks.extend(steering.into_iter().flatten());
    checks
}

/// What keeps the account that steers a group's servers from its primary.
async fn steered(config: &Config, group: &ServiceGroup) -> Option<Check> {
    let (account, primary) = config.target.cluster_account(&group.name).zip(group.primary())?;
    let (user, name) = (&account.user, &group.name);
    let error = probe::grants(&account.options(&primary.host, primary.port), LIMIT).await.err()?;
    Some(Check::warning(
        format!("servers of {name}"),
        said!("{user}: {error}", "{user}：{error}"),
        said!(
            "create it with the rights that dbdesk.example.toml names at cluster_user, or mend [target] cluster_user",
            "请按 dbdesk.example.toml 中 cluster_user 处列出的权限创建该账号，或修正 [target] cluster_user"
        ),
    ))
}
