use super::*;
use crate::{
    name::DatabaseName,
    privilege::{Level, Reach},
    shown::{Attributes, Grant},
    statement::Step,
};
use dbdesk_commands::lang::Lang;
use dbdesk_review::Flavour;
use proptest::prelude::*;

const DIALECTS: [Dialect; 3] = [
    Dialect::of(Flavour::mysql(8, 4)),
    Dialect { flavour: Flavour::mysql(9, 7), partial_revokes: true },
    Dialect::of(Flavour::mariadb(10, 11)),
];

fn plugin(dialect: Dialect) -> Plugin {
    Plugin::best(dialect, [])
}

fn expected(user: &str, level: Level, reach: Reach, dialect: Dialect) -> Expected {
    Expected {
        name: AccountName::new(user, "10.1.0.0/255.255.0.0"),
        plugin: plugin(dialect),
        limits: Limits { tls: false, connections: 10 },
        is_locked: false,
        is_rotating: false,
        privileges: vec![Privileges {
            database: DatabaseName::parse("shop_a").expect("a name"),
            level,
            reach,
        }],
    }
}

fn live(user: &str, dialect: Dialect, grants: &[&str]) -> Live {
    let name = AccountName::new(user, "10.1.0.0/255.255.0.0");
    let attributes = Attributes {
        plugins: vec![plugin(dialect).name().to_owned()],
        connections: 10,
        ..Attributes::default()
    };
    let grants = grants.iter().map(|line| Grant::parse(line)).filter(|grant| !grant.is_nothing()).collect();
    Live { name, attributes, grants, is_role: false }
}

fn told(expected: &[Expected], live: &[Live], dialect: Dialect) -> String {
    differences(expected, live, &Ignored::with(&[]), dialect)
        .iter()
        .flat_map(|drift| [Lang::En, Lang::Zh].map(|lang| drift.said().in_lang(lang).to_owned()))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn an_account_as_it_was_granted_is_no_drift() {
    let [mysql, ..] = DIALECTS;
    let expected = [expected("shop", Level::Rw, Reach::Database, mysql)];
    let live = [live(
        "shop",
        mysql,
        &[
            "GRANT USAGE ON *.* TO a@b",
            r"GRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW ON `shop\_a`.* TO a@b",
        ],
    )];
    assert_eq!(told(&expected, &live, mysql), "");
}

#[test]
fn every_difference_has_its_sentence() {
    let [mysql, _, mariadb] = DIALECTS;
    let ro = |user| expected(user, Level::Ro, Reach::Database, mysql);
    let right = r"GRANT SELECT, SHOW VIEW ON `shop\_a`.* TO a@b";
    let mut ended = ro("c_ended");
    ended.is_locked = true;
    let mut locked = live("d_locked", mysql, &[right]);
    locked.attributes.is_locked = true;
    let mut logs_in = live("e_login", mysql, &[right]);
    logs_in.attributes.plugins = vec!["sha256_password".into(), "authentication_webauthn".into()];
    logs_in.attributes.tls = Tls::Certificate;
    logs_in.attributes.connections = 0;
    logs_in.attributes.unknown = Some("BRAND NEW".into());
    let mut open = live("g_open", mysql, &[right]);
    open.attributes.is_open = true;
    open.attributes.has_second_password = true;
    let mut tls = ro("f_tls");
    tls.limits.tls = true;
    let mut public = live("PUBLIC", mariadb, &["GRANT SELECT ON `shop_a`.* TO PUBLIC"]);
    public.is_role = true;
    let all = told(
        &[ro("a_missing"), ro("b_wild"), ended, ro("d_locked"), ro("e_login"), tls, ro("g_open")],
        &[
            live(
                "b_wild",
                mysql,
                &[
                    "GRANT SELECT, FILE ON *.* TO a@b WITH GRANT OPTION",
                    "GRANT SELECT ON `shop_a`.* TO a@b",
                    r"GRANT SELECT, DELETE ON `shop\_a`.* TO a@b",
                    "GRANT SELECT (`id`) ON `shop_a`.`orders` TO a@b",
                    "GRANT EXECUTE ON PROCEDURE `shop_a`.`p` TO a@b",
                    "GRANT `reporting`@`%` TO a@b",
                    "GRANT PROXY ON ``@`` TO a@b",
                    "REVOKE SELECT ON `mysql`.* FROM a@b",
                    "GRANT ALL THAT IS NEW",
                ],
            ),
            live("c_ended", mysql, &[right]),
            locked,
            logs_in,
            open,
            live("f_tls", mysql, &[right]),
            live("z_nobody_s", mysql, &["GRANT ALL PRIVILEGES ON *.* TO a@b"]),
            public,
        ],
        mysql,
    );
    insta::assert_snapshot!(all);
}

#[test]
fn an_unknown_account_is_locked_and_never_dropped() {
    let [mysql, ..] = DIALECTS;
    let live = live("nobody_s", mysql, &["GRANT ALL PRIVILEGES ON *.* TO a@b"]);
    let repair = repair(None, Some(&live), mysql);
    assert_eq!(repair.steps, [Step::Lock(live.name.clone())]);
    assert_eq!(repair.sessions.len(), 1);
}

#[test]
fn an_account_without_a_password_is_locked_and_all_else_is_mended() {
    let [mysql, ..] = DIALECTS;
    let expected = expected("shop", Level::Ro, Reach::Database, mysql);
    let mut live = live("shop", mysql, &[r"GRANT SELECT, DELETE, SHOW VIEW ON `shop\_a`.* TO a@b"]);
    live.attributes.is_open = true;
    let fix = repair(Some(&expected), Some(&live), mysql);
    assert!(fix.needs_password && fix.sessions.len() == 1);
    assert_eq!(fix.steps[0], Step::Lock(live.name.clone()));
    assert!(matches!(&fix.steps[1..], [Step::Revoke(..)]), "{:?}", fix.steps);
    live.attributes.is_locked = true;
    let steps = repair(Some(&expected), Some(&live), mysql).steps;
    assert!(!steps.iter().any(|step| matches!(step, Step::Lock(_) | Step::Unlock(_))), "{steps:?}");
}

#[test]
fn what_an_account_keeps_it_has_while_the_rest_is_taken() {
    let [mysql, ..] = DIALECTS;
    let expected = expected("shop", Level::Ro, Reach::Database, mysql);
    let live = live("shop", mysql, &[r"GRANT SELECT, DELETE ON `shop\_a`.* TO a@b WITH GRANT OPTION"]);
    let steps = repair(Some(&expected), Some(&live), mysql).steps;
    let shown: Vec<_> = steps.iter().map(|step| step.statement(mysql).shown().to_owned()).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    GRANT SHOW VIEW ON `shop\_a`.* TO `shop`@`10.1.0.0/255.255.0.0`
    REVOKE GRANT OPTION ON `shop\_a`.* FROM `shop`@`10.1.0.0/255.255.0.0`
    REVOKE DELETE ON `shop\_a`.* FROM `shop`@`10.1.0.0/255.255.0.0`
    ");
}

#[test]
fn without_its_hash_a_missing_account_waits_for_a_rotation() {
    let [mysql, ..] = DIALECTS;
    let expected = expected("shop", Level::Ro, Reach::Database, mysql);
    assert!(repair(Some(&expected), None, mysql).needs_password);
}

/// What the servers do, as the stories on real ones hold it to be.
fn apply(step: &Step, all: &mut BTreeMap<AccountName, Live>, dialect: Dialect) {
    match step {
        Step::Create(name, ..) if all.contains_key(name) => {}
        Step::Create(name, scramble, limits) | Step::Remake(name, scramble, limits) => {
            let one = all.entry(name.clone()).or_insert_with(|| live(&name.user, dialect, &[]));
            one.attributes = Attributes {
                plugins: vec![scramble.plugin().name().to_owned()],
                is_locked: true,
                has_second_password: one.attributes.has_second_password,
                tls: if limits.tls { Tls::Yes } else { Tls::No },
                connections: limits.connections,
                ..Attributes::default()
            };
        }
        Step::Limit(name, limits) => change(all, name, |one| {
            one.attributes.tls = if limits.tls { Tls::Yes } else { Tls::No };
            one.attributes.connections = limits.connections;
        }),
        Step::Rotate(name, scramble) => change(all, name, |one| {
            one.attributes.plugins = vec![scramble.plugin().name().to_owned()];
            one.attributes.is_open = false;
        }),
        Step::Lock(name) => change(all, name, |one| one.attributes.is_locked = true),
        Step::Unlock(name) => change(all, name, |one| one.attributes.is_locked = false),
        Step::Drop(name) => {
            all.remove(name);
        }
        Step::Grant(name, scope, privileges) => change(all, name, |one| {
            let words: BTreeSet<_> = privileges.iter().map(|one| one.word().to_owned()).collect();
            let found = one.grants.iter_mut().find_map(|grant| match grant {
                Grant::Privileges(on) if on.scope == *scope => Some(on),
                _ => None,
            });
            match found {
                Some(on) => on.privileges.extend(words),
                None => one.grants.push(Grant::Privileges(OnScope {
                    scope: scope.clone(),
                    privileges: words,
                    columns: BTreeMap::new(),
                    is_grantable: false,
                })),
            }
        }),
        Step::Revoke(name, scope, privileges) => on(all, name, scope, |on| {
            on.privileges.retain(|word| !privileges.iter().any(|one| one.word() == word));
        }),
        Step::RevokeGrantOption(name, scope) => on(all, name, scope, |on| on.is_grantable = false),
        Step::RevokeAll(name) => change(all, name, |one| {
            one.grants.retain(|grant| match grant {
                Grant::Roles { .. } => !dialect.is_mariadb(),
                Grant::Proxy { .. } | Grant::DefaultRole(_) => true,
                _ => false,
            });
        }),
        Step::RevokeRole(name, role) => change(all, name, |one| {
            one.grants.retain_mut(|grant| match grant {
                Grant::Roles { roles, .. } => {
                    roles.retain(|one| one != role);
                    !roles.is_empty()
                }
                _ => true,
            });
        }),
        Step::RevokeProxy(name, gone) => change(all, name, |one| {
            one.grants.retain(|grant| !matches!(grant, Grant::Proxy { of, .. } if of == gone));
        }),
        Step::RevokeAllOfRole(role) => {
            change(all, &AccountName::new(role, ""), |one| one.grants.clear());
        }
        Step::EndOld(name) => change(all, name, |one| one.attributes.has_second_password = false),
        Step::MakeDatabase(_) => {}
    }
    for one in all.values_mut() {
        one.grants.retain(|grant| !grant.is_nothing());
    }
}

fn change(all: &mut BTreeMap<AccountName, Live>, name: &AccountName, how: impl FnOnce(&mut Live)) {
    all.get_mut(name).map(how).expect("the step is on an account that is there");
}

fn on(all: &mut BTreeMap<AccountName, Live>, name: &AccountName, scope: &Scope, how: impl Fn(&mut OnScope)) {
    change(all, name, |one| {
        for grant in &mut one.grants {
            if let Grant::Privileges(on) = grant
                && on.scope == *scope
            {
                how(on);
            }
        }
    });
}

fn any_scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        Just(Scope::Global),
        prop_oneof![Just("shop_a"), Just(r"shop\_a"), Just("shop%"), Just("other")]
            .prop_map(|name| Scope::Database(name.to_owned())),
        prop_oneof![Just(("shop_a", "orders")), Just(("shop_a", "items")), Just(("other", "orders"))]
            .prop_map(|(database, table)| Scope::Table(database.to_owned(), table.to_owned())),
        Just(Scope::Routine("PROCEDURE".to_owned(), "shop_a".to_owned(), "p".to_owned())),
    ]
}

fn any_grant() -> impl Strategy<Value = Grant> {
    let words = prop_oneof![
        Just("SELECT"),
        Just("SHOW VIEW"),
        Just("INSERT"),
        Just("TRIGGER"),
        Just("EXECUTE"),
        Just("SUPER"),
        Just("ALL PRIVILEGES"),
        Just("SOME_NEW_ADMIN"),
    ];
    let on = (
        any_scope(),
        proptest::collection::btree_set(words.prop_map(str::to_owned), 0..4),
        proptest::option::of(Just(("SELECT".to_owned(), BTreeSet::from(["id".to_owned()])))),
        any::<bool>(),
    );
    prop_oneof![
        6 => on.prop_map(|(scope, privileges, columns, is_grantable)| Grant::Privileges(OnScope {
            scope, privileges, columns: columns.into_iter().collect(), is_grantable
        })),
        1 => Just(Grant::Roles { roles: vec![AccountName::new("r1", "%"), AccountName::new("r2", "%")], is_admin: true }),
        1 => Just(Grant::Proxy { of: AccountName::new("", ""), is_grantable: false }),
        1 => Just(Grant::Except { database: "mysql".into(), privileges: ["SELECT".to_owned()].into() }),
        1 => Just(Grant::Unknown("GRANT SOMETHING".into())),
        1 => Just(Grant::DefaultRole("r1".into())),
    ]
}

fn any_live() -> impl Strategy<Value = Live> {
    let names = proptest::sample::select(vec!["shop", "reader", "stranger", "PUBLIC"]);
    let attributes = (
        proptest::collection::vec(
            prop_oneof![Just("caching_sha2_password"), Just("mysql_native_password"), Just("unix_socket")],
            0..3,
        ),
        any::<[bool; 3]>(),
        prop_oneof![Just(Tls::No), Just(Tls::Yes), Just(Tls::Certificate)],
        0_u32..20,
    );
    (names, attributes, proptest::collection::vec(any_grant(), 0..5)).prop_map(
        |(user, (plugins, [is_locked, is_open, has_second_password], tls, connections), mut grants)| {
            let is_role = user == "PUBLIC";
            // A server prints one line for one scope.
            let mut seen = BTreeSet::new();
            grants.retain(|grant| match grant {
                Grant::Privileges(on) => seen.insert(on.scope.clone()) && !grant.is_nothing(),
                _ => true,
            });
            let plugins = plugins.into_iter().map(str::to_owned).collect();
            Live {
                name: AccountName::new(user, if is_role { "" } else { "10.1.0.0/255.255.0.0" }),
                attributes: Attributes {
                    plugins,
                    is_open,
                    has_second_password,
                    is_locked,
                    tls,
                    connections,
                    ..Attributes::default()
                },
                grants,
                is_role,
            }
        },
    )
}

fn any_expected(dialect: Dialect) -> impl Strategy<Value = Expected> {
    let tables = || Reach::parse("orders, items").expect("tables");
    let reach = prop_oneof![Just(Reach::Database), Just(tables())];
    let level = proptest::sample::select(Level::ALL.to_vec());
    let user = proptest::sample::select(vec!["shop", "reader", "gone"]);
    (user, level, reach, any::<bool>(), any::<bool>()).prop_map(
        move |(user, level, reach, is_locked, tls)| {
            let mut one = expected(user, level, reach, dialect);
            one.is_locked = is_locked;
            one.limits.tls = tls;
            one
        },
    )
}

fn by_name<T>(all: Vec<T>, name: impl Fn(&T) -> AccountName) -> BTreeMap<AccountName, T> {
    all.into_iter().map(|one| (name(&one), one)).collect()
}

proptest! {
    #[test]
    fn a_repair_leaves_no_difference_but_a_password_from_wherever_it_begins_and_broke_off(
        (dialect, expected) in proptest::sample::select(DIALECTS.to_vec()).prop_flat_map(|dialect| {
            (Just(dialect), proptest::collection::vec(any_expected(dialect), 0..4))
        }),
        live in proptest::collection::vec(any_live(), 0..6),
        broke_off in 0_usize..12,
    ) {
        let expected: Vec<_> = by_name(expected, |one| one.name.clone()).into_values().collect();
        let mut all = by_name(live, |one| one.name.clone());
        let ignored = Ignored::with(&[]);
        let mut without = BTreeSet::new();
        let names: BTreeSet<_> = expected.iter().map(|one| &one.name).chain(all.keys()).cloned().collect();
        for name in names {
            let granted = expected.iter().find(|one| one.name == name);
            for limit in [broke_off, usize::MAX] {
                let fix = repair(granted, all.get(&name), dialect);
                without.extend(fix.needs_password.then(|| name.clone()));
                for step in fix.steps.iter().take(limit) {
                    apply(step, &mut all, dialect);
                }
            }
        }
        let live: Vec<_> = all.into_values().collect();
        for left in differences(&expected, &live, &ignored, dialect) {
            let waits = matches!(left.what, What::Missing | What::Locked | What::Open | What::OtherPlugin(..));
            prop_assert!(waits && without.contains(&left.account), "{left:?}");
        }
    }

    #[test]
    fn nothing_but_what_a_level_has_is_ever_granted(
        (dialect, expected) in proptest::sample::select(DIALECTS.to_vec()).prop_flat_map(|dialect| {
            (Just(dialect), any_expected(dialect))
        }),
        live in any_live(),
    ) {
        for step in repair(Some(&expected), Some(&live), dialect).steps {
            let sql = step.statement(dialect).sql().to_owned();
            if sql.starts_with("GRANT") {
                let names = sql.contains(r"`shop\_a`.*") || sql.contains("`shop_a`.");
                prop_assert!(names && !sql.contains("ALL") && !sql.contains("OPTION") && !sql.contains("*.*"));
            }
        }
    }
}
