//! Service groups as chat shows them, in both languages.

use crate::people::read;
use chrono::{TimeZone as _, Utc};
use dbdesk_bot::reply::clusters;
use dbdesk_commands::{
    id::TicketId,
    lang::{Lang, Said},
    wire::group::{
        FrontLayer, FrontView, GroupHistory, GroupPage, GroupVersion, GroupView, InstanceLive, InstanceRole,
        InstanceView, Topology,
    },
};

fn group(name: &str) -> GroupView {
    GroupView {
        name: name.to_owned(),
        environment: "production".to_owned(),
        team: Some("store-front".to_owned()),
        flavour: "mariadb-10.11".to_owned(),
        time_zone: "UTC".to_owned(),
        databases: vec!["shop".to_owned(), "audit".to_owned()],
    }
}

fn live(read_only: bool, replicating: Option<bool>, lag_ms: Option<u64>) -> InstanceLive {
    InstanceLive {
        version: "10.11.6-MariaDB".to_owned(),
        read_only,
        gtid: String::new(),
        lag_ms,
        replicating,
        server_id: 1,
        may_look: true,
        source: None,
        semi_sync: None,
        trouble: replicating.filter(|runs| !runs).map(|_| "Duplicate entry '7' `@everyone`".to_owned()),
    }
}

fn instance(host: &str, role: InstanceRole, live: Option<InstanceLive>) -> InstanceView {
    let unreachable = live.is_none().then(|| "connection refused".to_owned());
    let state = if host == "db-4" { "drained" } else { "in_service" };
    InstanceView {
        host: host.to_owned(),
        port: 3306,
        role,
        live,
        unreachable,
        state: state.to_owned(),
        weight: None,
    }
}

pub fn topology() -> Topology {
    let front = |layer, name: &str, leads_to: &str| FrontView {
        layer,
        name: name.to_owned(),
        leads_to: leads_to.to_owned(),
    };
    Topology {
        group: group("shop"),
        instances: vec![
            instance("db-1", InstanceRole::Primary, Some(live(false, None, None))),
            instance("db-2", InstanceRole::Replica, Some(live(true, Some(true), Some(1_500)))),
            instance("db-3", InstanceRole::Replica, Some(live(true, Some(false), None))),
            instance("db-4", InstanceRole::Replica, None),
            instance("db-5", InstanceRole::Replica, Some(live(false, None, None))),
        ],
        failover: "confirm".to_owned(),
        package: Some("a".to_owned()),
        front: vec![
            front(FrontLayer::Dns, "shop.db.example", "write"),
            front(FrontLayer::Vip, "10.0.1.1", "write"),
            front(FrontLayer::Proxy, "10.0.0.9 (haproxy)", "write 3306, read 3307"),
        ],
        differences: vec![Said::fixed("The replica db-5:3306 takes writes.", "从库 db-5:3306 可写。")],
        version: 7,
    }
}

fn history() -> GroupHistory {
    let version = |version: u64, ticket, changes: Option<&str>| GroupVersion {
        version,
        at: Utc.with_ymd_and_hms(2026, 11, 28, 9, 0, 0).unwrap(),
        person: None,
        actor: "desk".to_owned(),
        ticket,
        why: "repaired".to_owned(),
        changes: changes.map(str::to_owned),
        spec: String::new(),
    };
    let changed = "-- …\n host = \"a\"\n-role = \"primary\"\n+role = \"replica\"\n+```@everyone\n";
    GroupHistory {
        versions: vec![version(2, Some(TicketId(4)), Some(changed)), version(1, None, None)],
        more: true,
    }
}

#[test]
fn service_groups_in_both_languages() {
    let mut all = String::new();
    for lang in [Lang::En, Lang::Zh] {
        let page = |n: usize| GroupPage { groups: (0..n).map(|at| group(&format!("shop-{at}"))).collect() };
        let same =
            Topology { differences: Vec::new(), instances: Vec::new(), front: Vec::new(), ..topology() };
        let none = GroupHistory { versions: Vec::new(), more: false };
        for message in [
            clusters::list(&page(0), lang),
            clusters::list(&page(26), lang),
            clusters::show(&topology(), lang),
            clusters::show(&same, lang),
            clusters::picture("shop", vec![1, 2, 3], lang),
            clusters::history("shop", &history(), lang),
            clusters::history("shop", &none, lang),
        ] {
            all += &read(&message);
            all.push_str("──\n");
        }
    }
    insta::assert_snapshot!(all);
}
