//! `/schedule resume`

use super::{Desk, schedule_pause::steer};
use crate::{
    inbound::Inbound,
    reply::{message::Message, schedules},
};

/// Asks and tells.
pub async fn resume(desk: &Desk, inbound: &Inbound, which: &str) -> Message {
    steer(desk, inbound, which, "resume", schedules::resumed).await
}
