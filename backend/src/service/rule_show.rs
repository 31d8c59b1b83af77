//! A rule's page, and how it is in force.

use super::{Failure, rule_list::in_force};
use crate::{desk::Desk, rules};
use dbdesk_cmdb::Within;
use dbdesk_commands::{lang::Lang, wire::rule::RuleView};

/// Shows it.
pub async fn show(
    desk: &Desk,
    within: &Within,
    id: &str,
    service_group: Option<String>,
    environment: Option<String>,
    lang: Lang,
) -> Result<RuleView, Failure> {
    let rule = rules::named(id)?;
    let (in_force, scope) = in_force(desk, within, service_group, environment).await?;
    let view = in_force.view(scope, rule, lang);
    Ok(view.ok_or_else(|| anyhow::anyhow!("{}: not among the rules in force", rule.id))?)
}
