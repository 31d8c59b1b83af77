//! Who may not, and who does not count.

use crate::{
    desk::Desk,
    service::{Caller, standing::Known},
};
use dbdesk_cmdb::{ServiceGroup, Within};
use dbdesk_commands::{
    id::TicketId,
    lang::{Said, said},
    wire::{
        person::Role,
        problem::{Code, Refusal},
        ticket::TicketVerb,
    },
};
use dbdesk_store::ticket::TicketRow;
use dbdesk_ticket::{
    approval::NoApproval,
    authority::{self, Denied},
    people::DBA,
};

/// Whether this person may do it, or why not.
pub(in crate::service) fn may(known: &Known, row: &TicketRow, verb: TicketVerb) -> Result<(), Refusal> {
    let (id, Said { en, zh }) = (row.id, verb.label());
    let (code, said) = match authority::may(known.standing, row.requester, verb) {
        Ok(()) => return Ok(()),
        Err(Denied::OnlyRequester) => (
            Code::Forbidden,
            said!(
                "Only the one who filed {id} may press “{en}”. Ask him, or say in the thread what you want.",
                "只有提交 {id} 的人可以点“{zh}”。请联系他，或在子区里说明你的想法。"
            ),
        ),
        Err(Denied::OnlyRequesterOrDba) => (
            Code::Forbidden,
            said!(
                "Only the one who filed {id}, or a DBA, may press “{en}”. Ask one of them, or say in the thread what you want.",
                "只有提交 {id} 的人或 DBA 可以点“{zh}”。请联系他们，或在子区里说明你的想法。"
            ),
        ),
        Err(Denied::OnlyDba) => (
            Code::Forbidden,
            said!(
                "“{en}” on {id} is for DBAs. One of them will look at it; nothing more is needed from you.",
                "{id} 的“{zh}”只有 DBA 可以操作。DBA 会处理，你不用再做什么。"
            ),
        ),
        Err(Denied::OnlyAsked) if known.steps.iter().all(|step| step.from == DBA) => (
            Code::Forbidden,
            said!(
                "“{en}” on {id} is for DBAs. One of them will look at it; nothing more is needed from you.",
                "{id} 的“{zh}”只有 DBA 可以操作。DBA 会处理，你不用再做什么。"
            ),
        ),
        Err(Denied::OnlyAsked) => (
            Code::Forbidden,
            said!(
                "“{en}” on {id} is for those whom policy asks: {asked}. One of them will look at it; nothing more is needed from you.",
                "{id} 的“{zh}”只有审批策略指定的人可以操作：{asked}。他们会处理，你不用再做什么。",
                asked = asked(known)
            ),
        ),
        Err(Denied::OwnTicket) => return Err(own_ticket(id)),
    };
    Err(Refusal::new(code, said))
}

/// Nobody decides on his own.
pub(in crate::service) fn own_ticket(id: TicketId) -> Refusal {
    Refusal::new(
        Code::OwnTicket,
        said!(
            "{id} is your own ticket, and nobody decides on his own. Ask another DBA to look at it.",
            "{id} 是你自己提交的工单，不能由自己审批。请找另一位 DBA 处理。"
        ),
    )
}

/// The groups that a ticket's approval asks, in order.
fn asked(known: &Known) -> String {
    let mut names: Vec<&str> = known.steps.iter().map(|step| step.from.as_str()).collect();
    names.dedup();
    names.join(" → ")
}

/// An approval that does not count, now or ever.
pub(in crate::service) fn no_approval(id: TicketId, why: NoApproval) -> Refusal {
    let (code, said) = match why {
        NoApproval::Own => return own_ticket(id),
        NoApproval::Already => (
            Code::AlreadyDecided,
            said!(
                "Your approval of {id} counts already, or that of the one for whom you stand in; each person counts once. Others have to \
                 approve it now.",
                "你（或你代理的人）对 {id} 的审批已经计入，每个人只计一次。还需要其他人审批。"
            ),
        ),
        NoApproval::NotAsked => (
            Code::Forbidden,
            said!(
                "Policy does not ask you about {id}. Nothing was done.",
                "审批策略没有要求你审批 {id}。没有执行任何操作。"
            ),
        ),
        NoApproval::NotYet(first) => (
            Code::WrongState,
            said!(
                "{id} waits for “{first}” first; it is your turn after that, and you will be told.",
                "{id} 要先由“{first}”审批，之后才轮到你，届时会通知你。"
            ),
        ),
        NoApproval::Complete => (
            Code::AlreadyDecided,
            said!("Nothing is left to approve of {id}.", "{id} 已经没有需要审批的步骤。"),
        ),
    };
    Refusal::new(code, said)
}

/// Whether this person is a DBA, of the group where it is for one; `what` is what only such a one may do.
pub(in crate::service) fn only_dba(
    desk: &Desk,
    caller: &Caller,
    group: Option<&ServiceGroup>,
    what: Said,
) -> Result<(), Refusal> {
    let dbas = group.and_then(|group| group.dbas.as_deref());
    if desk.config.policy.approvers.is_dba(dbas, &caller.person.member()) {
        return Ok(());
    }
    let Said { en, zh } = what;
    Err(Refusal::new(
        Code::Forbidden,
        said!(
            "Only a DBA may {en}. Ask one of them, and say why.",
            "只有 DBA 可以{zh}。请联系 DBA 并说明原因。"
        ),
    ))
}

/// Whether this person is an admin; `what` is what only such a one may do.
pub(in crate::service) fn only_admin(caller: &Caller, what: &Said) -> Result<(), Refusal> {
    if caller.person.roles.contains(&Role::Admin) {
        return Ok(());
    }
    let Said { en, zh } = what;
    Err(Refusal::new(
        Code::Forbidden,
        said!("Only an admin may {en}. Ask one of them.", "只有管理员可以{zh}。请联系管理员。"),
    ))
}

/// What holds in every service group is decided with a token for all of them; `what` it is.
pub(in crate::service) fn only_for_all_groups(caller: &Caller, what: &Said) -> Result<(), Refusal> {
    if *caller.within() == Within::All {
        return Ok(());
    }
    let Said { en, zh } = what;
    Err(Refusal::new(
        Code::Forbidden,
        said!(
            "This token is for some service groups only; to {en} holds in all of them. Use a token without `service_groups`.",
            "这个令牌只限部分服务组，而{zh}对所有服务组生效。请使用不限服务组的令牌。"
        ),
    ))
}
