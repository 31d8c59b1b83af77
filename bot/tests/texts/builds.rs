//! `/cluster build`: each page in both languages, and whatever was typed.

use crate::{limits::check, sample::read};
use dbdesk_bot::{
    inbound::builds::Page,
    reply::{builds, modal},
};
use dbdesk_commands::{
    lang::{Lang, Said},
    wire::{
        cluster::{
            BuildCheck, BuildDraft, BuildDraftView, BuildFailover, BuildFault, BuildHost, BuildPart,
            BuildProxy, BuildRequest, HostView, PackageView, ParameterOption,
        },
        group::InstanceRole,
    },
};
use proptest::prelude::*;

fn package(name: &str, title: &str, layers: &[&str]) -> PackageView {
    let has_proxy = layers.contains(&"proxy");
    PackageView {
        name: name.to_owned(),
        title: title.to_owned(),
        text: Some("For **production**.".to_owned()),
        layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
        flavours: vec!["mariadb-10.11".to_owned()],
        replicas: "2–8".to_owned(),
        most_replicas: 8,
        proxies: has_proxy.then(|| "2–4".to_owned()),
        most_proxies: if has_proxy { 4 } else { 0 },
        parameters: vec![ParameterOption {
            name: "max_connections".to_owned(),
            takes: "50–20000".to_owned(),
            usual: Some("1000".to_owned()),
        }],
    }
}

fn view() -> BuildDraftView {
    let draft = BuildDraft {
        name: "shop".to_owned(),
        environment: "production".to_owned(),
        reason: "a new shop".to_owned(),
        package: "A".to_owned(),
        primary: "db-1".to_owned(),
        replicas: vec!["db-2:3307".to_owned(), "db-3".to_owned()],
        proxies: vec!["db-4".to_owned()],
        vip: "10.0.0.50/24 eth0".to_owned(),
        names: "shop.db.example\nshop-ro.db.example read".to_owned(),
        database: "shop".to_owned(),
        account: "shop_rw".to_owned(),
        level: "rw".to_owned(),
        from: "10.1.0.0/16".to_owned(),
        ..BuildDraft::default()
    };
    let request = BuildRequest {
        name: "shop".to_owned(),
        package: "a".to_owned(),
        flavour: Some("mariadb-10.11".to_owned()),
        hosts: vec![BuildHost { host: "db-1".to_owned(), role: InstanceRole::Primary, port: Some(3_306) }],
        buffer_pool_mb: Some(2_867),
        parameters: [("max_connections".to_owned(), "1000".to_owned())].into(),
        semi_sync: Some(true),
        failover: Some(BuildFailover::Confirm),
        proxies: vec![BuildProxy {
            host: "db-4".to_owned(),
            write_port: Some(3_306),
            read_port: Some(3_307),
        }],
        ..BuildRequest::default()
    };
    let host = |number: u32| HostView {
        name: format!("db-{number}"),
        address: format!("10.0.0.{number}"),
        memory_mb: (number < 5).then_some(4_096),
        labels: vec!["zone-north".to_owned()],
        taken: number % 2,
    };
    BuildDraftView {
        id: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        version: 3,
        draft,
        check: BuildCheck {
            faults: Vec::new(),
            request: Some(request),
            steps: vec![
                Said::fixed("Make 10.0.0.1:3306 on db-1", "在 db-1 上创建实例 10.0.0.1:3306"),
                Said::fixed("Start 10.0.0.1:3306", "启动 10.0.0.1:3306"),
            ],
            picture: "<svg/>".to_owned(),
        },
        packages: vec![
            package("a", "DNS → virtual IP → HAProxy → primary and two replicas", &["dns", "vip", "proxy"]),
            package("d", "One server", &[]),
        ],
        hosts: (1..=6).map(host).collect(),
        more_hosts: true,
    }
}

#[test]
fn each_page_of_the_wizard_in_both_languages() {
    let mut told = String::new();
    for lang in [Lang::En, Lang::Zh] {
        for page in builds::pages(&view()) {
            told += &read(&builds::page(&view(), page, Some(vec![1, 2, 3]), lang));
            told += "────\n";
        }
        told += &read(&builds::cancelled(lang));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_wrong_stands_on_its_page_and_all_of_it_on_the_last() {
    let fault = |part, en: &'static str, zh: &'static str| BuildFault { part, said: Said::fixed(en, zh) };
    let mut wrong = view();
    wrong.draft.buffer_pool_mb = "much".to_owned();
    wrong.check.steps.clear();
    wrong.check.faults = vec![
        fault(BuildPart::Identity, "There is a service group “shop” already.", "服务组“shop”已经存在。"),
        fault(BuildPart::Memory, "“much” is not a size of the buffer pool.", "“much”不是缓冲池大小。"),
    ];
    let mut told = String::new();
    for lang in [Lang::En, Lang::Zh] {
        for page in [Page::Package, Page::Hosts, Page::Memory, Page::Review] {
            told += &read(&builds::page(&wrong, page, None, lang));
        }
        // What was typed comes back in the form.
        let form = serde_json::to_value(modal::of_build(Page::Memory, &wrong, lang)).unwrap();
        assert!(form.to_string().contains("much"), "{form:#}");
    }
    assert!(!told.contains("[File]") && !told.contains("[提交]"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn a_package_without_layers_has_fewer_pages_and_none_has_one() {
    let mut small = view();
    small.draft.package = "d".to_owned();
    assert_eq!(builds::pages(&small), [Page::Package, Page::Hosts, Page::Memory, Page::First, Page::Review]);
    // A button of another package's page leads to the nearest that is there.
    let shown = read(&builds::page(&small, Page::Addresses, None, Lang::En));
    assert!(shown.contains("3 of 5"), "{shown}");
    small.draft.package = "z".to_owned();
    assert_eq!(builds::pages(&small), [Page::Package]);
    assert!(!read(&builds::page(&small, Page::Review, None, Lang::En)).contains("[Next]"));
}

proptest! {
    #[test]
    fn whatever_was_typed_discord_takes_the_page_and_the_form(text in "\\PC{0,300}", many in 0_usize..40) {
        let mut wild = view();
        let draft = &mut wild.draft;
        for field in [&mut draft.name, &mut draft.reason, &mut draft.vip, &mut draft.names, &mut draft.primary, &mut draft.database] {
            field.clone_from(&text);
        }
        draft.replicas = vec![text.clone(); many];
        let host = HostView { name: text.clone(), ..wild.hosts[0].clone() };
        wild.hosts.extend((0..many).map(|number| HostView { name: format!("h-{number}"), ..host.clone() }));
        wild.packages[0].title.clone_from(&text);
        wild.check.faults = vec![BuildFault { part: BuildPart::Hosts, said: Said { en: text.clone().into(), zh: text.clone().into() } }; many];
        wild.check.steps = vec![Said { en: text.clone().into(), zh: text.clone().into() }; many];
        for page in Page::ALL {
            for lang in [Lang::En, Lang::Zh] {
                check(builds::page(&wild, page, Some(vec![1]), lang))?;
                let form = serde_json::to_value(modal::of_build(page, &wild, lang)).unwrap();
                prop_assert!(form["components"].as_array().is_some_and(|rows| (1..=5).contains(&rows.len())));
            }
        }
    }
}
