//! Which rule is how serious for whom: the rules' own levels and thresholds, and layer over layer what is said otherwise for
//! all, for an environment, for a service group.

use crate::{
    rules::{
        self, Rule,
        page::{Page, flowing},
    },
    settings::{Limits, RuleLevel, Settings},
    thresholds::{self, Threshold},
};
use dbdesk_commands::{
    lang::Lang,
    wire::rule::{LimitLine, Origin, RuleLine, RulePage, RuleView, Scope},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt::Write as _};

/// Rules that no layer may make less serious: without them a statement would pass that nobody understands, that nobody could
/// count, or that moves the ground under the process that runs it.
const FIRM: [&str; 7] = [
    "affected-rows-unknown",
    "executable-comment",
    "not-analysable",
    "server-refuses",
    "statement-out-of-place",
    rules::SYNTAX_ERROR,
    "transaction-control",
];

/// What is said otherwise than below.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Layer {
    /// Levels of rules by id: `off`, `notice`, `warning`, `needs_dba`, `error`.
    pub rules: BTreeMap<String, String>,
    /// Thresholds by name.
    pub limits: Map<String, Value>,
}

/// Something in a layer that can not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: `rules.table-without-comment`, `limits.affected_rows`.
    pub key: String,
    /// Why, and what to write.
    pub why: String,
    /// The word that is not known, for whoever can say which is near.
    pub unknown: Option<String>,
}

impl Layer {
    /// The layer of these levels and of those thresholds that differ from the default.
    #[must_use]
    pub fn of(rules: &BTreeMap<String, String>, limits: &Limits) -> Self {
        let usual = thresholds::written(&Limits::default());
        let mut limits = thresholds::written(limits);
        limits.retain(|name, value| usual.get(name) != Some(value));
        Self { rules: rules.clone(), limits }
    }

    /// Everything in it that can not be taken.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let levels = self.rules.iter().filter_map(|(id, level)| {
            let fault = |why, unknown| Some(Fault { key: format!("rules.{id}"), why, unknown });
            let Some(rule) = rules::by_id(id) else {
                return fault(format!("there is no rule `{id}`"), Some(id.clone()));
            };
            let Some(level) = RuleLevel::of_word(level) else {
                return fault(format!("\"{level}\" is not a level; write one of {}", levels()), None);
            };
            is_lowered(rule, level).then(|| Fault {
                key: format!("rules.{id}"),
                why: format!(
                    "this rule can not be less than \"{}\": without it the desk would pass what it does not understand. \
                     Leave the line out",
                    RuleLevel::from(rule.level).word()
                ),
                unknown: None,
            })
        });
        let usual = Limits::default();
        let known = thresholds::written(&usual);
        let limits = self.limits.iter().filter_map(|(name, value)| {
            let key = format!("limits.{name}");
            if !known.contains_key(name) {
                let why = format!("there is no threshold `{name}`");
                return Some(Fault { key, why, unknown: Some(name.clone()) });
            }
            let why = thresholds::with(&usual, name, value).err()?;
            Some(Fault { key, why, unknown: None })
        });
        levels.chain(limits).chain(self.contradictions()).collect()
    }

    /// Rules of one exclusive group that this layer itself switches on together.
    fn contradictions(&self) -> impl Iterator<Item = Fault> {
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (rule, level) in self.levels() {
            if let Some(group) = rule.exclusive.filter(|_| level != RuleLevel::Off) {
                groups.entry(group).or_default().push(rule.id);
            }
        }
        groups.into_values().filter(|on| on.len() > 1).filter_map(|on| {
            let last = on.last()?;
            Some(Fault {
                key: format!("rules.{last}"),
                why: format!(
                    "`{}` contradict each other, and at most one of them may be on. Set all but one of them to \"off\"",
                    on.join("` and `")
                ),
                unknown: None,
            })
        })
    }

    /// The levels that can be taken.
    fn levels(&self) -> impl Iterator<Item = (&'static Rule, RuleLevel)> {
        self.rules.iter().filter_map(|(id, level)| {
            let (rule, level) = (rules::by_id(id)?, RuleLevel::of_word(level)?);
            (!is_lowered(rule, level)).then_some((rule, level))
        })
    }
}

fn levels() -> String {
    RuleLevel::ALL.map(|level| format!("\"{}\"", level.word())).join(", ")
}

/// Whether no layer may make it less serious.
fn is_firm(rule: &Rule) -> bool {
    FIRM.contains(&rule.id)
}

fn is_lowered(rule: &Rule, level: RuleLevel) -> bool {
    is_firm(rule) && level > rule.level.into()
}

/// How serious a rule is where nobody says otherwise.
#[must_use]
pub fn usual(rule: &Rule) -> RuleLevel {
    if rule.on { rule.level.into() } else { RuleLevel::Off }
}

/// A rule as it is in force.
#[derive(Clone)]
pub struct RuleInForce {
    /// Which.
    pub rule: &'static Rule,
    /// How serious its findings are.
    pub level: RuleLevel,
    /// Who says so.
    pub from: Origin,
    /// The rule that excludes it and was switched on by that layer.
    pub excluded_by: Option<&'static str>,
}

/// Every rule and threshold as it is in force for somebody.
#[derive(Clone)]
pub struct InForce {
    /// The rules, in their order.
    rules: Vec<RuleInForce>,
    /// The thresholds.
    limits: Limits,
    /// Who says what each is, where it is not the default.
    limits_from: BTreeMap<String, Origin>,
}

impl InForce {
    /// What `layers` make of the rules; later ones stand over earlier ones, field by field. A layer that switches a rule on
    /// switches off those that contradict it. What can not be taken ([`Layer::faults`]) is left out.
    #[must_use]
    pub fn of<'a>(layers: impl IntoIterator<Item = (Origin, &'a Layer)>) -> Self {
        let usual = |rule| RuleInForce { rule, level: usual(rule), from: Origin::Default, excluded_by: None };
        let mut now = Self {
            rules: rules::ALL.iter().map(usual).collect(),
            limits: Limits::default(),
            limits_from: BTreeMap::new(),
        };
        for (from, layer) in layers {
            now.lay(from, layer);
        }
        now
    }

    fn lay(&mut self, from: Origin, layer: &Layer) {
        for (rule, level) in layer.levels() {
            for other in &mut self.rules {
                if other.rule.id == rule.id {
                    (other.level, other.from, other.excluded_by) = (level, from, None);
                } else if level != RuleLevel::Off
                    && rule.exclusive.is_some_and(|group| other.rule.exclusive == Some(group))
                    && other.level != RuleLevel::Off
                {
                    (other.level, other.from, other.excluded_by) = (RuleLevel::Off, from, Some(rule.id));
                }
            }
        }
        for (name, value) in &layer.limits {
            if let Ok(limits) = thresholds::with(&self.limits, name, value) {
                self.limits = limits;
                self.limits_from.insert(name.clone(), from);
            }
        }
    }

    /// For [`crate::judge()`]; flavour and database are still to be said.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let said = self.rules.iter().filter(|rule| rule.from != Origin::Default);
        Settings {
            limits: self.limits.clone(),
            rules: said.map(|rule| (rule.rule.id.to_owned(), rule.level)).collect(),
            ..Settings::default()
        }
    }

    /// The rules, in their order.
    #[must_use]
    pub fn rules(&self) -> &[RuleInForce] {
        &self.rules
    }

    /// One rule for the wire, in one language.
    #[must_use]
    pub fn line(&self, rule: &RuleInForce, lang: Lang) -> RuleLine {
        RuleLine {
            id: rule.rule.id.to_owned(),
            title: Page::of(rule.rule.page).title(lang),
            level: rule.level,
            from: rule.from,
            default: usual(rule.rule),
            firm: is_firm(rule.rule),
            exclusive: rule.rule.exclusive.map(str::to_owned),
            excluded_by: rule.excluded_by.map(str::to_owned),
            limits: self.limits_of(rule.rule),
        }
    }

    /// The thresholds that a rule measures by.
    fn limits_of(&self, rule: &Rule) -> Vec<LimitLine> {
        self.limits(|threshold| threshold.rules.contains(&rule.id))
    }

    /// The thresholds that belong to no single rule.
    #[must_use]
    pub fn limits_of_none(&self) -> Vec<LimitLine> {
        self.limits(|threshold| threshold.rules.is_empty())
    }

    fn limits(&self, wanted: impl Fn(&Threshold) -> bool) -> Vec<LimitLine> {
        let mut written = thresholds::written(&self.limits);
        let line = |threshold: &Threshold| {
            let from = self.limits_from.get(threshold.name).copied().unwrap_or(Origin::Default);
            Some(LimitLine { value: written.remove(threshold.name)?, name: threshold.name.to_owned(), from })
        };
        thresholds::ALL.iter().filter(|threshold| wanted(threshold)).filter_map(line).collect()
    }

    /// These rules for the wire, in one language.
    #[must_use]
    pub fn page(&self, scope: Scope, which: &[&'static Rule], lang: Lang) -> RulePage {
        let of = |rule: &&'static Rule| self.rules.iter().find(|one| one.rule.id == rule.id);
        let rules = which.iter().filter_map(of).map(|rule| self.line(rule, lang)).collect();
        RulePage { scope, measure: self.settings().measure(), rules, limits: self.limits_of_none() }
    }

    /// A rule with its page, in one language.
    #[must_use]
    pub fn view(&self, scope: Scope, rule: &'static Rule, lang: Lang) -> Option<RuleView> {
        let in_force = self.rules.iter().find(|one| one.rule.id == rule.id)?;
        let page = Page::of(rule.page);
        let parts = page.parts(lang);
        Some(RuleView {
            scope,
            rule: self.line(in_force, lang),
            what: flowing(parts.what),
            why: flowing(parts.why),
            what_to_do: flowing(parts.what_to_do),
            bad: page.example(true).map(str::to_owned),
            good: page.example(false).map(str::to_owned),
        })
    }
}

impl Settings {
    /// A short mark of the levels and thresholds: it changes with any of them.
    #[must_use]
    pub fn measure(&self) -> String {
        // Maps and structs of plain fields can be written, always in one order.
        let text = serde_json::to_string(&(&self.rules, &self.limits)).unwrap_or_default();
        Sha256::digest(text.as_bytes()).iter().take(6).fold(String::new(), |mut mark, byte| {
            let _ = write!(mark, "{byte:02x}");
            mark
        })
    }
}

#[cfg(test)]
mod tests;
