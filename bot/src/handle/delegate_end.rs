//! `/delegate end`

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{delegations, escape, message::Message, problem},
};
use dbdesk_commands::{
    id::DelegationId,
    lang::{Said, said},
    wire::delegation::DelegationView,
};

/// Asks and tells.
pub async fn end(desk: &Desk, inbound: &Inbound, which: &str) -> Message {
    let lang = inbound.asker.lang;
    let Ok(DelegationId(id)) = which.parse() else {
        let shown = escape::code(which, 40);
        let said = said!(
            "{shown} is not a delegation's number. It looks like `D-42`; choose one from the list while you type.",
            "{shown} 不是代理编号。编号形如 `D-42`，输入时可以从列表里选。"
        );
        return problem::boxed(&Said::fixed("Which delegation?", "哪个代理？"), &said, lang);
    };
    let (who, id) = (inbound.asker.acting(), id.to_string());
    let path = ["delegations", &id, "end"];
    let answer: Result<DelegationView, BackendError> =
        desk.backend.post(&who, inbound.handle.id, &path, &serde_json::json!({})).await;
    match answer {
        Ok(delegation) => delegations::ended(&delegation, lang),
        Err(error) => sorry(&error, inbound),
    }
}
