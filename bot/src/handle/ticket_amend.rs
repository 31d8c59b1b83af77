//! Amend: the requester replaces the SQL, in the form of the button or with a file by `/ticket amend`.

use super::{ButtonWords, Desk, file_refused, sorry, ticket_id};
use crate::{
    attachment::Attached,
    backend::BackendError,
    inbound::{Amend, Inbound},
    reply::{findings, message::Message, problem, sentence},
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::ticket::{TicketAmend, TicketVerb, TicketView},
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Primary, done };

fn done(ticket: &TicketView) -> Said {
    let (id, revision) = (ticket.id, ticket.revision);
    said!("**{id}** is amended: revision {revision}.", "**{id}** 已修改：第 {revision} 版。")
}

/// `/ticket amend`
pub async fn amend(desk: &Desk, inbound: &Inbound, it: &Amend, file: Option<&Attached>) -> Message {
    let lang = inbound.asker.lang;
    let id = match ticket_id(&it.ticket, lang) {
        Ok(id) => id.0.to_string(),
        Err(refusal) => return *refusal,
    };
    let Some(file) = file else {
        let said = Said::fixed("Attach the file that holds the new SQL.", "请附上包含新 SQL 的文件。");
        return file_refused(&said, lang);
    };
    let sql = match desk.attachments.text(file).await {
        Ok(sql) => sql,
        Err(said) => return file_refused(&said, lang),
    };
    let body = TicketAmend {
        sql: sql.clone(),
        when: Some(it.time.trim().to_owned()).filter(|time| !time.is_empty()),
        revision: None,
    };
    let path = ["tickets", &id, TicketVerb::Amend.word()];
    let answer: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &body).await;
    match answer {
        Ok(ticket) => amended(&ticket, lang),
        Err(error) => problem::with_sql_back(sorry(&error, inbound), &sql, lang),
    }
}

/// What the requester reads.
#[must_use]
pub fn amended(ticket: &TicketView, lang: Lang) -> Message {
    reviewed(&done(ticket), ticket, lang)
}

/// What was done, and what the new review says.
#[must_use]
pub fn reviewed(done: &Said, ticket: &TicketView, lang: Lang) -> Message {
    let mut lines = vec![
        done.in_lang(lang).to_owned(),
        sentence::standing(ticket, lang),
        findings::summary(&ticket.review, lang),
    ];
    lines.extend(sentence::next_step(ticket).map(|next| next.in_lang(lang).to_owned()));
    Message::text(lines.join("\n"))
}
