//! `/freeze off`

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{escape, freezes, message::Message, problem},
};
use dbdesk_commands::{
    id::FreezeId,
    lang::{Said, said},
    wire::freeze::FreezeView,
};

/// Asks and tells.
pub async fn off(desk: &Desk, inbound: &Inbound, which: &str) -> Message {
    let lang = inbound.asker.lang;
    let Ok(FreezeId(id)) = which.parse() else {
        let shown = escape::code(which, 40);
        let said = said!(
            "{shown} is not a freeze's number. It looks like `F-42`; choose one from the list while you type.",
            "{shown} 不是冻结编号。编号形如 `F-42`，输入时可以从列表里选。"
        );
        return problem::boxed(&Said::fixed("Which freeze?", "哪个冻结？"), &said, lang);
    };
    let (who, id) = (inbound.asker.acting(), id.to_string());
    let answer: Result<FreezeView, BackendError> =
        desk.backend.post(&who, inbound.handle.id, &["freezes", &id, "end"], &serde_json::json!({})).await;
    match answer {
        Ok(freeze) => freezes::off(&freeze, lang),
        Err(error) => sorry(&error, inbound),
    }
}
