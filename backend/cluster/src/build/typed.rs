//! What was typed into a draft, read. What can not be read is a fault that quotes it; the draft keeps it, so that it comes back as it was typed.

use super::{BuildFault, BuildPart, BuildRequest, quoted};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        cluster::{
            BuildAccount, BuildDatabase, BuildDraft, BuildFailover, BuildHost, BuildName, BuildProxy,
            BuildPurpose, BuildVip,
        },
        group::InstanceRole,
    },
};
use std::collections::BTreeMap;

/// Most entries of a list that are read.
const ENTRIES: usize = 64;

/// The request that a draft says, and what of it can not be read.
#[must_use]
pub fn typed(draft: &BuildDraft) -> (BuildRequest, Vec<BuildFault>) {
    let mut faults = Vec::new();
    let request = BuildRequest {
        name: draft.name.clone(),
        environment: draft.environment.clone(),
        team: said_of(&draft.team),
        reason: draft.reason.clone(),
        package: draft.package.clone(),
        flavour: said_of(&draft.flavour),
        time_zone: said_of(&draft.time_zone),
        labels: Vec::new(),
        hosts: servers(draft, &mut faults),
        buffer_pool_mb: pool(&draft.buffer_pool_mb, &mut faults),
        parameters: parameters(&draft.parameters, &mut faults),
        semi_sync: semi_sync(&draft.semi_sync, &mut faults),
        failover: failover(&draft.failover, &mut faults),
        proxies: proxies(&draft.proxies, &mut faults),
        vip: vip(&draft.vip, &mut faults),
        names: names(&draft.names, &mut faults),
        database: said_of(&draft.database)
            .map(|name| BuildDatabase { name, charset: said_of(&draft.charset) }),
        account: account(draft),
        monitoring: None,
    };
    (request, faults)
}

fn said_of(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn fault(faults: &mut Vec<BuildFault>, part: BuildPart, said: Said) {
    faults.push(BuildFault { part, said });
}

/// `HOST` or `HOST:PORT`.
fn place(typed: &str, of: BuildPart, faults: &mut Vec<BuildFault>) -> (String, Option<u16>) {
    let typed = typed.trim();
    let Some((host, number)) = typed.rsplit_once(':') else { return (typed.to_owned(), None) };
    let port = number.trim().parse().ok();
    if port.is_none() {
        let said = said!(
            "“{text}” is not a host and a port. Write such as `db-1` or `db-1:3307`.",
            "“{text}”不是主机和端口。请写 `db-1` 或 `db-1:3307` 这样的格式。",
            text = quoted(typed)
        );
        fault(faults, of, said);
    }
    (host.trim().to_owned(), port)
}

fn servers(draft: &BuildDraft, faults: &mut Vec<BuildFault>) -> Vec<BuildHost> {
    let primary = said_of(&draft.primary).map(|text| (text, InstanceRole::Primary));
    let replicas = draft.replicas.iter().take(ENTRIES).filter_map(|text| said_of(text));
    let all = primary.into_iter().chain(replicas.map(|text| (text, InstanceRole::Replica)));
    all.map(|(text, role)| {
        let (host, port) = place(&text, BuildPart::Hosts, faults);
        BuildHost { host, role, port }
    })
    .collect()
}

fn proxies(typed: &[String], faults: &mut Vec<BuildFault>) -> Vec<BuildProxy> {
    let texts = typed.iter().take(ENTRIES).filter_map(|text| said_of(text));
    texts
        .map(|text| {
            let (host, write_port) = place(&text, BuildPart::Proxies, faults);
            BuildProxy { host, write_port, read_port: None }
        })
        .collect()
}

fn pool(text: &str, faults: &mut Vec<BuildFault>) -> Option<u32> {
    let text = said_of(text)?;
    let upper = text.to_ascii_uppercase();
    let (digits, times) = match upper.trim_end_matches('B') {
        number if number.ends_with('G') => (number.trim_end_matches('G'), 1_024),
        number => (number.trim_end_matches('M'), 1),
    };
    let read = digits.trim().parse::<u32>().ok().and_then(|number| number.checked_mul(times));
    if read.is_none() {
        let said = said!(
            "“{text}” is not a size of the buffer pool. Write megabytes such as `4096`, or `4G`.",
            "“{text}”不是缓冲池大小。请写以 MB 为单位的数字（例如 `4096`）或 `4G`。",
            text = quoted(&text)
        );
        fault(faults, BuildPart::Memory, said);
    }
    read
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ';', '；']).map(str::trim).filter(|line| !line.is_empty()).take(ENTRIES)
}

fn parameters(text: &str, faults: &mut Vec<BuildFault>) -> BTreeMap<String, String> {
    let mut read = BTreeMap::new();
    for line in lines(text) {
        if let Some((name, value)) = line.split_once('=') {
            read.insert(name.trim().to_owned(), value.trim().to_owned());
            continue;
        }
        let said = said!(
            "“{line}” is not a parameter and its value. Write one a line, such as `max_connections = 500`.",
            "“{line}”不是参数和值。请每行写一个，例如 `max_connections = 500`。",
            line = quoted(line)
        );
        fault(faults, BuildPart::Memory, said);
    }
    read
}

fn semi_sync(text: &str, faults: &mut Vec<BuildFault>) -> Option<bool> {
    let text = said_of(text)?;
    match text.to_lowercase().as_str() {
        "yes" | "on" | "true" | "1" | "是" | "开" => Some(true),
        "no" | "off" | "false" | "0" | "否" | "关" => Some(false),
        _ => {
            let said = said!(
                "Semi-sync is `yes` or `no`, not “{text}”. Leave it empty for what the package says.",
                "半同步应填 `yes` 或 `no`，而不是“{text}”。留空则按套餐。",
                text = quoted(&text)
            );
            fault(faults, BuildPart::Memory, said);
            None
        }
    }
}

fn failover(text: &str, faults: &mut Vec<BuildFault>) -> Option<BuildFailover> {
    let text = said_of(text)?;
    let all = [BuildFailover::Observe, BuildFailover::Confirm, BuildFailover::Auto];
    let read = all.into_iter().find(|one| one.word() == text.to_lowercase());
    if read.is_none() {
        let said = said!(
            "The failover is `observe`, `confirm` or `auto`, not “{text}”. Leave it empty for what the package says.",
            "failover 应为 `observe`、`confirm` 或 `auto`，而不是“{text}”。留空则按套餐。",
            text = quoted(&text)
        );
        fault(faults, BuildPart::Memory, said);
    }
    read
}

/// `10.0.0.50/24 eth0`.
fn vip(text: &str, faults: &mut Vec<BuildFault>) -> Option<BuildVip> {
    let text = said_of(text)?;
    let read = text.split_once('/').and_then(|(address, rest)| {
        let (bits, interface) = rest.trim().split_once(char::is_whitespace)?;
        let (address, interface) = (address.trim().to_owned(), interface.trim().to_owned());
        Some(BuildVip { address, prefix_bits: bits.parse().ok()?, interface })
    });
    if read.is_none() {
        let said = said!(
            "“{text}” is not a virtual IP. Write its address, the bits of its network and its interface, such as `10.0.0.50/24 eth0`.",
            "“{text}”不是虚拟 IP。请填写地址、网络位数和网卡，例如 `10.0.0.50/24 eth0`。",
            text = quoted(&text)
        );
        fault(faults, BuildPart::Addresses, said);
    }
    read
}

/// `NAME`, `NAME read` or `NAME write`, one a line.
fn names(text: &str, faults: &mut Vec<BuildFault>) -> Vec<BuildName> {
    let mut read = Vec::new();
    for line in lines(text) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (name, purpose) = match words.as_slice() {
            [name] | [name, "write" | "写"] => (*name, Some(BuildPurpose::Write)),
            [name, "read" | "读"] => (*name, Some(BuildPurpose::Read)),
            _ => (line, None),
        };
        if let Some(purpose) = purpose {
            read.push(BuildName { name: name.to_owned(), zone: None, purpose, ttl_s: None });
        } else {
            let said = said!(
                "“{line}” is not a name. Write one a line, such as `shop.db.example` for writes or `shop-ro.db.example read` for reads.",
                "“{line}”不是域名。请每行写一个：写域名如 `shop.db.example`，读域名如 `shop-ro.db.example read`。",
                line = quoted(line)
            );
            fault(faults, BuildPart::Addresses, said);
        }
    }
    read
}

fn account(draft: &BuildDraft) -> Option<BuildAccount> {
    let name = said_of(&draft.account)?;
    let level = said_of(&draft.level).unwrap_or_else(|| "rw".to_owned());
    Some(BuildAccount { name, level, from: draft.from.clone(), until: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draft() -> BuildDraft {
        BuildDraft {
            name: "shop".to_owned(),
            primary: "db-1".to_owned(),
            replicas: vec!["db-2:3307".to_owned(), " ".to_owned()],
            buffer_pool_mb: "2G".to_owned(),
            parameters: "max_connections = 500\nsync_binlog=1;".to_owned(),
            semi_sync: "是".to_owned(),
            failover: "Auto".to_owned(),
            proxies: vec!["db-8".to_owned()],
            vip: "10.0.0.50/24  eth0".to_owned(),
            names: "shop.db.example\n\nshop-ro.db.example read".to_owned(),
            database: "shop".to_owned(),
            account: "shop_rw".to_owned(),
            from: "10.1.0.0/16".to_owned(),
            ..BuildDraft::default()
        }
    }

    #[test]
    fn what_people_type_is_read() {
        let (read, faults) = typed(&draft());
        assert_eq!(faults, []);
        assert_eq!((read.hosts[0].port, read.hosts[1].port, read.hosts.len()), (None, Some(3_307), 2));
        assert_eq!((read.buffer_pool_mb, read.semi_sync), (Some(2_048), Some(true)));
        assert_eq!(read.failover, Some(BuildFailover::Auto));
        assert_eq!(read.parameters["sync_binlog"], "1");
        let vip = read.vip.unwrap();
        assert_eq!(
            (vip.address.as_str(), vip.prefix_bits, vip.interface.as_str()),
            ("10.0.0.50", 24, "eth0")
        );
        let purposes: Vec<_> = read.names.iter().map(|name| name.purpose).collect();
        assert_eq!(purposes, [BuildPurpose::Write, BuildPurpose::Read]);
        assert_eq!(read.account.unwrap().level, "rw");
        for (text, mb) in [("4096", 4_096), ("4096 MB", 4_096), ("1gb", 1_024), ("512m", 512)] {
            assert_eq!(pool(text, &mut Vec::new()), Some(mb), "{text}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_quoted_in_both_languages() {
        let wrong = BuildDraft {
            primary: "db-1:port".to_owned(),
            replicas: vec!["db-2:99999".to_owned()],
            buffer_pool_mb: "much".to_owned(),
            parameters: "max_connections 500".to_owned(),
            semi_sync: "perhaps".to_owned(),
            failover: "never".to_owned(),
            proxies: vec!["db-8:".to_owned()],
            vip: "10.0.0.50 eth0".to_owned(),
            names: "shop.db.example readonly please".to_owned(),
            ..draft()
        };
        let (_, faults) = typed(&wrong);
        let told: Vec<String> = faults
            .iter()
            .map(|fault| format!("{:?}: {}\n{}", fault.part, fault.said.en, fault.said.zh))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}") {
            let all = BuildDraft {
                primary: text.clone(), replicas: vec![text.clone()], buffer_pool_mb: text.clone(), parameters: text.clone(),
                semi_sync: text.clone(), failover: text.clone(), proxies: vec![text.clone()], vip: text.clone(), names: text,
                ..BuildDraft::default()
            };
            let _ = typed(&all);
        }
    }
}
