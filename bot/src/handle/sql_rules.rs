//! `/sql rules`: the rules of the review, or the page of one, to the asker only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::{Asker, Rules},
    reply::{limits::CHOICE, message::Message, problem, rules},
};
use dbdesk_commands::wire::{
    problem::Code,
    rule::{RulePage, RuleView},
};

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
        Err(error) => match &error {
            BackendError::Refused(refused) if refused.code == Code::UnknownRule => {
                let found = found(desk, asker, it, group).await;
                found.unwrap_or_else(|| problem::of_error(&error, asker.lang))
            }
            _ => problem::of_error(&error, asker.lang),
        },
    }
}

/// The rules that the words find, as while they are typed; `None` where they find none.
async fn found(desk: &Desk, asker: &Asker, it: &Rules, group: &str) -> Option<Message> {
    let words: String = it.name.trim().chars().take(CHOICE).collect();
    let limit = rules::FOUND.to_string();
    let mut query = vec![("q", words.as_str()), ("limit", limit.as_str())];
    query.extend(Some(("service_group", group)).filter(|_| !group.is_empty()));
    let page: RulePage = desk.backend.get(&asker.acting(), &["rules"], &query, READ_LIMIT).await.ok()?;
    (!page.rules.is_empty()).then(|| rules::found(&page, &words, asker.lang))
}
