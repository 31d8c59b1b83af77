//! `/script run`: a run of a script is asked for; the desk files a ticket.

use super::{Desk, account_request::given, finish, sorry, sql_submit::told_with_thread};
use crate::{
    backend::BackendError,
    inbound::{Inbound, scripts::Run},
    reply::problem,
    rest::RestError,
};
use dbdesk_commands::{
    lang::{Said, said},
    params,
    wire::{script::ScriptRun, ticket::TicketView},
};
use serde_json::Value;

/// Files it, and says where its thread is.
pub async fn run(desk: &Desk, inbound: &Inbound, it: &Run) -> Result<(), RestError> {
    let parameters = match params::parse(&it.params) {
        Ok(parameters) => parameters,
        Err(Said { en, zh }) => {
            let title = Said::fixed("The parameters can not be read", "无法读懂参数");
            let said = said!("{en} Nothing was filed.", "{zh}没有提交工单。");
            return finish(desk, inbound, problem::boxed(&title, &said, inbound.asker.lang)).await;
        }
    };
    let body = ScriptRun {
        service_group: it.group.trim().to_owned(),
        parameters: parameters.into_iter().map(|(name, text)| (name, Value::String(text))).collect(),
        reason: it.reason.trim().to_owned(),
        when: given(&it.time),
        lang: Some(inbound.asker.lang),
    };
    let path = ["scripts", it.name.trim(), "runs"];
    let filed: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &body).await;
    match filed {
        Ok(ticket) => told_with_thread(desk, inbound, &ticket).await,
        Err(error) => finish(desk, inbound, sorry(&error, inbound)).await,
    }
}
