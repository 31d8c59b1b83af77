//! `/sql review`: the same review, nothing filed, answered to the asker only.

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::{Inbound, Review},
    reply::{
        escape, findings,
        message::Message,
        modal, problem,
        reviewed::{self, Told},
    },
};
use dbdesk_commands::{
    lang::{Lang, said},
    wire::review::{ReviewRequest, StatementReview},
};
use serenity::all::CreateModal;

/// The form.
pub fn form(it: &Review, lang: Lang) -> CreateModal {
    modal::review(&it.group, &it.database, lang)
}

/// Reviews and renders.
pub async fn review(desk: &Desk, inbound: &Inbound, it: &Review, sql: &str) -> Message {
    let lang = inbound.asker.lang;
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let body =
        ReviewRequest { sql: sql.to_owned(), service_group: given(&it.group), database: given(&it.database) };
    let answer: Result<Vec<StatementReview>, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["reviews"], &body).await;
    match answer {
        Ok(review) => message(&review, sql, it, lang),
        Err(error) => problem::with_sql_back(sorry(&error, inbound), sql, lang),
    }
}

/// What the asker reads: counts, figures, the worst findings, and all of them as a file where they are many.
#[must_use]
pub fn message(review: &[StatementReview], sql: &str, it: &Review, lang: Lang) -> Message {
    let place = escape::code(&format!("{}/{}", it.group.trim(), it.database.trim()), 80);
    let head = said!("🔎 Review for {place}; nothing was filed.", "🔎 {place} 的审核结果（没有建工单）。");
    let figures = findings::figures(review, lang);
    let look_up = findings::look_up(review, lang).unwrap_or_default();
    let lines = [head.in_lang(lang).to_owned(), findings::summary(review, lang), figures, look_up];
    let content = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let mut messages = reviewed::messages(Told { review, sql, lang, has_button: false });
    let all_in_one = messages.len() <= 1 && !findings::needs_file(review);
    let embeds = if messages.is_empty() { Vec::new() } else { messages.swap_remove(0).embeds };
    let message = Message { embeds, ..Message::text(content) };
    if all_in_one { message } else { message.with_file("review.txt", findings::as_text(review, sql, lang)) }
}
