//! `/sql rules`: the rules of the review, or the page of one, to the asker only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::{Asker, Rules},
    reply::{limits::CHOICE, message::Message, problem, rules},
};
use dbdesk_commands::wire::rule::{RulePage, RuleView};

/// Asks and renders.
pub async fn rules(desk: &Desk, asker: &Asker, it: &Rules) -> Message {
    let group = it.group.trim();
    let query: Vec<_> = Some(("service_group", group)).filter(|_| !group.is_empty()).into_iter().collect();
    // Words with blanks are how people remember a rule; a name of dots alone would be another path.
    let name: Vec<&str> = it.name.split_whitespace().collect();
    let name: String = name.join("-").chars().take(CHOICE).collect();
    if !name.chars().any(char::is_alphanumeric) {
        let answer: Result<RulePage, BackendError> =
            desk.backend.get(&asker.acting(), &["rules"], &query, READ_LIMIT).await;
        return match answer {
            Ok(page) => rules::list(&page, asker.lang),
            Err(error) => problem::of_error(&error, asker.lang),
        };
    }
    let answer: Result<RuleView, BackendError> =
        desk.backend.get(&asker.acting(), &["rules", &name], &query, READ_LIMIT).await;
    match answer {
        Ok(view) => rules::page(&view, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
