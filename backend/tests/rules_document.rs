//! What is written of the rules elsewhere is what the rules say.

use dbdesk_review::{
    rules::{
        self,
        document::{PLACES, document},
    },
    settings::Limits,
    thresholds,
};
use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn the_documents_say_what_the_rules_say() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (place, lang) in PLACES {
        let written = fs::read_to_string(repository.join(place)).unwrap_or_default();
        assert!(written == document(lang), "{place} is not what the rules say: run `make docs`");
        for rule in rules::ALL {
            let page = format!("backend/review/src/rules/{}.md", rule.id.replace('-', "_"));
            assert!(repository.join(&page).exists() && written.contains(&page), "{place}: {page}");
        }
    }
}

#[test]
fn every_threshold_belongs_to_rules_that_there_are() {
    let fields: BTreeSet<String> = thresholds::written(&Limits::default()).keys().cloned().collect();
    let known: BTreeSet<String> = thresholds::ALL.iter().map(|one| one.name.to_owned()).collect();
    assert_eq!(fields, known, "fields of Limits, and lines of thresholds::ALL");
    for threshold in thresholds::ALL {
        let gone: Vec<_> = threshold.rules.iter().filter(|id| rules::by_id(id).is_none()).collect();
        assert!(gone.is_empty(), "{}: there is no rule {gone:?}", threshold.name);
        let usual = &thresholds::written(&Limits::default())[threshold.name];
        assert!(
            thresholds::with(&Limits::default(), threshold.name, usual).is_ok(),
            "{}: its default {usual}",
            threshold.name
        );
    }
}

#[test]
fn a_rule_is_said_to_measure_by_the_thresholds_that_its_code_reads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("review/src/rules");
    for rule in rules::ALL {
        let file = folder.join(format!("{}.rs", rule.id.replace('-', "_")));
        let code = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let reads = |name: &str| code.contains(&format!("limits.{name}"));
        for threshold in thresholds::ALL.iter().filter(|one| reads(one.name)) {
            assert!(threshold.rules.contains(&rule.id), "{} reads {}", rule.id, threshold.name);
        }
    }
}
