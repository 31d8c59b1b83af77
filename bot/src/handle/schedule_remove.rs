//! `/schedule remove`

use super::{Desk, schedule_pause::steer};
use crate::{
    inbound::Inbound,
    reply::{message::Message, schedules},
};

/// Asks and tells.
pub async fn remove(desk: &Desk, inbound: &Inbound, which: &str) -> Message {
    steer(desk, inbound, which, "remove", schedules::removed).await
}
