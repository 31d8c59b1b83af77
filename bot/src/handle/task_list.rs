//! `/task list`: tasks, newest first, to the asker only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::{Asker, TaskList},
    reply::{message::Message, problem, task_lines},
};
use dbdesk_commands::wire::queue::{TaskPage, Which};

/// One page of `open` (also when nothing is said) or what else is asked for.
pub async fn page(desk: &Desk, asker: &Asker, list: &TaskList, before: Option<u64>) -> Message {
    let which = Which::of_word(&list.which).unwrap_or(Which::Open);
    let (before, limit) = (before.map(|before| before.to_string()), task_lines::PAGE.to_string());
    let group = list.group.trim();
    let mut query = vec![("which", which.word()), ("limit", &limit)];
    query.extend(before.as_deref().map(|before| ("before", before)));
    query.extend(Some(("service_group", group)).filter(|_| !group.is_empty()));
    let answer: Result<TaskPage, BackendError> =
        desk.backend.get(&asker.acting(), &["tasks"], &query, READ_LIMIT).await;
    match answer {
        Ok(page) => task_lines::page(&page, which, group, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
