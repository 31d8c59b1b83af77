use super::*;
use serde_json::json;

fn layer(rules: &[(&str, &str)], limits: &[(&str, Value)]) -> Layer {
    Layer {
        rules: rules.iter().map(|(id, level)| ((*id).to_owned(), (*level).to_owned())).collect(),
        limits: limits.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}

fn stands(now: &InForce, id: &str) -> (RuleLevel, Origin) {
    let found = now.rules().iter().find(|rule| rule.rule.id == id).expect("a rule");
    (found.level, found.from)
}

#[test]
fn a_group_stands_over_its_environment_and_that_over_what_is_said_for_all_field_by_field() {
    let all = layer(
        &[("table-without-comment", "off"), ("drop-column", "error")],
        &[("affected_rows", json!(500)), ("indexes_per_table", json!(8))],
    );
    let production = layer(&[("drop-column", "needs_dba")], &[("affected_rows", json!(100))]);
    let shop = layer(&[("table-without-comment", "error")], &[("name_chars", json!(30))]);
    let now =
        InForce::of([(Origin::Global, &all), (Origin::Environment, &production), (Origin::Group, &shop)]);
    assert_eq!(stands(&now, "table-without-comment"), (RuleLevel::Error, Origin::Group));
    assert_eq!(stands(&now, "drop-column"), (RuleLevel::NeedsDba, Origin::Environment));
    assert_eq!(stands(&now, "delete-without-where"), (RuleLevel::NeedsDba, Origin::Default));
    let settings = now.settings();
    assert_eq!(settings.rules.len(), 2, "only what is said: {:?}", settings.rules);
    let limits = &settings.limits;
    assert_eq!((limits.affected_rows, limits.indexes_per_table, limits.name_chars), (100, 8, 30));
    let rows = rules::by_id("too-many-affected-rows").expect("a rule");
    let line = now.page(Scope::default(), &[rows], Lang::En).rules.remove(0);
    let rows = LimitLine { name: "affected_rows".to_owned(), value: json!(100), from: Origin::Environment };
    assert_eq!(line.limits, [rows]);
    assert_ne!(settings.measure(), Settings::default().measure());
    assert_eq!(InForce::of([]).settings(), Settings::default());
}

#[test]
fn what_can_not_be_taken_is_told_with_its_key_and_what_to_write() {
    let wrong = layer(
        &[
            ("delete-without-were", "off"),
            ("drop-table", "loud"),
            ("not-analysable", "notice"),
            ("syntax-error", "off"),
        ],
        &[("name_chars", json!(0)), ("rows", json!(1)), ("engines", json!("innodb"))],
    );
    let told: Vec<String> =
        wrong.faults().into_iter().map(|fault| format!("{}: {}", fault.key, fault.why)).collect();
    insta::assert_snapshot!(told.join("\n"));
    let left = InForce::of([(Origin::Global, &wrong)]).settings();
    assert_eq!(left, Settings::default(), "nothing of it is in force");
}

#[test]
fn what_is_not_understood_can_be_made_more_serious_but_never_less() {
    for rule in rules::ALL.iter().filter(|rule| is_firm(rule)) {
        for level in RuleLevel::ALL {
            let faults = layer(&[(rule.id, level.word())], &[]).faults();
            assert_eq!(faults.is_empty(), level <= rule.level.into(), "{} {level:?}", rule.id);
        }
    }
    assert!(FIRM.iter().all(|id| rules::by_id(id).is_some_and(|rule| rule.on)), "each is there and on");
}

#[test]
fn of_rules_that_contradict_each_other_the_one_switched_on_last_is_on() {
    let mut groups: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules::ALL {
        if let Some(group) = rule.exclusive {
            groups.entry(group).or_default().push(rule);
        }
    }
    for (group, members) in groups {
        let on = members.iter().filter(|rule| rule.on).count();
        assert!(members.len() > 1 && on <= 1, "{group}: {on} of {} are on", members.len());
        let [first, second, ..] = members.as_slice() else { continue };
        let both = layer(&[(first.id, "warning"), (second.id, "notice")], &[]);
        let told = both.faults();
        assert!(told.iter().any(|fault| fault.why.contains("contradict each other")), "{group}: {told:?}");
        let (one, other) = (layer(&[(first.id, "error")], &[]), layer(&[(second.id, "notice")], &[]));
        assert!(one.faults().is_empty() && other.faults().is_empty());
        let now = InForce::of([(Origin::Global, &one), (Origin::Group, &other)]);
        assert_eq!(stands(&now, first.id), (RuleLevel::Off, Origin::Group));
        assert_eq!(stands(&now, second.id), (RuleLevel::Notice, Origin::Group));
        assert!(!now.settings().has_on(first));
    }
}
