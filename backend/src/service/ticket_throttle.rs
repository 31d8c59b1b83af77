//! A DBA sets how much lag and load running work may meet before it waits.

use super::{Caller, Failure, Once, refuse, steered, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    lang::{Said, said},
    wire::{
        entry::Event,
        problem::Refusal,
        throttle::{Limits, MOST_LAG_S, MOST_LOAD, Throttle, TicketThrottle, Typed},
        ticket::{TicketVerb, TicketView},
    },
};
use dbdesk_store::ticket::{self, TicketChange};
use dbdesk_ticket::machine::Move;

/// Keeps them with the ticket, so that a new task of it has them too. Its process hears of them when it looks next.
pub async fn throttle(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketThrottle,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Throttle).await?;
    let state = step.next(Move::Throttle).await?;
    let task = steered::waiting(&mut step).await?.id;
    let throttle = read(&body, desk.config.ddl.limits())?;
    ticket::throttle(&mut step.tx, id, throttle).await?;
    step.row.throttle = throttle;
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(task), &Event::Throttled { by: caller.actor(), throttle }).await?;
    step.close(desk, caller).await
}

fn read(body: &TicketThrottle, configured: Limits) -> Result<Throttle, Refusal> {
    let lag = Said::fixed("The highest lag in seconds", "延迟上限（秒）");
    let load = Said::fixed("The highest load", "负载上限");
    let lag_s = within(body.max_lag_s.as_ref(), lag, MOST_LAG_S, configured.max_lag_ms / 1_000)?;
    let max_load = within(body.max_load.as_ref(), load, MOST_LOAD, u64::from(configured.max_load))?;
    Ok(Throttle { max_lag_ms: lag_s.map(|lag_s| u64::from(lag_s) * 1_000), max_load })
}

/// A whole number from 1 to `most`; nothing, or blanks, is none.
fn within(typed: Option<&Typed>, what: Said, most: u32, configured: u64) -> Result<Option<u32>, Refusal> {
    let Some(text) = typed.map(|typed| typed.0.trim()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => {
            let (Said { en, zh }, text) = (what, refuse::quoted(text));
            Err(refuse::invalid(said!(
                "{en} is “{text}”; write a whole number from 1 to {most}, or nothing for what is configured ({configured}). The limits \
                 are as before.",
                "{zh}“{text}”不可用；请写 1 到 {most} 的整数，留空则使用配置值（{configured}）。上限没有改变。"
            )))
        }
    }
}
