//! The requester takes over what the review can mend for certain. The mended text is reviewed again: where that does not
//! help, or something new stands in the way, nothing is changed.

use super::{
    Caller, Failure, Once,
    reviewing::review,
    ticket_amend::{replace, seen},
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    lang::said,
    wire::{
        entry::Event,
        problem::{Code, Refusal},
        ticket::{TicketFix, TicketVerb, TicketView},
    },
};
use dbdesk_review::{
    Judged,
    mend::{self, Edit},
};
use dbdesk_store::revision;
use std::collections::BTreeSet;

/// The longest diff that the log keeps.
const DIFF_BYTES: usize = 4_000;

/// Applies the fixes.
pub async fn fix(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketFix,
) -> Result<TicketView, Failure> {
    let seen = seen(desk, caller, id, TicketVerb::Fix, body.revision).await?;
    let now = revision::get(&desk.store, id, seen.row.now.revision).await?;
    let now = now.ok_or_else(|| anyhow::anyhow!("{id}: its revision is gone"))?;
    let before: Judged = serde_json::from_str(&now.review).unwrap_or_default();
    let fixes: Vec<(&str, &[Edit])> = mend::fixes(&before).collect();
    let mended = mend::mended(&now.sql, fixes.iter().map(|(_, edits)| *edits));
    let rules: Vec<&str> =
        mended.applied.iter().filter_map(|at| fixes.get(*at)).map(|(rule, _)| *rule).collect();
    if rules.is_empty() {
        return Err(nothing(id).into());
    }
    let reviewed =
        review(desk, caller.within(), &mended.sql, Some(&seen.group), Some(&seen.row.database)).await?;
    if let Some(rule) = mend::in_the_way(&before, &reviewed.judged, &rules) {
        return Err(no_help(id, &rule).into());
    }
    let rules: BTreeSet<String> = rules.into_iter().map(str::to_owned).collect();
    let mut diff = mended.diff;
    diff.truncate(diff.floor_char_boundary(DIFF_BYTES));
    let event = |by, revision, statements| Event::Fixed {
        by,
        revision,
        statements,
        rules: rules.into_iter().collect(),
        diff,
    };
    let when = seen.row.now.when;
    replace(desk, caller, once, seen, when, (&mended.sql, &reviewed), event).await
}

fn nothing(id: TicketId) -> Refusal {
    Refusal::new(
        Code::NoFix,
        said!(
            "The review of {id} has nothing that can be mended for certain. Press **Amend** and mend it yourself.",
            "{id} 的审核结果里没有可以直接应用的修复。请点 **修改** 自行修改。"
        ),
    )
}

fn no_help(id: TicketId, rule: &str) -> Refusal {
    Refusal::new(
        Code::NoFix,
        said!(
            "The fixes were tried on {id} and reviewed again, and `{rule}` would still stand in the way. Nothing was changed; \
             press **Amend** and mend it yourself.",
            "已试着对 {id} 应用修复并重新审核，但 `{rule}` 仍然通不过。没有作任何修改，请点 **修改** 自行修改。"
        ),
    )
}
