//! What the thread says of approvals: who gave one, for whom, what is still missing, who is called.

use super::{
    escape::{code, plain},
    words,
};
use dbdesk_commands::{
    clock::Time,
    id::EmergencyId,
    lang::{Lang, Said, said},
    wire::{
        entry::Event,
        person::{Actor, PersonView},
        policy::StepView,
        ticket::{TicketState, TicketView},
    },
};

/// The sentence of such an entry, and the state that gives its colour.
pub(super) fn said(event: &Event, at: Time, lang: Lang) -> (Said, TicketState) {
    let waits = TicketState::AwaitingApproval;
    match event {
        Event::Approved { by: Actor::Policy | Actor::Desk, due_at, waits_for_quiet, .. } => {
            (by_policy(&words::start(*due_at, at), *waits_for_quiet), TicketState::Scheduled)
        }
        Event::Approved { by, due_at, stood_in_for, emergency, .. } => {
            let (by, start) = (words::actor(by, lang), words::start(*due_at, at));
            (by_person(&by, stood_in_for.as_ref(), *emergency, &start), TicketState::Scheduled)
        }
        Event::StepApproved { by, stood_in_for, step, steps, missing, from } => {
            let Said { en, zh } = stood_in(stood_in_for.as_ref());
            let (by, from, step) = (words::person(by), code(from, 64), step + 1);
            let said = said!(
                "👍 {by}{en} approved it (step {step} of {steps}). Next: {missing} of {from}.",
                "👍 {by}{zh} 已批准（第 {step} 步，共 {steps} 步）。接下来还需要 {from} 中的 {missing} 人批准。"
            );
            (said, waits)
        }
        Event::ApprovalLapsed { by } => {
            let by = words::person(by);
            let said = said!(
                "⌛ The approval of {by} lapsed before the others were given. It does not count any more.",
                "⌛ 其他人未能及时批准，{by} 的批准已失效，不再计入。"
            );
            (said, waits)
        }
        Event::Reminded { from, missing, nth, .. } => (called(&code(from, 64), *missing, *nth), waits),
        _ => (
            Said::fixed(
                "⌛ The approval was not used in time and is void. It waits for a DBA again.",
                "⌛ 批准已过期作废，工单重新等待 DBA 审批。",
            ),
            waits,
        ),
    }
}

/// The steps of an approval with who has given one, where there is more to say than that a DBA decides.
pub(super) fn steps(ticket: &TicketView, lang: Lang) -> Option<String> {
    let says = ticket.steps.len() > 1 || ticket.steps.iter().any(|step| !step.every_dba || step.needs > 1);
    if !says || ticket.steps.iter().all(|step| step.given.is_empty() && !step.open) {
        return None;
    }
    let mut lines: Vec<String> = ticket.steps.iter().map(|step| step_line(step, lang)).collect();
    if let Some(rule) = &ticket.rule {
        let rule = plain(rule, 64);
        lines.push(said!("-# by the rule “{rule}”", "-# 依据规则“{rule}”").in_lang(lang).to_owned());
    }
    Some(lines.join("\n"))
}

fn step_line(step: &StepView, lang: Lang) -> String {
    let (given, needs, from) = (step.given.len(), step.needs, code(&step.from, 64));
    let sign = if given >= usize::from(needs) {
        "✅"
    } else if step.open {
        "⏳"
    } else {
        "▫️"
    };
    let who: Vec<String> = step
        .given
        .iter()
        .map(|one| {
            let Said { en, zh } = stood_in(one.stood_in_for.as_ref());
            let by = words::person(&one.by);
            said!("{by}{en}", "{by}{zh}").in_lang(lang).to_owned()
        })
        .collect();
    let who = if who.is_empty() { String::new() } else { format!(" · {}", who.join(", ")) };
    format!("{sign} {given}/{needs} {from}{who}")
}

fn by_policy(Said { en, zh }: &Said, waits_for_quiet: bool) -> Said {
    if waits_for_quiet {
        said!(
            "👍 Approved by policy: nobody is needed. It keeps the server busy for a while, so it waits for the next \
             quiet window; a DBA can press **Run now**. {en}",
            "👍 符合策略，自动批准。它会让服务器忙上一阵，所以等到下一个低峰期再执行；DBA 可以点 **立即执行**。{zh}"
        )
    } else {
        said!("👍 Approved by policy: nobody is needed. {en}", "👍 符合策略，自动批准。{zh}")
    }
}

fn by_person(by: &str, other: Option<&PersonView>, emergency: Option<EmergencyId>, start: &Said) -> Said {
    let (Said { en, zh }, Said { en: who, zh: who_zh }) = (start, stood_in(other));
    match emergency {
        Some(emergency) => said!(
            "🚨 Approved by {by} alone, in the emergency **{emergency}**. {en}",
            "🚨 {by} 在紧急状态 **{emergency}** 下单独批准。{zh}"
        ),
        None => said!("👍 Approved by {by}{who}. {en}", "👍 {by}{who_zh} 已批准。{zh}"),
    }
}

fn stood_in(other: Option<&PersonView>) -> Said {
    match other {
        Some(other) => {
            let other = words::person(other);
            said!(" (who stands in for {other})", "（代理 {other}）")
        }
        None => Said::fixed("", ""),
    }
}

fn called(from: &str, missing: u8, nth: u8) -> Said {
    match nth {
        0 => said!(
            "🔔 It waits for an approval: {missing} of {from}.",
            "🔔 等待审批：需要 {from} 中的 {missing} 人批准。"
        ),
        _ => said!(
            "🔔 It still waits for an approval: {missing} of {from}.",
            "🔔 仍在等待审批：需要 {from} 中的 {missing} 人批准。"
        ),
    }
}
