//! What people read of each plan, of its way back, and of what speaks against it.

use super::{Subject, add_replica, parameters, part, remove_replica, retire, switchover};
use crate::{
    step::{LeadsTo, Reading},
    workflow::Workflow,
};
use dbdesk_cmdb::{
    DnsName, GroupStage, Host, InstanceState, Proxy, ProxyKind, Purpose, Reach, ServiceGroup, inventory,
};
use dbdesk_commands::lang::Said;
use std::{collections::BTreeMap, fmt::Write as _};

pub(super) fn host(name: &str, address: &str) -> Host {
    Host {
        name: name.to_owned(),
        address: address.to_owned(),
        reach: Reach::Here,
        folder: "/srv/dbdesk".to_owned(),
        user: "mysql".to_owned(),
        memory_mb: Some(4_096),
        labels: Vec::new(),
    }
}

pub(super) fn proxy(host: &str) -> Proxy {
    Proxy {
        host: host.to_owned(),
        kind: ProxyKind::Haproxy,
        admin: "/run/haproxy.sock".to_owned(),
        write_port: 6446,
        read_port: Some(6447),
        hostgroups: None,
    }
}

/// With names, a virtual IP and two proxies before a primary and two replicas.
fn shop() -> (ServiceGroup, Vec<Host>) {
    let text = r#"
[[group]]
name = "shop"
environment = "production"
flavour = "mariadb-10.11"
time_zone = "UTC"
databases = ["shop"]
package = "a"
semi_sync = true
[[group.instance]]
host = "10.0.0.1"
port = 3306
role = "primary"
[[group.instance]]
host = "10.0.0.2"
port = 3306
role = "replica"
[[group.instance]]
host = "10.0.0.3"
port = 3306
role = "replica"
weight = 50
[[group.proxy]]
host = "10.0.1.1"
kind = "haproxy"
admin = "/run/haproxy-1.sock"
write_port = 6446
read_port = 6447
[[group.proxy]]
host = "10.0.1.2"
kind = "haproxy"
admin = "/run/haproxy-2.sock"
write_port = 6446
read_port = 6447
[[group.vip]]
address = "10.0.9.9"
prefix_bits = 24
interface = "eth0"
hosts = ["px-1", "px-2"]
[[group.name_in_dns]]
name = "shop.db.example"
zone = "db.example"
ttl_s = 5
"#;
    let group = inventory::read(text).unwrap().groups.remove(0);
    let hosts = vec![
        host("db-1", "10.0.0.1"),
        host("db-2", "10.0.0.2"),
        host("db-3", "10.0.0.3"),
        host("db-4", "10.0.0.4"),
        host("px-1", "10.0.1.1"),
        host("px-2", "10.0.1.2"),
    ];
    (group, hosts)
}

/// Names that lead straight to the servers.
fn plain() -> (ServiceGroup, Vec<Host>) {
    let (mut group, hosts) = shop();
    (group.proxies, group.vips, group.semi_sync) = (Vec::new(), Vec::new(), None);
    let read =
        DnsName { name: "shop-read.db.example".to_owned(), purpose: Purpose::Read, ..group.names[0].clone() };
    group.names.push(read);
    (group, hosts)
}

fn subject((group, hosts): &(ServiceGroup, Vec<Host>)) -> Subject<'_> {
    Subject { group, seen: 3, hosts }
}

fn told(found: &Result<Workflow, Vec<Said>>) -> String {
    match found {
        Ok(workflow) => {
            let again: Workflow = serde_json::from_str(&serde_json::to_string(workflow).unwrap()).unwrap();
            assert_eq!(&again, workflow);
            let back = workflow.undone(workflow.steps.len(), 4).map_or_else(String::new, |back| back.text());
            format!("{}{back}", workflow.text())
        }
        Err(faults) => faults.iter().fold(String::new(), |mut all, fault| {
            let _ = writeln!(all, "✗ {}\n  {}", fault.en, fault.zh);
            all
        }),
    }
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_switchover_hands_over_what_was_written_and_can_be_handed_back() {
    let (shop, plain) = (shop(), plain());
    let to = switchover::Choice::to("10.0.0.3:3306");
    let behind_proxies = switchover::switchover(&subject(&shop), &to);
    let straight = switchover::switchover(&subject(&plain), &switchover::Choice::to("db-2:3306"));
    insta::assert_snapshot!(format!("{}════\n{}", told(&behind_proxies), told(&straight)));
}

#[test]
fn a_switchover_is_refused_with_all_that_speaks_against_it() {
    let mut shop = shop();
    shop.0.instances[1].state = InstanceState::Building;
    let wrong: String = ["10.0.0.1:3306", "10.0.0.9:3306", "10.0.0.3:3306"]
        .iter()
        .map(|to| told(&switchover::switchover(&subject(&shop), &switchover::Choice::to(to))))
        .collect();
    shop.0.stage = GroupStage::Retired;
    let retired = told(&switchover::switchover(&subject(&shop), &switchover::Choice::to("nobody:1")));
    insta::assert_snapshot!(format!("{wrong}════\n{retired}"));
}

#[test]
fn a_replica_comes_and_goes() {
    let (shop, plain) = (shop(), plain());
    let none = BTreeMap::new();
    let choice = add_replica::Choice {
        host: "db-4",
        port: 3306,
        from: None,
        by: None,
        buffer_pool_mb: None,
        parameters: &none,
        server_ids: &[1, 2, 7],
        weight: Some(25),
    };
    let added = add_replica::add_replica(&subject(&shop), &choice);
    let to_names = add_replica::add_replica(&subject(&plain), &choice);
    let removed = remove_replica::remove_replica(&subject(&shop), "10.0.0.3:3306", 1);
    let from_names = remove_replica::remove_replica(&subject(&plain), "10.0.0.3:3306", 1);
    let all = [added, to_names, removed, from_names];
    insta::assert_snapshot!(all.iter().map(told).collect::<Vec<_>>().join("════\n"));
}

#[test]
fn a_replica_that_can_not_be_added_or_spared_is_refused() {
    let mut shop = shop();
    let options = values(&[("port", "1"), ("max_connections", "many")]);
    let choice = add_replica::Choice {
        host: "db-3",
        port: 3306,
        from: Some("10.0.0.8:3306"),
        by: Some(crate::step::CopyBy::Clone),
        buffer_pool_mb: Some(4_000),
        parameters: &options,
        server_ids: &[],
        weight: None,
    };
    let mut all = told(&add_replica::add_replica(&subject(&shop), &choice));
    let nowhere = add_replica::Choice { host: "db-9", ..choice };
    all.push_str(&told(&add_replica::add_replica(&subject(&shop), &nowhere)));
    for (named, least) in [("10.0.0.1:3306", 1), ("10.0.0.2:3306", 2)] {
        all.push_str(&told(&remove_replica::remove_replica(&subject(&shop), named, least)));
    }
    shop.0.instances.pop();
    all.push_str(&told(&remove_replica::remove_replica(&subject(&shop), "10.0.0.2:3306", 0)));
    shop.0.semi_sync = None;
    all.push_str(&told(&remove_replica::remove_replica(&subject(&shop), "10.0.0.2:3306", 0)));
    insta::assert_snapshot!(all);
}

#[test]
fn a_group_is_retired_from_the_outermost_inwards() {
    let mut shop = shop();
    let all = told(&retire::retire(&subject(&shop)));
    shop.1.truncate(2);
    let homeless = told(&retire::retire(&subject(&shop)));
    insta::assert_snapshot!(format!("{all}════\n{homeless}"));
}

#[test]
fn parameters_go_round_replica_by_replica() {
    let mut shop = shop();
    let now: parameters::Now =
        [("10.0.0.1:3306".to_owned(), values(&[("max_connections", "151"), ("back_log", "80")]))].into();
    let plan = |shop: &(ServiceGroup, Vec<Host>), pairs: &[(&str, &str)], to| {
        told(&parameters::parameters(
            &subject(shop),
            &parameters::Choice { becomes: &values(pairs), now: &now, to },
        ))
    };
    let live = plan(&shop, &[("max_connections", "500")], None);
    let refused = plan(&shop, &[("back_log", "200")], None);
    let unknown = plan(&shop, &[("server_id", "9"), ("nothing_known", "1")], None);
    let nothing = plan(&shop, &[], None);
    let restarted = plan(&shop, &[("back_log", "200"), ("max_connections", "500")], Some("10.0.0.2:3306"));
    shop.0.instances.pop();
    let alone = plan(&shop, &[("back_log", "200")], Some("10.0.0.2:3306"));
    insta::assert_snapshot!([live, refused, unknown, nothing, restarted, alone].join("════\n"));
}

#[test]
fn every_part_by_itself() {
    let shop = shop();
    let name = DnsName { name: "old-shop.db.example".to_owned(), ..shop.0.names[0].clone() };
    let to = LeadsTo::Name("shop.db.example".to_owned());
    let (set, was) = (values(&[("max_connections", "500")]), values(&[("max_connections", "151")]));
    let first = Some("10.0.1.1:6446");
    let (server, other) = ("10.0.0.3:3306", "10.0.0.2:3306");
    let parts = [
        part::Part::Hold { proxy: first },
        part::Part::Hold { proxy: None },
        part::Part::Point { proxy: first, to: "10.0.0.1:3306" },
        part::Part::Reads { proxy: first, server, becomes: Reading::Drain },
        part::Part::Reads { proxy: None, server, becomes: Reading::Drain },
        part::Part::Weight { proxy: None, server, weight: 10 },
        part::Part::Add { proxy: None, server: "10.0.0.1:3306", weight: Some(5) },
        part::Part::Remove { proxy: first, server },
        part::Part::MoveVip { vip: "10.0.9.9", on: "px-2" },
        part::Part::MoveVip { vip: "10.0.9.9", on: "db-1" },
        part::Part::ReleaseVip { vip: "10.0.9.9" },
        part::Part::ReleaseVip { vip: "10.0.9.8" },
        part::Part::SetName { name: &name, to: &to },
        part::Part::RemoveName { name: "shop.db.example" },
        part::Part::RemoveName { name: "shop" },
        part::Part::Start { server },
        part::Part::Stop { server },
        part::Part::ReadOnly { server, on: true },
        part::Part::Follow { server, source: other, was: Some("10.0.0.1:3306") },
        part::Part::Follow { server: "10.0.0.1:3306", source: other, was: None },
        part::Part::Parameters { server, becomes: &set, was: &was },
    ];
    let told: Vec<String> = parts
        .iter()
        .map(|asked| format!("{asked:?}\n{}", told(&part::part(&subject(&shop), asked))))
        .collect();
    insta::assert_snapshot!(told.join("════\n"));
}
