//! The inventory file: what service groups there are. Read whole, checked whole; every fault is told at once.

use crate::{
    calendar, front,
    group::{InstanceState, ServiceGroup},
    host::{self, Host},
    label,
    sharded::{Parent, ShardedTable},
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{freeze::ALL_GROUPS, group::InstanceRole},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest name of a service group.
pub const GROUP_NAME_CHARS: usize = 32;

/// What an inventory file says, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// In the order of their names.
    pub groups: Vec<ServiceGroup>,
    /// The same.
    pub sharded_tables: Vec<ShardedTable>,
    /// The same.
    pub hosts: Vec<Host>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    group: Vec<ServiceGroup>,
    #[serde(default)]
    sharded_table: Vec<Parent>,
    #[serde(default)]
    host: Vec<Host>,
}

/// All that is wrong with one group by itself.
#[must_use]
pub fn faults_of(group: &ServiceGroup) -> Vec<Said> {
    faults(std::slice::from_ref(group))
}

/// Reads and checks an inventory file that stands alone.
///
/// # Errors
/// Everything that is wrong with it, each as a sentence.
pub fn read(text: &str) -> Result<Inventory, Vec<Said>> {
    read_beside(text, &Inventory::default())
}

/// Reads and checks an inventory file beside what was loaded `before` and stays unless this file says otherwise: a sharded table may lie
/// in groups of another file, and a group must keep the databases that a sharded table of another file needs.
///
/// # Errors
/// Everything that is wrong with it, each as a sentence.
pub fn read_beside(text: &str, before: &Inventory) -> Result<Inventory, Vec<Said>> {
    let file: File = toml::from_str(text).map_err(|error| vec![not_read(&error)])?;
    let mut groups = file.group;
    for group in &mut groups {
        group.databases.sort_unstable();
    }
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hosts = file.host;
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    let mut faults = faults(&groups);
    faults.extend(host::faults(&hosts));
    let sharded_tables = sharded_tables(file.sharded_table, &mut faults);
    let found = Inventory { groups, sharded_tables, hosts };
    faults.extend(homeless(&found, before));
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn sharded_tables(mut parents: Vec<Parent>, faults: &mut Vec<Said>) -> Vec<ShardedTable> {
    parents.sort_by(|a, b| a.name.cmp(&b.name));
    for (one, other) in parents.iter().zip(parents.iter().skip(1)) {
        if one.name == other.name {
            faults.push(said!(
                "The sharded table “{name}” stands there twice.",
                "分表“{name}”写了两次。",
                name = one.name
            ));
        }
    }
    parents.into_iter().map(|parent| parent.read(faults)).collect()
}

/// Sharded tables, of this file and from before, that lie where no group has a database for them.
fn homeless(found: &Inventory, before: &Inventory) -> Vec<Said> {
    let kept = before.groups.iter().filter(|old| found.groups.iter().all(|group| group.name != old.name));
    let groups: Vec<&ServiceGroup> = found.groups.iter().chain(kept).collect();
    let is_new = |old: &ShardedTable| found.sharded_tables.iter().any(|table| table.name == old.name);
    let kept = before.sharded_tables.iter().filter(|old| !is_new(old));
    found.sharded_tables.iter().chain(kept).flat_map(|table| table.homeless(&groups)).collect()
}

fn not_read(error: &toml::de::Error) -> Said {
    said!(
        "The inventory can not be read: {error}",
        "清单文件无法读取：{error}",
        error = error.to_string().trim_end()
    )
}

fn faults(groups: &[ServiceGroup]) -> Vec<Said> {
    let mut faults = Vec::new();
    let mut addresses: BTreeMap<String, &str> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        let name = group.name.as_str();
        if !is_name(name, GROUP_NAME_CHARS) {
            faults.push(said!(
                "The group name “{name}” is not usable: at most {GROUP_NAME_CHARS} lower case letters, digits, `-` and `_`.",
                "服务组名“{name}”不可用：只能用小写字母、数字、`-` 和 `_`，最多 {GROUP_NAME_CHARS} 个字符。"
            ));
        }
        if name == ALL_GROUPS {
            faults.push(said!(
                "The group name “{name}” stands for every group, as in `/freeze on`. Choose another name.",
                "服务组名“{name}”是“所有服务组”的意思（例如 `/freeze on`）。请换一个名字。"
            ));
        }
        if at > 0 && groups.get(at - 1).is_some_and(|before| before.name == name) {
            faults.push(said!("The group “{name}” stands there twice.", "服务组“{name}”写了两次。"));
        }
        group_faults(group, &mut faults);
        for instance in &group.instances {
            if let Some(other) = addresses.insert(instance.to_string(), name) {
                faults.push(said!(
                    "{instance} stands in “{other}” and in “{name}”: an instance belongs to one group.",
                    "{instance} 同时出现在“{other}”和“{name}”中：一个实例只能属于一个服务组。"
                ));
            }
        }
    }
    faults
}

fn group_faults(group: &ServiceGroup, faults: &mut Vec<Said>) {
    let name = &group.name;
    if !is_name(&group.environment, 16) {
        faults.push(said!(
            "“{name}”: the environment “{env}” is not usable; write a word such as \"production\" or \"staging\".",
            "“{name}”：环境名“{env}”不可用，请写 \"production\"、\"staging\" 这样的词。",
            env = group.environment
        ));
    }
    let families = ["mariadb", "mysql", "percona"];
    if !families.iter().any(|family| group.flavour.to_ascii_lowercase().starts_with(family)) {
        faults.push(said!(
            "“{name}”: the flavour “{flavour}” is not known; write one such as \"mariadb-10.11\" or \"mysql-8.4\".",
            "“{name}”：不认识 flavour“{flavour}”，请写 \"mariadb-10.11\"、\"mysql-8.4\" 这样的值。",
            flavour = group.flavour
        ));
    }
    let primaries = group.instances.iter().filter(|instance| instance.role == InstanceRole::Primary).count();
    if primaries != 1 {
        faults.push(said!(
            "“{name}” has {primaries} instances with the role primary; it needs exactly one.",
            "“{name}”有 {primaries} 个 primary 实例，必须恰好有一个。"
        ));
    }
    if group.instances.iter().any(|instance| !front::is_host(&instance.host) || instance.port == 0) {
        faults.push(said!(
            "“{name}”: an instance lacks its host or port.",
            "“{name}”：有实例缺少主机名或端口。"
        ));
    }
    if group.primary().is_some_and(|primary| primary.state != InstanceState::InService) {
        faults.push(said!(
            "“{name}”: its primary is not in service; only a replica is drained or built.",
            "“{name}”：主库不在服务状态；只有从库可以摘除或处于搭建中。"
        ));
    }
    faults.extend(front::faults(group));
    faults.extend(group.backup.as_ref().and_then(|plan| plan.fault(name)));
    if group.databases.is_empty() {
        faults.push(said!(
            "“{name}” has no databases; write those that people may ask for.",
            "“{name}”没有数据库，请写出允许提交工单的数据库。"
        ));
    }
    for database in &group.databases {
        if database.is_empty() || database.chars().count() > 64 || database.contains(['`', '\0', '/', '\\']) {
            faults.push(said!(
                "“{name}”: “{database}” is not a name of a database.",
                "“{name}”：“{database}”不是合法的数据库名。"
            ));
        }
    }
    if group.databases.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        faults.push(said!("“{name}”: a database stands there twice.", "“{name}”：有数据库写了两次。"));
    }
    if group.labels.len() > label::GROUP_LABELS || !group.labels.iter().all(|label| label::is_label(label)) {
        faults.push(said!(
            "“{name}”: the labels {labels:?} are not usable: at most {most}, each of lower case letters, digits, `-` and `_`, such as \
             \"zone-north\".",
            "“{name}”：标签 {labels:?} 不可用：最多 {most} 个，每个只能用小写字母、数字、`-` 和 `_`，例如 \"zone-north\"。",
            labels = group.labels,
            most = label::GROUP_LABELS
        ));
    }
    if calendar::never_opens(group) {
        faults.push(said!(
            "“{name}”: its peak hours leave no time in the week; nothing could ever start. Shorten one.",
            "“{name}”：业务高峰占满了整周，任何工单都无法开始。请缩短其中一个时段。"
        ));
    }
    if group.quiet_windows.iter().any(|window| window.days.is_empty()) {
        faults.push(said!(
            "“{name}”: a quiet window has no days; leave `days` out for every day.",
            "“{name}”：有低峰时段没有写日期；如果每天都适用，请省略 `days`。"
        ));
    }
}

fn is_name(name: &str, most: usize) -> bool {
    (1..=most).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHOP: &str = r#"
[[group]]
name = "shop"
environment = "production"
team = "store-front"
flavour = "mariadb-10.11"
time_zone = "Asia/Shanghai"
databases = ["shop", "audit"]
[[group.instance]]
host = "127.0.0.1"
port = 3306
role = "primary"
[[group.instance]]
host = "127.0.0.1"
port = 3307
role = "replica"
[[group.quiet]]
days = ["sat", "sun"]
from = "23:00"
to = "05:30"
"#;

    #[test]
    fn an_inventory_is_read_with_its_groups_instances_and_windows() {
        let inventory = read(SHOP).unwrap();
        let shop = &inventory.groups[0];
        assert_eq!(shop.primary().unwrap().to_string(), "127.0.0.1:3306");
        assert_eq!(shop.databases, ["audit", "shop"]);
        assert_eq!(shop.quiet_windows[0].days.len(), 2);
        let again: ServiceGroup = toml::from_str(&toml::to_string(shop).unwrap()).unwrap();
        assert_eq!(&again, shop);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_in_both_languages() {
        let wrong = format!(
            "{SHOP}\n[[group]]\nlabels = [\"Zone North\"]\nname = \"Shop 2\"\nenvironment = \"\"\nflavour = \"postgres\"\ntime_zone = \"UTC\"\n\
             databases = [\"a`b\", \"a`b\"]\n[[group.instance]]\nhost = \"127.0.0.1\"\nport = 3306\nrole = \"replica\"\n\
             [[group.quiet]]\ndays = []\nfrom = \"01:00\"\nto = \"02:00\"\n"
        );
        let faults = read(&wrong).unwrap_err();
        let told: Vec<_> = faults.iter().flat_map(|said| [said.en.as_ref(), said.zh.as_ref()]).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn an_unknown_key_a_wrong_time_and_a_wrong_day_are_named() {
        for (from, to, told) in [
            ("team =", "taem =", "unknown field `taem`"),
            ("\"23:00\"", "\"25:00\"", "“25:00” is not a time of day"),
            ("\"sun\"", "\"sunny\"", "“sunny” is not a day"),
            ("Asia/Shanghai", "Asia/Atlantis", "Asia/Atlantis"),
        ] {
            let faults = read(&SHOP.replace(from, to)).unwrap_err();
            assert!(faults[0].en.contains(told), "{faults:?}");
        }
    }

    const ORDERS: &str = r#"
[[sharded_table]]
name = "orders"
[[sharded_table.shards]]
group = "shop"
database = "audit"
tables = "orders_{0128..0255}"
[[sharded_table.shards]]
group = "shop"
database = "shop"
tables = "orders_{0000..0127}"
"#;

    #[test]
    fn a_sharded_table_knows_where_each_of_its_tables_is() {
        let inventory = read(&format!("{SHOP}{ORDERS}")).unwrap();
        let orders = &inventory.sharded_tables[0];
        let place = |table| orders.place_of(table).map(|shards| shards.database.as_str());
        assert_eq!(place("orders_0000"), Some("shop"));
        assert_eq!((place("orders_0127"), place("orders_0128")), (Some("shop"), Some("audit")));
        assert_eq!(place("orders_0255"), Some("audit"));
        for none in
            ["orders_0256", "orders_127", "orders_00127", "orders", "orders_", "orders_+012", "items_0001"]
        {
            assert_eq!(place(none), None, "{none}");
        }
        assert!(orders.names("orders_0256") && !orders.names("orders_") && !orders.names("orders_0256_old"));
        assert_eq!(orders.shards[1].table(200), "orders_0200");
        assert!(orders.lies_in("shop", "audit") && !orders.lies_in("shop", "other"));
        let again: ShardedTable = toml::from_str(&toml::to_string(orders).unwrap()).unwrap();
        assert_eq!(&again, orders);
    }

    #[test]
    fn tables_without_zeros_before_their_number_are_one_sharded_table() {
        let text = ORDERS.replace("{0000..0127}", "{0..9}").replace("{0128..0255}", "{10..15}");
        let inventory = read(&format!("{SHOP}{text}")).unwrap();
        let place =
            |table| inventory.sharded_tables[0].place_of(table).map(|shards| shards.database.as_str());
        assert_eq!((place("orders_9"), place("orders_10")), (Some("shop"), Some("audit")));
        assert_eq!(place("orders_09"), None);
    }

    #[test]
    fn all_that_is_wrong_with_sharded_tables_is_told_at_once_in_both_languages() {
        let range = |group: &str, database: &str, tables: &str| {
            format!(
                "[[sharded_table.shards]]\ngroup = \"{group}\"\ndatabase = \"{database}\"\ntables = \"{tables}\"\n"
            )
        };
        let wrong = [
            SHOP.to_owned(),
            ORDERS.to_owned(),
            ORDERS.to_owned(),
            "[[sharded_table]]\nname = \"a\"\n".to_owned(),
            range("nowhere", "shop", "a_{00..01}"),
            range("nowhere", "shop", "a_{02..03}"),
            range("shop", "other", "a_{04..05}"),
            range("shop", "shop", "a_06"),
            range("shop", "shop", "a_1{06..07}"),
            range("shop", "shop", "a_{09..08}"),
            range("shop", "shop", "a_{9..10}"),
            range("shop", "shop", "b_{05..06}"),
            range("shop", "shop", "a_{100..100100}"),
            range("shop", "shop", "a_{100..199}"),
            "[[sharded_table]]\nname = \"c\"\n".to_owned(),
            range("shop", "shop", "c_{000000..100000}"),
        ];
        let faults = read(&wrong.concat()).unwrap_err();
        let told: Vec<_> = faults.iter().flat_map(|said| [said.en.as_ref(), said.zh.as_ref()]).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_file_may_speak_of_groups_that_were_loaded_before_and_must_leave_them_their_databases() {
        let groups = read(SHOP).unwrap();
        assert!(read(ORDERS).is_err());
        let orders = read_beside(ORDERS, &groups).unwrap();
        let both = Inventory { groups: groups.groups, ..orders };
        let without = SHOP.replace("\"shop\", \"audit\"", "\"shop\"");
        let faults = read_beside(&without, &both).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].en.contains("“audit” of “shop”, which that group does not have"), "{faults:?}");
        let freed = format!("{without}[[sharded_table]]\nname = \"orders\"\nshards = []\n");
        assert_eq!(read_beside(&freed, &both).unwrap().sharded_tables[0].place_of("orders_0000"), None);
    }

    proptest! {
        #[test]
        fn no_range_makes_it_panic_and_what_is_read_is_written_the_same(tables in "[a_]{0,3}\\{[0-9]{0,20}\\.\\.[0-9]{0,20}\\}") {
            let text = ORDERS.replace("orders_{0000..0127}", &tables).replace("\"orders\"", "\"a\"");
            if let Ok(found) = read(&format!("{SHOP}{text}")) {
                prop_assert!(found.sharded_tables[0].shards.iter().any(|shards| shards.to_string() == tables));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = read(&text);
        }
    }
}
