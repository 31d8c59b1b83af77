//! The review's rules as they are in force.

use super::{Failure, reviewing::any_group};
use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    lang::Lang,
    wire::rule::{RulePage, Scope},
};
use dbdesk_review::{InForce, rules};

/// For whom, and which.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The service group.
    pub service_group: Option<String>,
    /// The environment; with a service group it is that one's own.
    pub environment: Option<String>,
    /// Words of ids or titles.
    pub words: Option<String>,
    /// The most.
    pub limit: Option<usize>,
}

/// Lists them: by id, or the best match first.
pub async fn list(desk: &Desk, within: &Within, asked: Asked, lang: Lang) -> Result<RulePage, Failure> {
    let (in_force, scope) = in_force(desk, within, asked.service_group, asked.environment).await?;
    let mut which = rules::find(asked.words.as_deref().unwrap_or_default());
    which.truncate(asked.limit.unwrap_or(usize::MAX));
    Ok(in_force.page(scope, &which, lang))
}

/// What is in force for this group, or in this environment.
pub(super) async fn in_force(
    desk: &Desk,
    within: &Within,
    service_group: Option<String>,
    environment: Option<String>,
) -> Result<(InForce, Scope), Failure> {
    let mut scope = Scope { service_group, environment };
    if let Some(name) = &scope.service_group {
        scope.environment = Some(any_group(desk, within, name).await?.group.environment);
    }
    let (environment, group) = (scope.environment.as_deref(), scope.service_group.as_deref());
    Ok((desk.config.review.in_force(environment, group), scope))
}
