//! A small model of servers, proxies and applications, on which a switchover is done and taken back at every cut.

use super::{
    Subject,
    switchover::{Choice, switchover},
    tests::{host, proxy},
};
use crate::{
    back::back,
    step::{LeadsTo, Step},
};
use dbdesk_cmdb::{
    DnsName, Host, Instance, InstanceState, Purpose, ServiceGroup, Vip, drift::ServerStep, inventory,
};
use dbdesk_commands::wire::group::InstanceRole;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Server {
    read_only: bool,
    follows: Option<String>,
    semi_sync: bool,
}

/// What is put back by taking back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    servers: BTreeMap<String, Server>,
    /// Where each proxy leads writes; nothing: they wait.
    writers: BTreeMap<String, Option<String>>,
    readers: BTreeMap<String, BTreeSet<String>>,
    names: BTreeMap<String, Option<LeadsTo>>,
    vips: BTreeMap<String, String>,
    inventory: ServiceGroup,
}

#[derive(Debug, Clone)]
struct World {
    shape: Shape,
    /// The writes that each server has.
    data: BTreeMap<String, BTreeSet<u64>>,
    /// Servers on which an application that writes has a session.
    sessions: BTreeSet<String>,
    acknowledged: BTreeSet<u64>,
    next: u64,
    chance: u64,
}

impl World {
    fn of(group: &ServiceGroup, subject: &Subject<'_>, chance: u64) -> Self {
        let primary = group.primary().unwrap().to_string();
        let server = |one: &Instance| {
            let is_primary = one.role == InstanceRole::Primary;
            let server = Server {
                read_only: !is_primary,
                follows: (!is_primary).then(|| primary.clone()),
                semi_sync: is_primary && group.semi_sync == Some(true),
            };
            (one.to_string(), server)
        };
        let read: BTreeSet<String> = super::replicas(group).into_iter().map(ToString::to_string).collect();
        let shape = Shape {
            servers: group.instances.iter().map(server).collect(),
            writers: group.proxies.iter().map(|one| (one.to_string(), Some(primary.clone()))).collect(),
            readers: super::reading(group).map(|one| (one.to_string(), read.clone())).collect(),
            names: group
                .names
                .iter()
                .map(|name| (name.name.clone(), subject.name_leads(name.purpose)))
                .collect(),
            vips: group
                .vips
                .iter()
                .map(|vip| {
                    (vip.to_string(), subject.host(&group.primary().unwrap().host).unwrap().name.clone())
                })
                .collect(),
            inventory: group.clone(),
        };
        let data = shape.servers.keys().map(|name| (name.clone(), BTreeSet::new())).collect();
        let (sessions, acknowledged) = (BTreeSet::from([primary]), BTreeSet::new());
        Self { shape, data, sessions, acknowledged, next: 0, chance }
    }

    fn server(&mut self, name: &str) -> &mut Server {
        self.shape.servers.get_mut(name).unwrap()
    }

    fn chance(&mut self) -> bool {
        self.chance =
            self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.chance >> 63 == 1
    }

    /// Time goes by: who may writes, and replicas get some of what their sources have, or nothing.
    fn goes_on(&mut self) {
        let writable: Vec<String> = self
            .shape
            .servers
            .iter()
            .filter(|(_, one)| !one.read_only)
            .map(|(name, _)| name.clone())
            .collect();
        assert!(writable.len() <= 1, "two take writes: {writable:?}");
        for name in &writable {
            self.next += 1;
            self.data.get_mut(name).unwrap().insert(self.next);
            self.acknowledged.insert(self.next);
            let is_led =
                self.shape.writers.is_empty() || self.shape.writers.values().flatten().any(|to| to == name);
            if is_led {
                self.sessions.insert(name.clone());
            }
        }
        for to in self.shape.writers.values().flatten() {
            assert!(writable.contains(to), "writes are led to {to}, which takes none");
        }
        let following: Vec<(String, String)> = self
            .shape
            .servers
            .iter()
            .filter_map(|(name, one)| Some((name.clone(), one.follows.clone()?)))
            .collect();
        for (replica, source) in following {
            while self.chance() {
                let missing = self.data[&source].difference(&self.data[&replica]).next().copied();
                let Some(missing) = missing else { break };
                self.data.get_mut(&replica).unwrap().insert(missing);
            }
        }
    }

    fn does(&mut self, step: &Step) {
        match step {
            Step::Lag { .. } => {}
            Step::HoldWriter { proxy, .. } => {
                self.shape.writers.insert(proxy.to_string(), None);
            }
            Step::PointWriter { proxy, to, .. } => {
                self.shape.writers.insert(proxy.to_string(), Some(to.clone()));
            }
            Step::Server(ServerStep::ReadOnly { host, port, on }) => {
                let name = format!("{host}:{port}");
                if !on {
                    assert!(
                        self.data[&name].is_superset(&self.acknowledged),
                        "{name} lacks what was acknowledged"
                    );
                }
                self.server(&name).read_only = *on;
            }
            Step::Server(ServerStep::SemiSync { host, port, on }) => {
                self.server(&format!("{host}:{port}")).semi_sync = *on;
            }
            Step::Server(ServerStep::Follow { host, port, source_host, source_port }) => {
                let (replica, source) = (format!("{host}:{port}"), format!("{source_host}:{source_port}"));
                assert!(
                    self.data[&source].is_superset(&self.data[&replica]),
                    "{replica} is to follow {source}, which has less"
                );
                self.server(&replica).follows = Some(source);
            }
            Step::Unfollow { host, port, .. } => self.server(&format!("{host}:{port}")).follows = None,
            Step::EndSessions { server } => {
                assert!(self.server(server).read_only, "sessions are ended on {server}, which takes writes");
                self.sessions.remove(server);
            }
            Step::CatchUp { replica, source } => self.caught_up(replica, source),
            Step::AddReader { proxy, reader } => {
                self.shape.readers.get_mut(&proxy.to_string()).unwrap().insert(reader.address.clone());
            }
            Step::RemoveReader { proxy, reader } => {
                let readers = self.shape.readers.get_mut(&proxy.to_string()).unwrap();
                readers.remove(&reader.address);
                assert!(!readers.is_empty(), "nobody is read from at {proxy}");
            }
            Step::PutName { name, to, .. } => {
                self.shape.names.insert(name.name.clone(), Some(to.clone()));
            }
            Step::TakeVip { vip, on, .. } => {
                self.shape.vips.insert(vip.to_string(), on.clone());
            }
            Step::Inventory { becomes, was } => {
                let is = &self.shape.inventory;
                assert!(is == &**was || is == &**becomes, "the inventory has changed in between");
                self.shape.inventory = (**becomes).clone();
            }
            other => panic!("no step of a switchover: {other:?}"),
        }
    }

    /// Everything that the source has comes down to the replica, or never does.
    fn caught_up(&mut self, replica: &str, source: &str) {
        assert!(self.server(source).read_only, "{source} goes on while {replica} is waited for");
        if self.data[replica].is_superset(&self.data[source]) {
            return;
        }
        let mut chain = vec![replica.to_owned()];
        let mut at = replica.to_owned();
        // Whoever is followed brings what it has, and what those have that it follows.
        while let Some(next) = self.server(&at).follows.clone().filter(|next| !chain.contains(next)) {
            chain.push(next.clone());
            at = next;
        }
        let mut has = BTreeSet::new();
        for name in chain.iter().rev() {
            has.extend(self.data[name].iter().copied());
            let limit = self.data[source].iter().next_back().copied().unwrap_or(0);
            let own = self.data.get_mut(name).unwrap();
            own.extend(has.iter().copied().filter(|id| *id <= limit));
        }
        assert!(self.data[replica].is_superset(&self.data[source]), "{replica} waits for {source} for ever");
    }

    fn runs(&mut self, steps: &[Step]) {
        for step in steps {
            self.goes_on();
            self.does(step);
            self.goes_on();
        }
    }
}

#[derive(Debug, Clone)]
struct Case {
    group: ServiceGroup,
    hosts: Vec<Host>,
    to: String,
    primary_reads: bool,
    chance: u64,
}

fn group(replicas: usize, proxies: usize) -> (ServiceGroup, Vec<Host>) {
    let text = "[[group]]\nname = \"shop\"\nenvironment = \"production\"\nflavour = \"mariadb-10.11\"\ntime_zone = \"UTC\"\n\
                databases = [\"shop\"]\n[[group.instance]]\nhost = \"10.0.0.1\"\nport = 3306\nrole = \"primary\"\n";
    let mut group = inventory::read(text).unwrap().groups.remove(0);
    let address = |number: usize| format!("10.0.0.{number}");
    group
        .instances
        .extend((2..replicas + 2).map(|number| Instance::new(address(number), 3306, InstanceRole::Replica)));
    group.proxies = (0..proxies).map(|number| proxy(&format!("10.0.1.{number}"))).collect();
    let hosts = (1..replicas + 2).map(|number| host(&format!("db-{number}"), &address(number))).collect();
    (group, hosts)
}

prop_compose! {
    fn cases()(
        replicas in 1_usize..5, proxies in 0_usize..3, semi_sync in proptest::option::of(any::<bool>()), candidate in any::<prop::sample::Index>(),
        named in any::<bool>(), vip in any::<bool>(), drained in any::<bool>(), primary_reads in any::<bool>(), chance in any::<u64>()
    ) -> Case {
        let (mut group, hosts) = group(replicas, proxies);
        group.semi_sync = semi_sync;
        let at = 1 + candidate.index(replicas);
        if drained && replicas > 1 {
            group.instances[at].state = InstanceState::Drained;
        }
        if named {
            let name = |name: &str, purpose| DnsName { name: name.to_owned(), zone: "db.example".to_owned(), ttl_s: 5, purpose };
            group.names = vec![name("shop.db.example", Purpose::Write), name("shop-read.db.example", Purpose::Read)];
        }
        if vip && proxies == 0 {
            group.vips = vec![Vip {
                address: "10.0.9.9".parse().unwrap(),
                prefix_bits: 24,
                interface: "eth0".to_owned(),
                hosts: hosts.iter().map(|host| host.name.clone()).collect(),
                purpose: Purpose::Write,
            }];
        }
        let to = group.instances[at].to_string();
        Case { group, hosts, to, primary_reads, chance }
    }
}

fn check(case: &Case) {
    let subject = Subject { group: &case.group, seen: 3, hosts: &case.hosts };
    let choice = Choice { primary_reads: case.primary_reads, ..Choice::to(&case.to) };
    let steps = switchover(&subject, &choice).unwrap().steps;
    let before = World::of(&case.group, &subject, case.chance);
    let old = case.group.primary().unwrap().to_string();

    let mut after = before.clone();
    after.runs(&steps);
    is_led_by(&after, &case.to, &old);
    for cut in 0..=steps.len() {
        // The step at the cut was done, or only begun.
        for done in [cut, cut.saturating_sub(1)] {
            let mut world = before.clone();
            world.runs(&steps[..done]);
            let way_back = back(&steps[..cut]);
            world.runs(&way_back);
            world.goes_on();
            assert_eq!(world.shape, before.shape, "cut at {cut}, {done} done");
            assert!(world.data[&old].is_superset(&world.acknowledged));
            assert!(world.sessions.iter().all(|name| *name == old), "{:?}", world.sessions);
        }
    }
    // The way back, taken back where it was cut.
    let way_back = back(&steps);
    for cut in 0..=way_back.len() {
        let mut world = after.clone();
        world.runs(&way_back[..cut]);
        world.runs(&back(&way_back[..cut]));
        world.goes_on();
        assert_eq!(world.shape, after.shape, "the way back, cut at {cut}");
    }
}

fn is_led_by(world: &World, new: &str, old: &str) {
    let shape = &world.shape;
    assert!(!shape.servers[new].read_only && shape.servers[new].follows.is_none());
    let others = shape.servers.iter().filter(|(name, _)| *name != new);
    for (name, server) in others {
        assert!(server.read_only && server.follows.as_deref() == Some(new), "{name} {server:?}");
    }
    assert!(shape.writers.values().all(|to| to.as_deref() == Some(new)));
    assert!(world.data[new].is_superset(&world.acknowledged));
    assert!(!world.sessions.contains(old), "an application still has its session on the old one");
    assert_eq!(shape.inventory.primary().unwrap().to_string(), new);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_write_is_lost_and_no_two_servers_take_writes_whichever_way_it_goes(case in cases()) {
        check(&case);
    }
}
