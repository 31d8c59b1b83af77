use super::*;
use proptest::prelude::*;
use std::fmt::Write as _;

const GOOD: &str = r#"
name = "table-sizes"
title = { en = "The largest tables", "zh-CN" = "最大的表" }
run = "run.py"
who = ["developer", "leads"]
approvals = "nobody"
risk = "low"
time_limit = "5m"
secrets = "primary"
targets = { environments = ["staging"] }
concurrency = { at_once = 2 }
[[parameter]]
name = "database"
text = { en = "Of which database", "zh-CN" = "哪个库" }
kind = "database"
required = true
[[parameter]]
name = "most"
text = { en = "How many", "zh-CN" = "多少个" }
kind = "integer"
least = 1
most = 100
default = 20
"#;

fn faults(text: &str) -> String {
    match Manifest::parse("table-sizes", text) {
        Ok(_) => "it is good\n".to_owned(),
        Err(faults) => faults.iter().fold(String::new(), |mut told, fault| {
            let Said { en, zh } = fault.told();
            let _ = writeln!(told, "{en}\n{zh}");
            told
        }),
    }
}

#[test]
fn a_manifest_says_who_may_run_it_where_and_with_what() {
    let manifest = Manifest::parse("table-sizes", GOOD).unwrap();
    assert_eq!(manifest.who, [Who::Role(Role::Developer), Who::Group("leads".to_owned())]);
    assert_eq!(manifest.groups().collect::<Vec<_>>(), ["leads"]);
    assert_eq!((manifest.time_limit_s, manifest.at_once, manifest.per_group), (300, 2, 1));
    assert!(manifest.targets.has("shop", "staging") && !manifest.targets.has("shop", "production"));
    assert_eq!(manifest.parameter("most").unwrap().default, Some(20.into()));
}

#[test]
fn what_is_wrong_is_told_with_its_place_in_both_languages() {
    let mut told = String::new();
    for (from, to) in [
        ("", ""),
        ("name = \"table-sizes\"", "name = \"sizes\""),
        ("name = \"table-sizes\"", "name = \"../etc\""),
        (", \"zh-CN\" = \"最大的表\"", ""),
        ("\"最大的表\"", "\" \""),
        ("run = \"run.py\"", "run = \"../../bin/sh\""),
        ("run = \"run.py\"", "run = \".hidden\""),
        ("run = \"run.py\"", "exec = \"run.py\""),
        ("[\"developer\", \"leads\"]", "[]"),
        ("who = [\"developer\", \"leads\"]\n", ""),
        ("\"nobody\"", "\"anybody\""),
        ("\"nobody\"", "{ from = \"dba\", needs = 0 }"),
        ("risk = \"low\"\n", ""),
        ("\"5m\"", "\"25h\""),
        ("\"5m\"", "\"0s\""),
        ("\"5m\"", "\"soon\""),
        ("time_limit = \"5m\"\n", ""),
        ("\"primary\"", "\"root\""),
        ("{ at_once = 2 }", "{ at_once = 0 }"),
        ("environments", "environment"),
        ("kind = \"database\"", "kind = \"schema\""),
        ("kind = \"database\"", "kind = \"choice\""),
        ("kind = \"database\"", "kind = \"text\"\npattern = \"(\""),
        ("kind = \"database\"", "kind = \"text\"\nleast = 7"),
        ("name = \"most\"", "name = \"database\""),
        ("name = \"most\"", "name = \"Most Rows\""),
        ("default = 20", "default = 200"),
        ("default = 20", "default = 20\nrequired = true"),
        ("least = 1", "least = 1000"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        let _ = write!(told, "## {from} → {to}\n{}", faults(&text));
    }
    let _ = write!(told, "## long\n{}", faults(&format!("# {}", "x".repeat(MANIFEST_BYTES))));
    insta::assert_snapshot!(told);
}

proptest! {
    #[test]
    fn no_manifest_makes_the_reader_panic(text in any::<String>(), at in 0..GOOD.len(), to in "[ -~]{0,4}") {
        let _ = Manifest::parse("table-sizes", &text);
        let at = (0..=at).rev().find(|at| GOOD.is_char_boundary(*at)).unwrap_or(0);
        let _ = Manifest::parse("table-sizes", &format!("{}{to}{}", &GOOD[..at], &GOOD[at..]));
    }

    #[test]
    fn a_name_is_safe_wherever_it_stands(text in any::<String>()) {
        if is_name(&text) {
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            prop_assert!(text.len() <= NAME_CHARS && !text.starts_with('-'));
        }
    }
}
