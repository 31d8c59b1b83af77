//! `/emergency off`

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{emergencies, escape, message::Message, problem},
};
use dbdesk_commands::{
    id::EmergencyId,
    lang::{Lang, Said, said},
    wire::emergency::EmergencyView,
};

/// Asks and tells.
pub async fn off(desk: &Desk, inbound: &Inbound, which: &str) -> Message {
    let lang = inbound.asker.lang;
    let id = match emergency_id(which, lang) {
        Ok(EmergencyId(id)) => id.to_string(),
        Err(message) => return *message,
    };
    let (who, path) = (inbound.asker.acting(), ["emergencies", &id, "end"]);
    let answer: Result<EmergencyView, BackendError> =
        desk.backend.post(&who, inbound.handle.id, &path, &serde_json::json!({})).await;
    match answer {
        Ok(emergency) => emergencies::off(&emergency, lang),
        Err(error) => sorry(&error, inbound),
    }
}

/// An emergency's number as a person types it.
pub(super) fn emergency_id(text: &str, lang: Lang) -> Result<EmergencyId, Box<Message>> {
    text.parse().map_err(|_| {
        let shown = escape::code(text, 40);
        let said = said!(
            "{shown} is not an emergency's number. It looks like `EM-42`; choose one from the list while you type.",
            "{shown} 不是紧急状态编号。编号形如 `EM-42`，输入时可以从列表里选。"
        );
        Box::new(problem::boxed(&Said::fixed("Which emergency?", "哪个紧急状态？"), &said, lang))
    })
}
