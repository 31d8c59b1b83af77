use super::*;
use crate::inventory;
use proptest::prelude::*;
use std::fmt::Write as _;

const SHOP: &str = r#"
[[group]]
name = "shop"
environment = "production"
flavour = "mariadb-10.11"
time_zone = "UTC"
databases = ["shop"]
semi_sync = true
[[group.instance]]
host = "a"
port = 3306
role = "primary"
[[group.instance]]
host = "b"
port = 3306
role = "replica"
[[group.instance]]
host = "c"
port = 3306
role = "replica"
"#;

fn shop() -> ServiceGroup {
    inventory::read(SHOP).unwrap().groups.remove(0)
}

fn live(server_id: u64, source: Option<u64>) -> InstanceLive {
    InstanceLive {
        version: "10.11.6-MariaDB-log".to_owned(),
        read_only: source.is_some(),
        gtid: "0-1-5".to_owned(),
        lag_ms: source.map(|_| 0),
        replicating: source.map(|_| true),
        server_id,
        may_look: true,
        source: source.map(|server_id| SourceView { address: format!("10.0.0.{server_id}:3306"), server_id }),
        semi_sync: Some(source.is_none()),
        trouble: None,
    }
}

fn seen(host: &str, live: InstanceLive) -> Seen {
    let databases = (host == "a").then(|| vec!["shop".to_owned()]);
    Seen { host: host.to_owned(), port: 3306, live: Some(live), unreachable: None, databases }
}

/// As the inventory says: b and c follow a.
fn healthy() -> Vec<Seen> {
    vec![seen("a", live(1, None)), seen("b", live(2, Some(1))), seen("c", live(3, Some(1)))]
}

fn change(at: usize, change: impl FnOnce(&mut InstanceLive)) -> Vec<Seen> {
    let mut all = healthy();
    change(all[at].live.as_mut().unwrap());
    all
}

#[test]
fn servers_that_are_what_the_inventory_says_differ_in_nothing() {
    assert_eq!(differences(&shop(), &healthy()), []);
    let mut one_away = healthy();
    one_away[1].live = None;
    one_away[1].unreachable = Some("connection refused".to_owned());
    assert_eq!(differences(&shop(), &one_away), [], "who does not answer differs in nothing");
    assert_eq!(differences(&shop(), &[]), []);
}

#[test]
fn each_difference_is_told_in_both_languages_with_what_mends_it() {
    let mut moved = healthy();
    moved[0].live = Some(live(1, Some(2)));
    moved[1].live = Some(live(2, None));
    moved[2].live = Some(live(3, Some(2)));
    let mut databases = healthy();
    databases[0].databases = Some(vec!["audit".to_owned()]);
    let cases = [
        ("moved", moved),
        ("primary read only", change(0, |live| live.read_only = true)),
        (
            "primary follows a stranger",
            change(0, |live| {
                live.source = Some(SourceView { address: "10.9.9.9:3306".to_owned(), server_id: 77 });
            }),
        ),
        ("writable replica", change(1, |live| live.read_only = false)),
        ("follows nobody", change(1, |live| (live.source, live.replicating) = (None, None))),
        ("follows another", change(2, |live| live.source.as_mut().unwrap().server_id = 2)),
        (
            "stopped",
            change(2, |live| {
                (live.replicating, live.trouble) = (Some(false), Some("Duplicate entry '7'".to_owned()));
            }),
        ),
        ("other version", {
            let mut all = healthy();
            all.iter_mut()
                .filter_map(|one| one.live.as_mut())
                .for_each(|live| live.version = "8.4.2".to_owned());
            all
        }),
        ("semi-sync", change(0, |live| live.semi_sync = Some(false))),
        ("databases", databases),
    ];
    let mut told = String::new();
    for (name, seen) in cases {
        let found = differences(&shop(), &seen);
        assert!(!found.is_empty(), "{name}");
        writeln!(told, "{name}").unwrap();
        for difference in &found {
            let Said { en, zh } = difference.said();
            writeln!(told, "  {en}\n  {zh}").unwrap();
        }
        if let Some(becomes) = inventory_repaired(&shop(), &found) {
            let roles: Vec<_> = becomes.instances.iter().map(|it| format!("{it} {:?}", it.role)).collect();
            writeln!(told, "  inventory: {} {:?} {roles:?}", becomes.flavour, becomes.databases).unwrap();
            let mut again = differences(&becomes, &seen);
            again.retain(|it| !matches!(it, Difference::SemiSync { .. }));
            assert_eq!(again, [], "{name}: mended");
        }
        for step in servers_repaired(&shop(), &found) {
            writeln!(told, "  server: {step:?}").unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_version_fits_the_flavour_that_writes_as_much_of_it() {
    for (flavour, version, fit) in [
        ("mariadb-10.11", "10.11.6-MariaDB-0+deb12u1", true),
        ("mariadb-10.11", "5.5.5-10.11.6-MariaDB", true),
        ("mariadb-10.1", "10.11.6-MariaDB", false),
        ("mariadb", "10.11.6-MariaDB", true),
        ("mysql-8.4", "8.4.2", true),
        ("mysql-8.4", "8.0.36", false),
        ("mysql-8", "8.0.36-28", true),
        ("percona-8.0", "8.0.36-28", true),
        ("mysql-8.4", "10.11.6-MariaDB", false),
    ] {
        assert_eq!(fits(flavour, version), fit, "{flavour} {version}");
    }
    assert_eq!(flavour_of("9.7.4").as_deref(), Some("mysql-9.7"));
    assert_eq!(flavour_of("5.5.5-10.11.6-MariaDB-log").as_deref(), Some("mariadb-10.11"));
    assert_eq!(flavour_of("nonsense"), None);
}

prop_compose! {
    fn any_live()(id in 1_u64..4, read_only: bool, source in proptest::option::of(0_u64..5), replicating in proptest::option::of(any::<bool>()),
                  semi_sync in proptest::option::of(any::<bool>()), may_look: bool, version in "\\PC{0,12}") -> InstanceLive {
        InstanceLive { read_only, replicating, semi_sync, may_look, version, ..live(id, source) }
    }
}

proptest! {
    #[test]
    fn no_answers_make_it_panic_and_repairs_touch_only_the_groups_own_servers(lives in prop::collection::vec(any_live(), 0..4)) {
        let all: Vec<Seen> = ["a", "b", "c"].iter().zip(lives).map(|(host, live)| seen(host, live)).collect();
        let found = differences(&shop(), &all);
        for step in servers_repaired(&shop(), &found) {
            let (host, port) = step.at();
            prop_assert!(shop().instances.iter().any(|it| it.host == host && it.port == port));
        }
        if let Some(becomes) = inventory_repaired(&shop(), &found) {
            let primaries = becomes.instances.iter().filter(|it| it.role == InstanceRole::Primary).count();
            prop_assert_eq!(primaries, 1);
        }
    }

    #[test]
    fn no_version_makes_it_panic(flavour in "\\PC{0,20}", version in "\\PC{0,20}") {
        let _ = fits(&flavour, &version);
        let _ = flavour_of(&version);
    }
}
