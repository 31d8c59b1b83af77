//! The servers of every service group: reachable, of the flavour and role that the inventory says, and open to our accounts.

use super::{Check, LIMIT, rights, settings};
use crate::config::{Account, Config};
use dbdesk_account::{Privilege, own};
use dbdesk_cmdb::{Instance, ServiceGroup, Within};
use dbdesk_commands::{
    lang::said,
    wire::group::{InstanceLive, InstanceRole},
};
use dbdesk_components::mysql::probe;
use dbdesk_review::Flavour;
use dbdesk_store::{Pool, service_group};
use futures_util::{StreamExt as _, stream};
use std::collections::BTreeSet;

/// Servers asked at a time.
const AT_ONCE: usize = 16;
const SET_ASIDE_RIGHTS: [&str; 4] = ["CREATE", "ALTER", "INSERT", "DROP"];
/// One of these.
const LAG_RIGHTS: [&str; 4] = ["REPLICATION CLIENT", "SLAVE MONITOR", "REPLICA MONITOR", "SUPER"];
const BINLOG_RIGHTS: [&str; 1] = ["REPLICATION SLAVE"];
/// One of these.
const BINLOG_LIST_RIGHTS: [&str; 3] = ["REPLICATION CLIENT", "BINLOG MONITOR", "SUPER"];

pub(super) async fn check(config: &Config, pool: &Pool) -> Vec<Check> {
    let groups = match service_group::all(pool, &Within::All).await {
        Ok(groups) => groups,
        Err(error) => {
            return vec![Check::failed(
                "inventory",
                said!("it can not be read: {error}", "读不到资产信息：{error}"),
                said!("look at what is said of the store above", "请先看上面关于 store 的检查结果"),
            )];
        }
    };
    if groups.is_empty() {
        return vec![Check::failed(
            "inventory",
            said!("no service group is known", "还没有任何服务组"),
            said!(
                "write them into a file and run `dbdesk inventory load FILE`",
                "请写好清单文件，执行 `dbdesk inventory load FILE`"
            ),
        )];
    }
    let groups: Vec<_> = groups.into_iter().map(|row| row.group).collect();
    let servers =
        groups.iter().flat_map(|group| group.instances.iter().map(move |instance| (group, instance)));
    let checks: Vec<Vec<Check>> = stream::iter(servers)
        .map(|(group, server)| one(config, group, server))
        .buffered(AT_ONCE)
        .collect()
        .await;
    [checks.concat(), settings::check(config, &groups)].concat()
}

async fn one(config: &Config, group: &ServiceGroup, instance: &Instance) -> Vec<Check> {
    let part = format!("{} {instance}", group.name);
    let review = config.target.review_account(&group.name);
    let live = match probe::instance(&review.options(&instance.host, instance.port), LIMIT).await {
        Ok(live) => live,
        Err(error) => {
            let user = review.user;
            return vec![Check::failed(
                part,
                said!("{user}: {error}", "{user}：{error}"),
                said!(
                    "is it running, is its address in the inventory right, and may the account of [target] come in from here?",
                    "请确认它在运行、清单里的地址正确，且 [target] 的账号可以从本机登录"
                ),
            )];
        }
    };
    let mut checks = state(&part, group, instance, &live);
    if instance.role == InstanceRole::Primary {
        let run = config.target.run_account(&group.name);
        // Without TRIGGER triggers are not seen, and what they change would not be kept.
        let keeps = !config.backup.secret_key.is_empty();
        checks.extend(account(&part, group, instance, &review, &words(&own::of_review())).await);
        checks.extend(account(&part, group, instance, &run, &words(&own::of_run(keeps))).await);
        checks.extend(beside(config, &part, instance, &run).await);
    }
    if checks.is_empty() {
        let (version, role) = (&live.version, word(instance.role));
        checks.push(Check::ok(part, said!("{role}, {version}", "{role}，{version}")));
    }
    checks
}

/// What differs from the inventory.
fn state(part: &str, group: &ServiceGroup, instance: &Instance, live: &InstanceLive) -> Vec<Check> {
    let mut checks = Vec::new();
    let (says, found) = (Flavour::of_name(&group.flavour), Flavour::of_version(&live.version));
    if says != found {
        let (wanted, version) = (&group.flavour, &live.version);
        checks.push(Check::warning(
            part,
            said!(
                "it is {version}, the inventory says {wanted}",
                "它的版本是 {version}，清单写的是 {wanted}"
            ),
            said!("mend the inventory: reviews go by the flavour", "请修正清单：审核要按版本判断"),
        ));
    }
    match instance.role {
        InstanceRole::Primary if live.read_only => checks.push(Check::failed(
            part,
            said!("the inventory says primary, but it is read-only", "清单写的是主库，但它是只读的"),
            said!(
                "find out which server takes the writes and mend the inventory",
                "请查明哪台在接受写入，并修正清单"
            ),
        )),
        InstanceRole::Replica if !live.read_only => checks.push(Check::warning(
            part,
            said!("the inventory says replica, but it takes writes", "清单写的是从库，但它可以写入"),
            said!("set read_only=1 there, or mend the inventory", "请在该库设置 read_only=1，或修正清单"),
        )),
        InstanceRole::Replica if live.replicating.is_none() => checks.push(Check::warning(
            part,
            said!("whether it replicates can not be seen", "看不到复制状态"),
            said!(
                "GRANT REPLICATION CLIENT (MariaDB: REPLICA MONITOR) ON *.* TO the review account, or mend the inventory if it is no replica",
                "请对审核账号授予 REPLICATION CLIENT（MariaDB 为 REPLICA MONITOR）；如果它不是从库，请修正清单"
            ),
        )),
        InstanceRole::Replica if live.replicating == Some(false) => checks.push(Check::warning(
            part,
            said!("it does not replicate", "复制没有在运行"),
            said!("look at SHOW REPLICA STATUS there", "请查看该库的 SHOW REPLICA STATUS"),
        )),
        InstanceRole::Primary | InstanceRole::Replica => {}
    }
    checks
}

async fn account(
    part: &str,
    group: &ServiceGroup,
    instance: &Instance,
    account: &Account,
    wanted: &[&str],
) -> Vec<Check> {
    let user = &account.user;
    let grants = match probe::grants(&account.options(&instance.host, instance.port), LIMIT).await {
        Ok(grants) => grants,
        Err(error) => {
            return vec![Check::failed(
                part,
                said!("{user}: {error}", "{user}：{error}"),
                said!("create the account or mend [target]", "请创建该账号，或修正 [target] 配置"),
            )];
        }
    };
    let lacks = group.databases.iter().filter_map(|database| {
        let missing = rights::missing(&grants, database, wanted);
        (!missing.is_empty()).then(|| {
            let missing = missing.join(", ");
            Check::failed(
                part,
                said!("{user} lacks {missing} on {database}", "{user} 在 {database} 上缺少权限 {missing}"),
                said!(
                    "GRANT {missing} ON `{database}`.* TO that account",
                    "请对该账号执行 GRANT {missing} ON `{database}`.*"
                ),
            )
        })
    });
    lacks.collect()
}

/// What the account that tickets run with needs beside the group's databases. Without it single things do not work.
async fn beside(config: &Config, part: &str, instance: &Instance, run: &Account) -> Vec<Check> {
    // That it does not come in is told by another check.
    let Ok(grants) = probe::grants(&run.options(&instance.host, instance.port), LIMIT).await else {
        return Vec::new();
    };
    let user = &run.user;
    let mut checks = Vec::new();
    if let Some(schema) = config.ddl.set_aside_in() {
        let missing = rights::missing(&grants, &schema, &SET_ASIDE_RIGHTS);
        if !missing.is_empty() {
            let missing = missing.join(", ");
            checks.push(Check::warning(
                part,
                said!(
                    "{user} lacks {missing} on {schema}: tables can not be set aside, so no ticket drops one",
                    "{user} 在 {schema} 上缺少权限 {missing}：无法保留被删的表，因此不会执行删表"
                ),
                said!(
                    "GRANT {missing} ON `{schema}`.* TO that account",
                    "请对该账号执行 GRANT {missing} ON `{schema}`.*"
                ),
            ));
        }
    }
    // Rights of that kind are given for everything.
    if rights::missing(&grants, "*", &LAG_RIGHTS).len() == LAG_RIGHTS.len() {
        checks.push(Check::warning(
            part,
            said!(
                "{user} may not see how far replicas are behind: the online tool does not work",
                "{user} 无法查看从库延迟：在线改表工具不能使用"
            ),
            said!(
                "GRANT REPLICATION CLIENT (MariaDB: SLAVE MONITOR) ON *.* TO that account",
                "请对该账号授予 REPLICATION CLIENT（MariaDB 为 SLAVE MONITOR）"
            ),
        ));
    }
    if !rights::missing(&grants, "*", &BINLOG_RIGHTS).is_empty()
        || rights::missing(&grants, "*", &BINLOG_LIST_RIGHTS).len() == BINLOG_LIST_RIGHTS.len()
    {
        checks.push(Check::warning(
            part,
            said!(
                "{user} may not read the binary log: `/restore rows` does not work",
                "{user} 无权读取 binlog：`/restore rows` 不能使用"
            ),
            said!(
                "GRANT REPLICATION SLAVE, REPLICATION CLIENT (MariaDB: REPLICATION SLAVE, BINLOG MONITOR) ON *.* TO that account",
                "请对该账号授予 REPLICATION SLAVE 和 REPLICATION CLIENT（MariaDB 为 REPLICATION SLAVE 和 BINLOG MONITOR）"
            ),
        ));
    }
    checks
}

fn words(privileges: &BTreeSet<Privilege>) -> Vec<&'static str> {
    privileges.iter().map(|privilege| privilege.word()).collect()
}

fn word(role: InstanceRole) -> &'static str {
    match role {
        InstanceRole::Primary => "primary",
        InstanceRole::Replica => "replica",
    }
}
