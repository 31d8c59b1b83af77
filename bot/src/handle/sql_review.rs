//! `/sql review`: the same review, nothing filed, answered to the asker only.

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::{Inbound, Review},
    reply::{
        escape, findings, limits,
        message::{Boxes, MESSAGE_TEXT, Message},
        modal, problem,
        reviewed::{self, Told},
        tables,
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

/// Characters of one table's diff: the answer is one message.
const DIFF: usize = 1_500;
/// Tables that have room beside many findings.
const TABLES: usize = 4;
/// Characters of findings, where tables follow.
const FINDINGS_TEXT: usize = 3_700;
/// Characters of all boxes; what else is said stands outside of them.
const TEXT: usize = limits::EMBEDS_TOTAL - 100;

/// What the asker reads: counts, figures, the worst findings, the tables before and after; and as files what that does not
/// show in full.
#[must_use]
pub fn message(review: &[StatementReview], sql: &str, it: &Review, lang: Lang) -> Message {
    let place = escape::code(&format!("{}/{}", it.group.trim(), it.database.trim()), 80);
    let head = said!("🔎 Review for {place}; nothing was filed.", "🔎 {place} 的审核结果（没有建工单）。");
    let figures = findings::figures(review, lang);
    let look_up = findings::look_up(review, lang).unwrap_or_default();
    let lines = [head.in_lang(lang).to_owned(), findings::summary(review, lang), figures, look_up];
    let content = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let mut embeds = Vec::new();
    let told = Told { review, sql, lang, has_button: false };
    let mut found = Boxes::new(reviewed::embeds(told, findings::SHOWN));
    let (tables, whole) = tables::embeds(review, lang, DIFF);
    let text = if tables.is_empty() { MESSAGE_TEXT } else { FINDINGS_TEXT };
    found.fill(&mut embeds, text, limits::EMBEDS - tables.len().clamp(1, TABLES));
    let mut tables = Boxes::new(tables);
    tables.fill(&mut embeds, TEXT, limits::EMBEDS);
    let mut message = Message { embeds, ..Message::text(content) };
    if !found.is_empty() || findings::needs_file(review) {
        message = message.with_file("review.txt", findings::as_text(review, sql, lang));
    }
    if !tables.is_empty() || !whole {
        message = message.with_file("tables.diff", tables::as_text(review, lang));
    }
    message
}
