use super::*;
use proptest::prelude::*;

const SHIPPED: [(&str, &str); 4] = [
    ("a", include_str!("../../../../packages/a.toml")),
    ("b", include_str!("../../../../packages/b.toml")),
    ("c", include_str!("../../../../packages/c.toml")),
    ("d", include_str!("../../../../packages/d.toml")),
];

#[test]
fn the_packages_that_ship_are_read() {
    let layers = |package: &Package| (package.has_dns, package.has_vip, package.proxies.is_some());
    let read: Vec<Package> =
        SHIPPED.iter().map(|(name, text)| Package::parse(name, text).expect(name)).collect();
    let shapes: Vec<_> = read.iter().map(layers).collect();
    assert_eq!(
        shapes,
        [(true, true, true), (true, false, true), (true, false, false), (false, false, false)]
    );
    let a = &read[0];
    assert_eq!((a.replicas.usual, a.flavour(), a.ttl_s), (2, "mariadb-10.11", 5));
    assert_eq!(a.parameters["max_connections"].usual.as_deref(), Some("1000"));
    assert_eq!(a.parameters["innodb_io_capacity"].usual, None);
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_file_key_and_what_to_do() {
    let wrong = r#"
name = "Big"
title = { en = "", "zh-CN" = "大" }
layers = ["vip", "vip"]
flavours = ["postgres-16.1"]
semi_sync = true
failover = "auto"
apart = true
ttl_s = 5
[buffer_pool]
share_percent = 100
least_mb = 1
[replicas]
least = 0
most = 99
usual = 1
[proxies]
least = 0
most = 2
usual = 1
write_port = 3306
read_port = 3306
patience_s = 0
[parameter.server_id]
least = 1
most = 2
[parameter.gtid_mode]
choices = ["ON"]
[parameter.Max]
least = 2
most = 1
[parameter.tx_isolation]
choices = ["READ COMMITTED"]
[parameter.max_connections]
usual = "many"
least = 1
most = 10
"#;
    let faults = Package::parse("big", wrong).unwrap_err();
    let told: Vec<String> = faults
        .iter()
        .map(Fault::told)
        .flat_map(|said| [said.en.into_owned(), said.zh.into_owned()])
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_key_that_is_not_known_and_one_that_is_missing_are_named() {
    let d = SHIPPED[3].1;
    for (text, told) in [
        (d.replace("apart", "appart"), "unknown field `appart`"),
        (d.replace("semi_sync = false\n", ""), "missing field `semi_sync`"),
        (d.replace("layers = []", "layers = [\"moon\"]"), "unknown variant `moon`"),
        (d.replace("least = 0\nmost = 0", "least = -1\nmost = 0"), "least"),
        (format!("# {}\n{d}", "x".repeat(FILE_BYTES)), "a package is short"),
    ] {
        let faults = Package::parse("d", &text).unwrap_err();
        assert_eq!((faults.len(), faults[0].file.as_str()), (1, "d.toml"));
        assert!(faults[0].said.en.contains(told), "{}", faults[0]);
    }
}

#[test]
fn a_number_is_one_as_servers_read_it() {
    let bound = Bound::Integer { least: -1, most: 100 };
    for good in ["-1", "0", "100"] {
        assert!(bound.takes(good).is_ok(), "{good}");
    }
    for bad in ["", "101", "+5", "007", "1e2", "5 ", "5\nplugin_load=x", "0x10", "99999999999999999999"] {
        assert!(bound.takes(bad).is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", name in "\\PC{0,10}") {
        let _ = Package::parse(&name, &text);
    }
}
