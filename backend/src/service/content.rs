//! What a submission or an amendment brings: the SQL with its review, as revision, buttons and verdict.

use super::{Failure, refuse::invalid, reviewing::Reviewed, steps};
use crate::{config::Policy, desk::Desk};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dbdesk_cmdb::{ServiceGroup, window};
use dbdesk_commands::{
    clock::Time,
    id::{ButtonId, PersonId, TicketId},
    lang::said,
    when::When,
    wire::{
        policy::RequestKind,
        problem::Refusal,
        task::TaskKind,
        ticket::{Risk, TicketVerb},
        why::WhyPerson,
    },
};
use dbdesk_review::Judged;
use dbdesk_store::{
    Tx,
    button::{self, Button},
    revision::{self, Effect, Revision},
};
use dbdesk_ticket::{buttons, policy::Verdict};
use std::collections::BTreeSet;

/// Longest reason, for submissions and rejections.
pub(super) const REASON_CHARS: usize = 1_000;

/// A reason, trimmed.
pub(super) fn reason(text: &str) -> Result<String, Refusal> {
    reason_within(text, REASON_CHARS)
}

/// A reason of at most so many characters, trimmed.
pub(super) fn reason_within(text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars == 0 {
        return Err(invalid(said!(
            "The reason is missing. Say in a sentence why; the other side reads it.",
            "缺少原因。请用一句话说明为什么，对方会看到。"
        )));
    }
    if chars > most {
        return Err(invalid(said!(
            "The reason has {chars} characters; {most} is the most. Make it shorter.",
            "原因有 {chars} 个字符，最多 {most} 个。请写短一些。"
        )));
    }
    Ok(text.to_owned())
}

/// When the work may start, as typed; a quiet window must exist.
pub(super) fn when(text: &str, group: &ServiceGroup, now: Time) -> Result<When, Refusal> {
    let when = When::parse(text, group.time_zone, now).map_err(invalid)?;
    if when == When::Quiet && window::next(&group.quiet_windows, group.time_zone, now).is_none() {
        return Err(no_window(group));
    }
    Ok(when)
}

pub(super) fn no_window(group: &ServiceGroup) -> Refusal {
    invalid(said!(
        "Service group “{name}” has no quiet window. Choose `now` or a time; a DBA can add windows to the inventory.",
        "服务组“{name}”没有设置低峰期。请选 `now` 或具体时间；DBA 可以在清单里添加低峰期。",
        name = group.name
    ))
}

/// Where the review leads under this environment's policy, and how much it can hurt.
pub(super) fn verdict(reviewed: &Reviewed, policy: &Policy, group: &ServiceGroup) -> (Verdict, Risk) {
    if let Some(asked) = &reviewed.asked {
        let ruled = steps::ruled(policy, reviewed, asked.risk, group);
        let passes = asked.is_free || ruled.steps.is_empty();
        let why = match asked.kind {
            RequestKind::Script => WhyPerson::Script,
            RequestKind::Cluster => WhyPerson::Cluster,
            _ => WhyPerson::Access,
        };
        let verdict = if passes { Verdict::Passes } else { Verdict::NeedsPerson(why) };
        return (verdict, asked.risk);
    }
    let judged = &reviewed.judged;
    let limits = policy.limits_of(&group.environment);
    let small = judged.within_policy(limits.unwrap_or(&policy.limits));
    let risk = match judged.risk() {
        Risk::Low if !small => Risk::Medium,
        risk => risk,
    };
    // Its SQL was made here, and whoever asked for it can not mend it: whatever was found, a second person looks at it.
    let verdict = if reviewed.takes_back.is_some() {
        Verdict::NeedsPerson(WhyPerson::TakesBack)
    } else {
        let why = why_person(judged, reviewed.spread.is_some(), policy, group);
        Verdict::of(judged.worst(), judged.statements.len(), why)
    };
    (verdict, risk)
}

/// Why policy wants a person; `None` where nobody is needed.
pub(super) fn why_person(
    judged: &Judged,
    is_spread: bool,
    policy: &Policy,
    group: &ServiceGroup,
) -> Option<WhyPerson> {
    let limits = policy.limits_of(&group.environment);
    let why = judged.why_person(limits.unwrap_or(&policy.limits));
    let why = why.or_else(|| is_spread.then_some(WhyPerson::SeveralGroups));
    why.or_else(|| limits.is_none().then_some(WhyPerson::Environment))
}

/// What the engine must know of it.
fn effect(reviewed: &Reviewed) -> Effect {
    if let Some(asked) = &reviewed.asked {
        let kind = match asked.kind {
            RequestKind::Database => TaskKind::Database,
            RequestKind::Cluster => TaskKind::Cluster,
            RequestKind::Script => TaskKind::Script,
            _ => TaskKind::Account,
        };
        // Nobody but the script knows whether it may run twice.
        let repeatable = kind != TaskKind::Script;
        return Effect { kind, touches: Some(BTreeSet::new()), repeatable, script: asked.script.clone() };
    }
    let judged = &reviewed.judged;
    let touches = judged.touches();
    Effect {
        kind: judged.kind(),
        touches: touches.map(|tables| tables.into_iter().map(str::to_owned).collect()),
        repeatable: judged.repeatable(),
        script: None,
    }
}

/// Writes the revision, who must approve it, and its buttons.
pub(super) async fn write(
    desk: &Desk,
    tx: &mut Tx,
    (ticket, revision): (TicketId, u32),
    (sql, reviewed): (&str, &Reviewed),
    (group, risk): (&ServiceGroup, Risk),
    (by, at): (PersonId, Time),
) -> Result<(), Failure> {
    let row = Revision {
        ticket,
        revision,
        sql: sql.to_owned(),
        sql_hash: reviewed.sql_hash.clone(),
        statements: reviewed.takes_back.unwrap_or_else(|| reviewed.statements()),
        takes_back: reviewed.takes_back.is_some(),
        without_undo: reviewed.without_undo.clone(),
        online: reviewed.online.clone(),
        in_chunks: reviewed.in_chunks.clone(),
        spread: reviewed.spread.clone(),
        review: serde_json::to_string(&reviewed.judged).map_err(anyhow::Error::from)?,
        request: reviewed.asked.as_ref().map(|asked| asked.request.clone()),
        effect: effect(reviewed),
        created_by: by,
        created_at: at,
    };
    revision::insert(tx, &row).await?;
    steps::write(desk, tx, (ticket, revision), (reviewed, risk), group).await?;
    let mut all = Vec::with_capacity(TicketVerb::ALL.len());
    for verb in TicketVerb::ALL.into_iter().filter(|verb| buttons::has_button(*verb)) {
        let id = ButtonId(URL_SAFE_NO_PAD.encode(desk.chance.bytes::<16>()?));
        all.push(Button { id, ticket, revision, verb, form: buttons::form(verb, risk) });
    }
    Ok(button::insert(tx, &all).await?)
}
