//! Trying a script on a review server, where there is one for the group's flavour.

use super::reviewing::options;
use crate::desk::Desk;
use dbdesk_cmdb::{Instance, ServiceGroup};
use dbdesk_components::mysql::shadow::{self, Limits, Place};
use dbdesk_review::{
    Flavour,
    shadow::{Outcome, Plan, Shadow},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// What came of the trial; where none is made, why not.
pub(super) async fn tried(desk: &Desk, group: &ServiceGroup, primary: &Instance, plan: Plan) -> Shadow {
    let config = &desk.config.shadow;
    let ended = |outcome| Shadow { outcome, ..Shadow::default() };
    if config.server.is_empty() || plan.steps.is_empty() {
        return Shadow::default();
    }
    let flavour = Flavour::of_name(&group.flavour).unwrap_or_default();
    let Some((_, server)) = config.server_for(flavour) else { return ended(Outcome::NoServer(flavour)) };
    let turn = timeout(config.time_limit(), Arc::clone(&desk.shadows).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return ended(Outcome::Busy) };
    let mark = match desk.chance.bytes::<4>() {
        Ok(mark) => mark,
        Err(error) => {
            tracing::error!(%error, "there is no chance for the name of a shadow");
            return ended(Outcome::Unreachable);
        }
    };
    let limits = Limits {
        connect: Duration::from_millis(desk.config.target.connect_timeout_ms),
        total: config.time_limit(),
        tables: config.tables,
        ..Limits::default()
    };
    let place = Place { live: options(desk, group, primary), server: server.options(), mark };
    // The turn is given back when the shadow is gone, even if nobody waits for the review any more.
    shadow::tried(place, plan, limits, turn).await
}
