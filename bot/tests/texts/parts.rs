//! A service group's parts as chat shows them, and what each command asks for.

use crate::people::read;
use dbdesk_bot::{
    handle::workflow_file::change,
    inbound::parts::{ChangeVerb, Typed},
    reply::{clusters, parts},
};
use dbdesk_commands::{
    lang::Lang,
    wire::workflow::{NamePart, NamePurpose, PartsView, ProxyPart, VipPart},
};
use std::fmt::Write as _;

fn view() -> PartsView {
    PartsView {
        service_group: "shop".to_owned(),
        version: 7,
        servers: Vec::new(),
        proxies: vec![
            ProxyPart {
                proxy: "10.0.1.1:3306".to_owned(),
                kind: "haproxy".to_owned(),
                admin: "/run/haproxy`@everyone.sock".to_owned(),
                read_port: Some(3307),
                writer: "10.0.0.1:3306".to_owned(),
                readers: vec!["10.0.0.2:3306".to_owned(), "10.0.0.3:3306".to_owned()],
            },
            ProxyPart {
                proxy: "10.0.1.2:3306".to_owned(),
                kind: "proxysql".to_owned(),
                admin: "10.0.1.2:6032".to_owned(),
                read_port: None,
                writer: "10.0.0.1:3306".to_owned(),
                readers: Vec::new(),
            },
        ],
        vips: vec![VipPart {
            vip: "10.0.9.9".to_owned(),
            interface: "eth0".to_owned(),
            hosts: vec!["px-1".to_owned(), "px-2".to_owned()],
            purpose: NamePurpose::Write,
        }],
        names: vec![NamePart {
            name: "shop.db.example".to_owned(),
            zone: "db.example".to_owned(),
            ttl_s: 5,
            purpose: NamePurpose::Read,
            leads_to: "10.0.9.9".to_owned(),
        }],
    }
}

#[test]
fn parts_in_both_languages() {
    let mut all = String::new();
    let none = PartsView { proxies: Vec::new(), vips: Vec::new(), names: Vec::new(), ..view() };
    for lang in [Lang::En, Lang::Zh] {
        for message in [
            parts::proxies(&view(), lang),
            parts::vips(&view(), lang),
            parts::names(&view(), lang),
            parts::proxies(&none, lang),
            parts::vips(&none, lang),
            parts::names(&none, lang),
            clusters::servers(&crate::clusters::topology(), lang),
        ] {
            all += &read(&message);
            all.push_str("──\n");
        }
    }
    insta::assert_snapshot!(all);
}

fn typed(verb: ChangeVerb, weight: &str) -> Typed {
    let text = |text: &str| text.to_owned();
    Typed {
        verb,
        group: text("shop"),
        reason: text("as agreed"),
        time: text(""),
        server: text(" 10.0.0.2:3306 "),
        proxy: text(""),
        vip: text("10.0.9.9"),
        name: text("shop.db.example"),
        to: text("10.0.0.3, 10.0.0.4"),
        source: text("10.0.0.1:3306"),
        host: text("db-4"),
        port: text(""),
        from: text(""),
        by: text("dump"),
        memory: text("512"),
        weight: text(weight),
        values: text("max_connections=300 transaction_isolation=\"READ-COMMITTED\""),
        set: text("off"),
        purpose: text("read"),
        zone: text(""),
        ttl: text("30"),
        lag: text("3"),
        database: text("shop"),
        table: text("orders"),
        until: text("2026-11-28 14:05"),
        becomes: text(""),
    }
}

#[test]
fn each_command_asks_for_one_change() {
    use ChangeVerb as V;
    let all = [
        V::ClusterSwitchover,
        V::ClusterAddReplica,
        V::ClusterRemoveReplica,
        V::ClusterRetire,
        V::ClusterParameters,
        V::ClusterRestart,
        V::ClusterBackup,
        V::ClusterRestoreTable,
        V::ClusterCompare,
        V::ProxyHold,
        V::ProxyPoint,
        V::ProxyDrain,
        V::ProxyReady,
        V::ProxyWeight,
        V::ProxyAdd,
        V::ProxyRemove,
        V::VipMove,
        V::VipRelease,
        V::DnsSet,
        V::DnsRemove,
        V::InstanceStart,
        V::InstanceStop,
        V::InstanceReadOnly,
        V::InstanceFollow,
        V::InstanceParameters,
    ];
    let mut told = String::new();
    for verb in all {
        let asked = change(&typed(verb, "20")).unwrap();
        writeln!(told, "{verb:?}: {}", serde_json::to_string(&asked).unwrap()).unwrap();
    }
    for weight in ["", "many", "-1", "256"] {
        let read = change(&typed(V::ProxyWeight, weight)).map_err(|said| said.zh);
        writeln!(told, "weight {weight}: {read:?}").unwrap();
    }
    insta::assert_snapshot!(told);
}
