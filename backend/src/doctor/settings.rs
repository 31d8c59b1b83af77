//! Settings of environments and service groups that the inventory does not have: they do nothing, and nobody would see it.

use super::Check;
use crate::config::Config;
use dbdesk_cmdb::{ServiceGroup, near::nearest};
use dbdesk_commands::lang::said;
use std::collections::BTreeSet;

pub(super) fn check(config: &Config, groups: &[ServiceGroup]) -> Vec<Check> {
    let names: BTreeSet<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let environments: BTreeSet<&str> = groups.iter().map(|group| group.environment.as_str()).collect();
    let review = &config.review;
    let said_of_groups = [
        ("review.group", review.group.keys().collect::<Vec<_>>()),
        ("target.group", config.target.group.keys().collect()),
    ];
    let said_of_environments = [
        ("review.environment", review.environment.keys().collect::<Vec<_>>()),
        ("policy.environment", config.policy.environment.keys().collect()),
    ];
    let of_groups = said_of_groups.iter().map(|said| (said, &names));
    let all = of_groups.chain(said_of_environments.iter().map(|said| (said, &environments)));
    all.flat_map(|((section, said), known)| {
        let unknown = said.iter().filter(|name| !known.contains(name.as_str()));
        unknown.map(|name| unheard(section, name, known))
    })
    .collect()
}

fn unheard(section: &str, name: &str, known: &BTreeSet<&str>) -> Check {
    let near = nearest(name, known.iter().copied()).join(", ");
    Check::warning(
        "configuration",
        said!(
            "[{section}.{name}] does nothing: the inventory has no “{name}”",
            "[{section}.{name}] 不起作用：清单里没有“{name}”"
        ),
        said!(
            "mend the name (is it one of {near}?), or take the section out",
            "请改正名称（是不是 {near} 之一？），或删掉这一段"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_cmdb::inventory;

    #[test]
    fn a_setting_for_a_group_or_an_environment_that_is_not_there_is_told() {
        let config: Config = toml::from_str(
            "[review.group.shpo.rules]\ndrop-column = \"error\"\n[review.group.shop.rules]\n\
             [review.environment.prod.limits]\n[policy.environment.production]\n",
        )
        .expect("a configuration");
        let groups = inventory::read(
            "[[group]]\nname = \"shop\"\nenvironment = \"production\"\nflavour = \"mysql-8.4\"\ntime_zone = \"UTC\"\n\
             databases = [\"shop\"]\n[[group.instance]]\nhost = \"db\"\nport = 1\nrole = \"primary\"\n",
        )
        .expect("an inventory");
        let told = super::super::text(&check(&config, &groups.groups), dbdesk_commands::lang::Lang::En);
        assert!(told.contains("[review.group.shpo] does nothing") && told.contains("one of shop?"), "{told}");
        assert!(told.contains("[review.environment.prod] does nothing"), "{told}");
        assert_eq!(told.matches("warn").count(), 2, "{told}");
    }
}
