use super::*;
use crate::step::Step;
use dbdesk_cmdb::{GroupStage, Reach, inventory};
use dbdesk_commands::wire::{
    cluster::{
        BuildAccount, BuildDatabase, BuildFailover, BuildHost, BuildName, BuildProxy, BuildPurpose, BuildVip,
    },
    group::InstanceRole,
};
use proptest::prelude::*;
use std::fmt::Write as _;

fn package(name: &str) -> Package {
    let text = match name {
        "a" => include_str!("../../../../packages/a.toml"),
        "b" => include_str!("../../../../packages/b.toml"),
        "c" => include_str!("../../../../packages/c.toml"),
        _ => include_str!("../../../../packages/d.toml"),
    };
    Package::parse(name, text).unwrap()
}

/// `db-1` to `db-9`, with addresses of one network, and `far`, which has a name only.
fn hosts() -> Vec<Host> {
    let host = |name: &str, address: &str, memory_mb| Host {
        name: name.to_owned(),
        address: address.to_owned(),
        reach: Reach::Here,
        folder: "/srv/dbdesk".to_owned(),
        user: "mysql".to_owned(),
        memory_mb,
        labels: Vec::new(),
    };
    let mut all: Vec<Host> =
        (1..=9).map(|n| host(&format!("db-{n}"), &format!("10.0.0.{n}"), Some(4_096))).collect();
    all.push(host("far", "far.example", None));
    all
}

fn server(host: &str, role: InstanceRole) -> BuildHost {
    BuildHost { host: host.to_owned(), role, port: None }
}

fn name(name: &str, purpose: BuildPurpose) -> BuildName {
    BuildName { name: name.to_owned(), zone: None, purpose, ttl_s: None }
}

/// A good request of each package.
fn request(package: &str) -> BuildRequest {
    let proxy = |host: &str| BuildProxy { host: host.to_owned(), write_port: None, read_port: None };
    let replicas: &[&str] = if package == "d" { &[] } else { &["db-2", "db-3"] };
    let mut servers = vec![server("db-1", InstanceRole::Primary)];
    servers.extend(replicas.iter().map(|host| server(host, InstanceRole::Replica)));
    let vip = BuildVip { address: "10.0.0.50".to_owned(), prefix_bits: 24, interface: "eth0".to_owned() };
    let names =
        [name("shop.db.example", BuildPurpose::Write), name("shop-ro.db.example", BuildPurpose::Read)];
    BuildRequest {
        name: "shop".to_owned(),
        environment: "production".to_owned(),
        team: Some("store-front".to_owned()),
        reason: "a new shop".to_owned(),
        package: package.to_owned(),
        hosts: servers,
        proxies: if matches!(package, "a" | "b") { vec![proxy("db-8"), proxy("db-9")] } else { Vec::new() },
        vip: (package == "a").then_some(vip),
        names: if package == "d" { Vec::new() } else { names.to_vec() },
        database: Some(BuildDatabase { name: "shop".to_owned(), charset: None }),
        ..BuildRequest::default()
    }
}

fn plan(request: &BuildRequest, package: &Package) -> Result<Planned, Vec<BuildFault>> {
    let (hosts, taken) = (hosts(), Taken::default());
    planned(request, package, &Known { hosts: &hosts, zones: &["db.example".to_owned()], taken: &taken })
}

#[test]
fn each_package_is_built_by_these_steps() {
    let mut told = String::new();
    for name in ["a", "b", "c", "d"] {
        let planned = plan(&request(name), &package(name)).unwrap();
        writeln!(told, "{}", planned.workflow.text()).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_group_is_in_the_inventory_while_it_is_built_and_in_service_at_the_end() {
    let planned = plan(&request("a"), &package("a")).unwrap();
    assert_eq!(planned.group.stage, GroupStage::Building);
    assert_eq!(inventory::faults_of(&planned.group), []);
    let Some(Step::Inventory { becomes, was }) = planned.workflow.steps.last() else {
        panic!("no last step")
    };
    assert_eq!((&**was, becomes.stage), (&planned.group, GroupStage::InService));
    assert_eq!(planned.workflow.seen, 1);
    let again: BuildRequest = serde_json::from_str(planned.workflow.document.as_deref().unwrap()).unwrap();
    assert_eq!(again, planned.whole);
    assert_eq!(plan(&again, &package("a")).unwrap(), planned, "the document asks for the same");
    assert_eq!(planned.whole.buffer_pool_mb, Some(2_867), "70 % of 4096");
}

#[test]
fn a_server_that_can_wait_for_replicas_is_made_so_on_each_flavour() {
    for (flavour, option) in
        [("mariadb-10.11", "rpl_semi_sync_slave_enabled"), ("mysql-8.4", "rpl_semi_sync_replica_enabled")]
    {
        let asked = BuildRequest { flavour: Some(flavour.to_owned()), ..request("a") };
        let steps = plan(&asked, &package("a")).unwrap().workflow.steps;
        let Step::MakeInstance { spec, .. } = &steps[0] else { panic!("{:?}", steps[0]) };
        assert_eq!(spec.parameters[option], "ON");
    }
}

/// What is changed of a good request of a package.
type Change = fn(&mut BuildRequest);

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_fault_says_what_to_do_in_both_languages() {
    let other = inventory::read(
        "[[group]]\nname = \"other\"\nenvironment = \"production\"\nflavour = \"mariadb-10.11\"\ntime_zone = \"UTC\"\ndatabases = [\"x\"]\n\
         [[group.instance]]\nhost = \"10.0.0.4\"\nport = 3306\nrole = \"primary\"\n\
         [[group.proxy]]\nhost = \"10.0.0.5\"\nkind = \"haproxy\"\nadmin = \"/a\"\nwrite_port = 3306\nread_port = 3307\n\
         [[group.vip]]\naddress = \"10.0.0.60\"\nprefix_bits = 24\ninterface = \"eth0\"\nhosts = [\"db-5\"]\n\
         [[group.name_in_dns]]\nname = \"other.db.example\"\nzone = \"db.example\"\nttl_s = 5\n",
    )
    .unwrap();
    let taken = Taken::of(&other.groups);
    let account = |name: &str, level: &str, from: &str| {
        Some(BuildAccount {
            name: name.to_owned(),
            level: level.to_owned(),
            from: from.to_owned(),
            until: None,
        })
    };
    let table: [(&str, &str, Change); 27] = [
        ("a", "nothing said", |it| *it = BuildRequest { package: "a".to_owned(), ..BuildRequest::default() }),
        ("d", "a name that is taken", |it| it.name = "other".to_owned()),
        ("d", "no name, environment, zone", |it| {
            it.name = "All Groups".to_owned();
            it.environment = "Prod\n1".to_owned();
            it.time_zone = Some("Asia/Atlantis".to_owned());
            it.labels = vec!["Zone North".to_owned()];
        }),
        ("d", "a flavour that it has not", |it| it.flavour = Some("mysql-5.7".to_owned())),
        ("d", "a host that is not there", |it| it.hosts[0].host = "db-11".to_owned()),
        ("d", "a replica too many, no primary", |it| it.hosts[0].role = InstanceRole::Replica),
        ("a", "one replica", |it| {
            it.hosts.pop();
        }),
        ("a", "two on one host", |it| it.hosts[2].host = "db-2".to_owned()),
        ("d", "a port that is taken", |it| it.hosts[0].host = "db-4".to_owned()),
        ("c", "two ports behind one name", |it| it.hosts[1].port = Some(3_307)),
        ("d", "nobody to take over", |it| {
            it.semi_sync = Some(true);
            it.failover = Some(BuildFailover::Auto);
        }),
        ("d", "too much memory", |it| it.buffer_pool_mb = Some(4_000)),
        ("d", "too little memory", |it| it.buffer_pool_mb = Some(16)),
        ("d", "memory that is not known", |it| it.hosts[0].host = "far".to_owned()),
        ("d", "parameters out of bounds, unknown", |it| {
            it.parameters.insert("max_connections".to_owned(), "1000000".to_owned());
            it.parameters
                .insert("innodb_flush_log_at_trx_commit".to_owned(), "yes\nplugin_load=x".to_owned());
            it.parameters.insert("max_connection".to_owned(), "5".to_owned());
        }),
        ("d", "proxies, a virtual IP and names where there are none", |it| {
            let all = request("a");
            (it.proxies, it.vip, it.names) = (all.proxies, all.vip, all.names);
        }),
        ("a", "one proxy, with one port", |it| {
            it.proxies.pop();
            it.proxies[0].read_port = Some(3_306);
        }),
        ("a", "two proxies on one host, one that is not there", |it| {
            it.proxies[1].host = "db-8".to_owned();
            it.proxies.push(BuildProxy { host: "dbx".to_owned(), write_port: None, read_port: None });
        }),
        ("a", "proxies on ports that are taken", |it| {
            it.proxies[0].host = "db-5".to_owned();
            it.proxies[1].host = "db-1".to_owned();
        }),
        ("a", "no virtual IP, no name", |it| {
            it.vip = None;
            it.names.clear();
        }),
        ("a", "no address", |it| it.vip.as_mut().unwrap().address = "10.0.0.500".to_owned()),
        ("a", "an address that is taken, no interface", |it| {
            let vip = it.vip.as_mut().unwrap();
            (vip.address, vip.interface) = ("10.0.0.60".to_owned(), "eth0; reboot".to_owned());
        }),
        ("a", "the address of a host, of another network", |it| {
            let vip = it.vip.as_mut().unwrap();
            (vip.address, vip.prefix_bits) = ("10.0.0.2".to_owned(), 29);
        }),
        ("c", "names outside of their zone, taken, twice", |it| {
            it.names[0].zone = Some("db.elsewhere".to_owned());
            it.names[1].name = "other.db.example.".to_owned();
            it.names.push(name("shop.other.zone", BuildPurpose::Read));
            it.names.push(name("Shop.other.zone", BuildPurpose::Read));
        }),
        ("b", "an even number of addresses, one of which is a name", |it| {
            it.proxies[1].host = "far".to_owned();
        }),
        ("d", "no database, a bad one", |it| {
            it.database = Some(BuildDatabase { name: "mysql".to_owned(), charset: Some("utf9".to_owned()) });
        }),
        ("d", "a bad account", |_| {}),
    ];
    let hosts = hosts();
    let zones = ["db.example".to_owned()];
    let mut told = String::new();
    for (name, what, change) in table {
        let mut asked = request(name);
        change(&mut asked);
        if what == "a bad account" {
            asked.account = account("Shop!", "god", "");
        }
        let known = Known { hosts: &hosts, zones: &zones, taken: &taken };
        let faults = planned(&asked, &package(name), &known).expect_err(what);
        writeln!(told, "── {name}: {what}").unwrap();
        for BuildFault { part, said } in faults {
            writeln!(told, "{part:?}: {}\n{part:?}：{}", said.en, said.zh).unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_still_incomplete_can_be_drawn() {
    let asked =
        BuildRequest { hosts: vec![server("nowhere", InstanceRole::Replica)], ..BuildRequest::default() };
    let package = package("a");
    let group = sketch(&whole(&asked, &package, &hosts()), &package, &hosts());
    let drawn = crate::picture::svg(&group, &[]);
    assert!(drawn.contains("nowhere:3306") && drawn.contains("planned"));
}

/// What a step makes that would be left behind.
fn made(step: &Step) -> bool {
    matches!(
        step,
        Step::MakeInstance { .. }
            | Step::StartInstance { .. }
            | Step::Server(_)
            | Step::MakeDatabase { .. }
            | Step::MakeProxy { .. }
            | Step::TakeVip { .. }
            | Step::PutName { .. }
            | Step::Monitor { .. }
            | Step::Inventory { .. }
    )
}

fn any_request() -> impl Strategy<Value = BuildRequest> {
    let host = prop_oneof![9 => (1..=9_u8).prop_map(|n| format!("db-{n}")), 1 => Just("far".to_owned())];
    let port = prop_oneof![4 => Just(None), 1 => (3_306..3_310_u16).prop_map(Some)];
    let servers = proptest::collection::vec((host.clone(), port.clone()), 0..5);
    let proxies = proptest::collection::vec((host, port), 0..3);
    (
        prop_oneof!["a", "b", "c", "d"],
        servers,
        proxies,
        any::<[Option<bool>; 2]>(),
        any::<[bool; 3]>(),
        0..70_u8,
    )
        .prop_map(|(package, servers, proxies, [semi_sync, monitoring], [read, vip, usual], last)| {
            let good = request(&package);
            let roles =
                std::iter::once(InstanceRole::Primary).chain(std::iter::repeat(InstanceRole::Replica));
            let hosts =
                servers.into_iter().zip(roles).map(|((host, port), role)| BuildHost { host, role, port });
            let in_front = |(host, write_port)| BuildProxy { host, write_port, read_port: None };
            BuildRequest {
                hosts: if usual { good.hosts.clone() } else { hosts.collect() },
                proxies: if usual {
                    good.proxies.clone()
                } else {
                    proxies.into_iter().map(in_front).collect()
                },
                vip: good
                    .vip
                    .clone()
                    .filter(|_| vip || usual)
                    .map(|it| BuildVip { address: format!("10.0.0.{last}"), ..it }),
                names: good
                    .names
                    .iter()
                    .filter(|it| read || it.purpose == BuildPurpose::Write)
                    .cloned()
                    .collect(),
                semi_sync,
                monitoring,
                ..good
            }
        })
}

proptest! {
    #[test]
    fn what_passes_is_taken_back_without_a_rest(asked in any_request()) {
        let package = package(&asked.package);
        let Ok(planned) = plan(&asked, &package) else { return Ok(()) };
        prop_assert_eq!(inventory::faults_of(&planned.group), []);
        let steps = &planned.workflow.steps;
        for ran in 0..=steps.len() {
            let undone = planned.workflow.undone(ran, 1).map_or_else(Vec::new, |undone| undone.steps);
            let mut left: Vec<Step> = steps[..ran].iter().filter(|step| made(step)).cloned().collect();
            // The last that was made is the first that is taken back, and nothing else is done.
            for back in undone {
                let last = left.pop();
                prop_assert_eq!(last.as_ref().and_then(Step::inverse), Some(back));
            }
            prop_assert_eq!(left, []);
        }
        let mut ids: Vec<u32> = steps.iter().filter_map(|step| match step {
            Step::MakeInstance { spec, .. } => Some(spec.server_id),
            _ => None,
        }).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), count);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}", number in any::<u32>(), port in any::<u16>()) {
        let mut asked = request("a");
        for one in [&mut asked.name, &mut asked.environment, &mut asked.reason] {
            one.clone_from(&text);
        }
        asked.hosts[1] = BuildHost { host: text.clone(), role: InstanceRole::Replica, port: Some(port) };
        asked.names[0].name.clone_from(&text);
        asked.names[1].zone = Some(text.clone());
        asked.vip = Some(BuildVip { address: text.clone(), prefix_bits: port.to_le_bytes()[0], interface: text.clone() });
        asked.parameters.insert(text.clone(), text.clone());
        asked.buffer_pool_mb = Some(number);
        let faults = plan(&asked, &package("a"));
        prop_assert!(faults.is_err());
        let again: BuildRequest = serde_json::from_str(&serde_json::to_string(&asked).unwrap()).unwrap();
        prop_assert_eq!(again, asked);
    }
}
