//! `/schedule pause`

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{escape, message::Message, problem, schedules},
};
use dbdesk_commands::{
    id::ScheduleId,
    lang::{Lang, Said, said},
    wire::schedule::ScheduleView,
};

/// Asks and tells.
pub async fn pause(desk: &Desk, inbound: &Inbound, which: &str) -> Message {
    steer(desk, inbound, which, "pause", schedules::paused).await
}

/// Does `word` to a schedule, and tells what was `done`.
pub(super) async fn steer(
    desk: &Desk,
    inbound: &Inbound,
    which: &str,
    word: &str,
    done: fn(&ScheduleView, Lang) -> Message,
) -> Message {
    let lang = inbound.asker.lang;
    let Ok(ScheduleId(id)) = which.parse() else {
        let shown = escape::code(which, 40);
        let said = said!(
            "{shown} is not a schedule's number. It looks like `S-42`; choose one from the list while you type.",
            "{shown} 不是周期工单编号。编号形如 `S-42`，输入时可以从列表里选。"
        );
        return problem::boxed(&Said::fixed("Which schedule?", "哪个周期工单？"), &said, lang);
    };
    let (who, id) = (inbound.asker.acting(), id.to_string());
    let answer: Result<ScheduleView, BackendError> =
        desk.backend.post(&who, inbound.handle.id, &["schedules", &id, word], &serde_json::json!({})).await;
    match answer {
        Ok(schedule) => done(&schedule, lang),
        Err(error) => sorry(&error, inbound),
    }
}
