//! The buffer pool, and options of the servers.

use super::{super::quoted, Asked, BuildPart, Faults};
use crate::build::group::find;
use dbdesk_cmdb::near::nearest;
use dbdesk_commands::lang::{Said, said};
use std::collections::BTreeMap;

pub(super) fn judge(asked: Asked<'_>, faults: &mut Faults) {
    pool(asked, faults);
    for (name, value) in &asked.whole.parameters {
        if let Some(said) = parameter(asked, name, value) {
            faults.add(BuildPart::Memory, said);
        }
    }
}

fn pool(asked: Asked<'_>, faults: &mut Faults) {
    let Asked { whole, package, known } = asked;
    let Some(pool_mb) = whole.buffer_pool_mb else {
        // An unknown host is told of by itself.
        let are_known = whole.hosts.iter().all(|server| find(known.hosts, &server.host).is_some());
        if !whole.hosts.is_empty() && are_known {
            faults.add(
                BuildPart::Memory,
                Said::fixed(
                    "The inventory does not say how much memory these hosts have. Say how large the buffer pool is to be.",
                    "清单没有记录这些主机的内存。请填写缓冲池大小。",
                ),
            );
        }
        return;
    };
    if pool_mb < package.least_pool_mb {
        faults.add(
            BuildPart::Memory,
            said!(
                "A buffer pool of {pool_mb} MB is too small: package {name} has {least} MB at least. Ask for more, or choose hosts with more memory.",
                "缓冲池 {pool_mb} MB 太小：套餐 {name} 至少需要 {least} MB。请调大，或选择内存更大的主机。",
                name = package.name,
                least = package.least_pool_mb
            ),
        );
    }
    let mut together: BTreeMap<&str, u64> = BTreeMap::new();
    for server in &whole.hosts {
        *together.entry(&server.host).or_default() += 1;
    }
    for (name, servers) in together {
        let Some(memory_mb) = find(known.hosts, name).and_then(|host| host.memory_mb) else { continue };
        let share = package.share_percent;
        let most_mb = memory_mb.saturating_mul(u64::from(share)) / 100;
        if u64::from(pool_mb).saturating_mul(servers) > most_mb {
            let each = most_mb / servers;
            faults.add(
                BuildPart::Memory,
                said!(
                    "{name} has {memory_mb} MB of memory, of which buffer pools may take {share} %: {each} MB for each server at most. Ask for less than \
                     {pool_mb} MB, or choose another host.",
                    "{name} 的内存为 {memory_mb} MB，缓冲池最多占 {share}%，即每台服务器最多 {each} MB。请小于 {pool_mb} MB，或换一台主机。"
                ),
            );
        }
    }
}

fn parameter(asked: Asked<'_>, name: &str, value: &str) -> Option<Said> {
    let package = asked.package;
    let Some(known) = package.parameters.get(name) else {
        let near = nearest(name, package.parameters.keys().map(String::as_str)).join(", ");
        return Some(said!(
            "Package {package} does not let `{name}` be chosen. It lets {near} be; a DBA can add others to its file.",
            "套餐 {package} 不允许设置 `{name}`，可以设置 {near}；DBA 可以在套餐文件里添加其他参数。",
            package = package.name,
            name = quoted(name)
        ));
    };
    let Said { en, zh } = known.bound.takes(value).err()?;
    Some(said!(
        "`{name}` can not be “{value}”: it is {en}.",
        "`{name}` 不能是“{value}”，应为{zh}。",
        value = quoted(value)
    ))
}
