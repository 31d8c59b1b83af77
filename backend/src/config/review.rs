//! The review: how long it may ask, and which rule is how serious for whom.

use crate::rules;
use dbdesk_cmdb::near::nearest;
use dbdesk_commands::wire::rule::Origin;
use dbdesk_review::{InForce, Layer, layers::Fault, settings::Limits, thresholds};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The review.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Review {
    /// How long asking the live server may take in all.
    pub live_timeout_ms: u64,
    /// Thresholds of the rules, for all.
    pub limits: Limits,
    /// Levels of rules that differ from the rules' own, for all.
    pub rules: BTreeMap<String, String>,
    /// What differs in single environments.
    pub environment: BTreeMap<String, Layer>,
    /// What differs for single service groups.
    pub group: BTreeMap<String, Layer>,
}

impl Default for Review {
    fn default() -> Self {
        Self {
            live_timeout_ms: 8_000,
            limits: Limits::default(),
            rules: BTreeMap::new(),
            environment: BTreeMap::new(),
            group: BTreeMap::new(),
        }
    }
}

impl Review {
    /// What is in force for this environment and this service group; without them, for all.
    #[must_use]
    pub fn in_force(&self, environment: Option<&str>, group: Option<&str>) -> InForce {
        let all = Layer::of(&self.rules, &self.limits);
        let environment = environment.and_then(|name| self.environment.get(name));
        let group = group.and_then(|name| self.group.get(name));
        let layers =
            [(Origin::Global, Some(&all)), (Origin::Environment, environment), (Origin::Group, group)];
        InForce::of(layers.into_iter().filter_map(|(from, layer)| Some((from, layer?))))
    }

    /// Everything that is said of rules and can not be taken: its key, why, and what to write.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let of = |place: &str, layer: &Layer| -> Vec<String> {
            layer.faults().iter().map(|fault| told(place, fault)).collect()
        };
        let named = |section: &str, layers: &BTreeMap<String, Layer>| -> Vec<String> {
            layers.iter().flat_map(|(name, layer)| of(&format!("review.{section}.{name}."), layer)).collect()
        };
        let mut faults = of("review.", &Layer::of(&self.rules, &self.limits));
        faults.extend(named("environment", &self.environment));
        faults.extend(named("group", &self.group));
        faults
    }
}

fn told(place: &str, Fault { key, why, unknown }: &Fault) -> String {
    let Some(unknown) = unknown else { return format!("`{place}{key}`: {why}.") };
    let known = thresholds::written(&Limits::default());
    let near = if key.starts_with("rules.") {
        rules::near(unknown)
    } else {
        nearest(unknown, known.keys().map(String::as_str))
    };
    format!("`{place}{key}`: {why}. Did you mean `{}`?", near.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_rules_of_its_own_those_of_its_environment_or_those_of_all() {
        let review: Review = toml::from_str(
            "rules = { drop-column = \"error\" }\nlimits = { affected_rows = 500 }\n\
             [environment.production.limits]\naffected_rows = 100\n\
             [environment.production.rules]\ntable-without-comment = \"error\"\n\
             [group.shop.limits]\nname_chars = 30\n",
        )
        .expect("a review");
        assert!(review.faults().is_empty());
        let rows = |environment, group| {
            let limits = review.in_force(environment, group).settings().limits;
            (limits.affected_rows, limits.name_chars)
        };
        assert_eq!(rows(Some("production"), Some("shop")), (100, 30));
        assert_eq!(rows(Some("staging"), Some("shop")), (500, 30));
        assert_eq!(rows(None, None), (500, 64));
        let marks = [(None, None), (Some("production"), None), (Some("production"), Some("shop"))];
        let marks =
            marks.map(|(environment, group)| review.in_force(environment, group).settings().measure());
        assert!(marks[0] != marks[1] && marks[1] != marks[2], "each is another measure: {marks:?}");
    }
}
