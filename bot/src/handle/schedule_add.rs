//! `/schedule add`: a recurring ticket from a form or a file.

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::{Inbound, Recurring},
    reply::{message::Message, modal, problem, schedules},
};
use dbdesk_commands::{
    lang::Lang,
    wire::schedule::{ScheduleAdd, ScheduleAdded},
};
use serenity::all::CreateModal;

/// The form.
pub fn form(it: &Recurring, lang: Lang) -> CreateModal {
    let place = format!("{} / {}", it.group.trim(), it.database.trim());
    let times = format!("{} {}", it.cron.trim(), it.zone.trim());
    modal::schedule(&it.name, &place, times.trim(), &it.reason, lang)
}

/// Makes it and shows its next run.
pub async fn add(desk: &Desk, inbound: &Inbound, it: &Recurring, sql: &str) -> Message {
    let lang = inbound.asker.lang;
    let body = ScheduleAdd {
        name: it.name.trim().to_owned(),
        service_group: it.group.trim().to_owned(),
        database: it.database.trim().to_owned(),
        sql: sql.to_owned(),
        reason: it.reason.trim().to_owned(),
        cron: it.cron.trim().to_owned(),
        time_zone: it.zone.trim().to_owned(),
        lang: Some(lang),
    };
    let answer: Result<ScheduleAdded, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["schedules"], &body).await;
    match answer {
        Ok(added) => schedules::added(&added, lang),
        Err(error) => {
            let answer = problem::with_line_back(
                sorry(&error, inbound),
                "/schedule add",
                &[
                    ("name", &it.name),
                    ("group", &it.group),
                    ("database", &it.database),
                    ("cron", &it.cron),
                    ("zone", &it.zone),
                    ("reason", &it.reason),
                ],
                lang,
            );
            problem::with_sql_back(answer, sql, lang)
        }
    }
}
