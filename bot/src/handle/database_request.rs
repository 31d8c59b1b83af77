//! `/database request`: a database is asked for.

use super::{Desk, account_request::given, finish, sorry, sql_submit::told_with_thread};
use crate::{
    backend::BackendError,
    inbound::{Inbound, access::Database},
    reply::{escape, message::Message, problem},
    rest::RestError,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{account::DatabaseRequest, ticket::TicketView},
};

/// Files it, and says where its thread is.
pub async fn request(desk: &Desk, inbound: &Inbound, it: &Database) -> Result<(), RestError> {
    let size_mb = match given(&it.size).map(|text| text.parse::<u64>()) {
        Some(Err(_)) => {
            let answer = typed_back(not_a_size(&it.size, inbound.asker.lang), it, inbound.asker.lang);
            return finish(desk, inbound, answer).await;
        }
        Some(Ok(size)) => Some(size),
        None => None,
    };
    let body = DatabaseRequest {
        service_group: it.group.trim().to_owned(),
        name: it.name.trim().to_owned(),
        charset: given(&it.charset),
        collation: given(&it.collation),
        owner: given(&it.owner),
        size_mb,
        reason: it.reason.trim().to_owned(),
        lang: Some(inbound.asker.lang),
    };
    let filed: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["databases"], &body).await;
    match filed {
        Ok(ticket) => told_with_thread(desk, inbound, &ticket).await,
        Err(error) => {
            let answer = typed_back(sorry(&error, inbound), it, inbound.asker.lang);
            finish(desk, inbound, answer).await
        }
    }
}

fn typed_back(message: Message, it: &Database, lang: Lang) -> Message {
    problem::with_line_back(
        message,
        "/database request",
        &[
            ("group", &it.group),
            ("name", &it.name),
            ("reason", &it.reason),
            ("charset", &it.charset),
            ("collation", &it.collation),
            ("owner", &it.owner),
            ("size", &it.size),
        ],
        lang,
    )
}

fn not_a_size(text: &str, lang: Lang) -> Message {
    let shown = escape::code(text, 40);
    let said = said!(
        "{shown} is no size. Write how many megabytes it will become, as a whole number such as `500`; nothing was filed.",
        "{shown} 不是有效的大小。请写预计的 MB 数，例如 `500`。没有提交工单。"
    );
    problem::boxed(&Said::fixed("How large?", "多大？"), &said, lang)
}
