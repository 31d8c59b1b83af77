//! Who must approve what, as data: the first rule that fits says it.

use crate::{
    approval::Step,
    people::{DBA, GROUP_NAME_CHARS, Groups},
};
use dbdesk_commands::wire::{policy::RequestKind, ticket::Risk};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, num::NonZeroU8};

/// Most steps of a rule.
pub const STEPS: usize = 8;
/// Most rules.
pub const RULES: usize = 500;

/// What is asked for, as far as policy looks at it. What is not known counts as more than any limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject<'a> {
    /// What kind of request.
    pub kind: RequestKind,
    /// On which service group.
    pub service_group: &'a str,
    /// In which environment.
    pub environment: &'a str,
    /// How much it can hurt.
    pub risk: Risk,
    /// How many statements.
    pub statements: u32,
    /// Rows that all together change, as counted on the server.
    pub affected_rows: Option<u64>,
    /// The largest table whose structure changes, with its indexes.
    pub table_bytes: Option<u64>,
}

/// A rule of policy: everything that is written in it must hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// One of these kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<RequestKind>>,
    /// On one of these service groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_groups: Option<Vec<String>>,
    /// In one of these environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environments: Option<Vec<String>>,
    /// At least this risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// More statements than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<u32>,
    /// More rows changed than this, or not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affected_rows: Option<u64>,
    /// Structure of a table changed that is larger than this, or not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_bytes: Option<u64>,
    /// Who approves, one step after the other. None: nobody is needed, which is for accounts and databases only.
    pub steps: Vec<Step>,
}

impl Rule {
    /// Whether it speaks of this.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        fn one_of<T: PartialEq<U>, U: ?Sized>(any: Option<&Vec<T>>, it: &U) -> bool {
            any.is_none_or(|any| any.iter().any(|one| one == it))
        }
        one_of(self.kinds.as_ref(), &subject.kind)
            && one_of(self.service_groups.as_ref(), subject.service_group)
            && one_of(self.environments.as_ref(), subject.environment)
            && self.risk.is_none_or(|least| subject.risk >= least)
            && self.statements.is_none_or(|most| subject.statements > most)
            && self.affected_rows.is_none_or(|most| subject.affected_rows.is_none_or(|rows| rows > most))
            && self.table_bytes.is_none_or(|most| subject.table_bytes.is_none_or(|bytes| bytes > most))
    }
}

/// What holds for a request: a rule, or what holds where none fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled<'a> {
    /// The rule's name; `None` where none fits.
    pub rule: Option<&'a str>,
    /// Who approves.
    pub steps: Vec<Step>,
}

/// One of the service group's DBAs: what holds where no rule fits.
#[must_use]
pub fn one_dba() -> Step {
    Step { from: DBA.to_owned(), needs: NonZeroU8::MIN }
}

/// The first rule that fits, or [`one_dba`].
#[must_use]
pub fn rule<'a>(rules: &'a [Rule], subject: &Subject<'_>) -> Ruled<'a> {
    match rules.iter().find(|rule| rule.fits(subject)) {
        Some(rule) => Ruled { rule: Some(&rule.name), steps: rule.steps.clone() },
        None => Ruled { rule: None, steps: vec![one_dba()] },
    }
}

/// Everything that is wrong with rules and groups as they are written, each as a sentence for the log.
#[must_use]
pub fn faults(groups: &Groups, rules: &[Rule]) -> Vec<String> {
    let mut faults = Vec::new();
    for name in groups.0.keys() {
        if name == DBA {
            faults.push(format!(
                "`policy.approvers.{DBA}` is taken: it stands for the DBAs of the ticket's service group"
            ));
        }
        if !is_name(name) {
            faults.push(format!(
                "`policy.approvers.{name}`: a name has at most {GROUP_NAME_CHARS} letters, digits, `-`, `_` and no blanks"
            ));
        }
    }
    if rules.len() > RULES {
        faults.push(format!("[[policy.rule]]: {} rules; {RULES} are the most", rules.len()));
    }
    let mut seen = BTreeSet::new();
    for rule in rules {
        let place = format!("[[policy.rule]] “{}”", rule.name);
        if !seen.insert(rule.name.as_str()) {
            faults.push(format!("{place} stands there twice; each rule has a name of its own"));
        }
        faults.extend(rule_faults(rule, groups).into_iter().map(|fault| format!("{place}: {fault}")));
    }
    faults
}

fn rule_faults(rule: &Rule, groups: &Groups) -> Vec<String> {
    let mut faults = Vec::new();
    if rule.name.trim().is_empty() || rule.name.chars().count() > GROUP_NAME_CHARS {
        faults.push(format!("a rule has a `name` of at most {GROUP_NAME_CHARS} characters"));
    }
    if rule.steps.len() > STEPS {
        faults.push(format!("{} steps; {STEPS} are the most", rule.steps.len()));
    }
    for step in &rule.steps {
        if step.from != DBA && !groups.0.contains_key(&step.from) {
            faults.push(format!(
                "there is no group of approvers `{}`; name one of [policy.approvers], or `{DBA}`",
                step.from
            ));
        }
    }
    let sql = |kinds: &Vec<RequestKind>| kinds.iter().any(|kind| kind.is_sql());
    if rule.steps.is_empty() && rule.kinds.as_ref().is_none_or(sql) {
        faults.push(
            "`steps` is empty, so that nobody would be needed. For SQL that is said by [policy.limits]; write at least one step, or name \
             kinds that are no SQL"
                .to_owned(),
        );
    }
    for (key, list) in [("service_groups", &rule.service_groups), ("environments", &rule.environments)] {
        if list.as_ref().is_some_and(Vec::is_empty) {
            faults
                .push(format!("`{key}` is an empty list, so that the rule never fits; leave it out for all"));
        }
    }
    if rule.kinds.as_ref().is_some_and(Vec::is_empty) {
        faults.push("`kinds` is an empty list, so that the rule never fits; leave it out for all".to_owned());
    }
    faults
}

fn is_name(name: &str) -> bool {
    (1..=GROUP_NAME_CHARS).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        approvers: Groups,
        #[serde(default)]
        rule: Vec<Rule>,
    }

    const POLICY: &str = r#"
[approvers.leads]
people = ["lea"]
[[rule]]
name = "destroys in production"
environments = ["production"]
risk = "high"
steps = [{ from = "leads", needs = 1 }, { from = "dba", needs = 2 }]
[[rule]]
name = "many rows"
kinds = ["dml", "undo"]
affected_rows = 100
steps = [{ from = "dba", needs = 2 }]
[[rule]]
name = "reading elsewhere"
kinds = ["account"]
environments = ["staging"]
risk = "low"
steps = []
"#;

    fn subject(kind: RequestKind, environment: &str, risk: Risk, rows: Option<u64>) -> Subject<'_> {
        Subject {
            kind,
            service_group: "shop",
            environment,
            risk,
            statements: 1,
            affected_rows: rows,
            table_bytes: Some(0),
        }
    }

    fn ruled(subject: &Subject<'_>) -> String {
        let file: File = toml::from_str(POLICY).unwrap();
        let ruled = rule(&file.rule, subject);
        let steps: Vec<_> =
            ruled.steps.iter().map(|step| format!("{} of {}", step.needs, step.from)).collect();
        format!("{}: {}", ruled.rule.unwrap_or("-"), steps.join(", "))
    }

    #[test]
    fn the_first_rule_that_fits_says_who_approves_and_else_one_dba_does() {
        use RequestKind as K;
        let told = |kind, environment, risk, rows| ruled(&subject(kind, environment, risk, rows));
        assert_eq!(
            told(K::Ddl, "production", Risk::High, Some(0)),
            "destroys in production: 1 of leads, 2 of dba"
        );
        assert_eq!(told(K::Ddl, "staging", Risk::High, Some(0)), "-: 1 of dba");
        assert_eq!(told(K::Dml, "staging", Risk::Low, Some(100)), "-: 1 of dba");
        assert_eq!(told(K::Dml, "staging", Risk::Low, Some(101)), "many rows: 2 of dba");
        assert_eq!(
            told(K::Dml, "staging", Risk::Low, None),
            "many rows: 2 of dba",
            "what is not counted is more than any limit"
        );
        assert_eq!(told(K::Account, "staging", Risk::Low, None), "reading elsewhere: ");
        assert_eq!(told(K::Account, "production", Risk::Low, None), "-: 1 of dba");
    }

    #[test]
    fn what_can_not_be_meant_is_told_rule_by_rule() {
        let wrong = format!(
            "{POLICY}{}",
            r#"
[approvers.dba]
people = ["eve"]
[approvers."two words"]
people = ["eve"]
[[rule]]
name = "many rows"
steps = [{ from = "leeds", needs = 1 }]
[[rule]]
name = "nobody"
environments = []
kinds = []
steps = []
[[rule]]
name = "sql by nobody"
steps = []
"#
        );
        let file: File = toml::from_str(&wrong).unwrap();
        insta::assert_snapshot!(faults(&file.approvers, &file.rule).join("\n"));
        let good: File = toml::from_str(POLICY).unwrap();
        assert!(faults(&good.approvers, &good.rule).is_empty());
    }

    #[test]
    fn a_step_that_needs_nobody_can_not_be_written() {
        let zero = POLICY.replace("needs = 2", "needs = 0");
        assert!(toml::from_str::<File>(&zero).is_err());
    }
}
