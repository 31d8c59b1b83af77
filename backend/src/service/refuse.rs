//! Refusals: what, why, and what to do instead, in both languages.

use super::{Caller, Failure, standing::Known, step::Step};
use crate::desk::Desk;
use dbdesk_cmdb::{
    ServiceGroup, Within,
    calendar::{self, Why},
    near::nearest,
};
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::{Said, said},
    wire::{
        person::Role,
        problem::{Code, Refusal},
        ticket::{TicketState, TicketVerb},
    },
};
use dbdesk_store::{Tx, entry, freeze, person, ticket::TicketRow};
use dbdesk_ticket::{
    approval::NoApproval,
    authority::{self, Denied},
    machine::Illegal,
    people::DBA,
};

/// A name as it is quoted back: cut, so that an answer is not as long as what was sent.
pub(super) fn quoted(name: &str) -> String {
    let mut short: String = name.chars().take(64).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

/// A time as people of this group read it.
pub(super) fn local(at: Time, group: &ServiceGroup) -> String {
    format!("{} ({})", at.with_timezone(&group.time_zone).format("%Y-%m-%d %H:%M"), group.time_zone)
}

/// A value that is out of its range.
pub(super) fn invalid(said: Said) -> Refusal {
    Refusal::new(Code::Invalid, said)
}

/// There is nothing to take back, or it must not be.
pub(super) fn no_undo(said: Said) -> Refusal {
    Refusal::new(Code::NoUndo, said)
}

/// The group's primary could not be asked.
pub(super) fn target_down(group: &ServiceGroup, why: &str) -> Refusal {
    Refusal::new(
        Code::TargetDown,
        said!(
            "The primary of “{name}” could not be asked: {why}. Nothing was changed; try again in a while, or ask a DBA.",
            "无法查询“{name}”的主库：{why}。没有作任何修改，请稍后再试，或联系 DBA。",
            name = group.name
        ),
    )
}

pub(super) fn no_ticket(id: TicketId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no ticket {id}. `/ticket list` shows the tickets there are.",
            "没有工单 {id}。可以用 `/ticket list` 查看现有工单。"
        ),
    )
}

pub(super) fn no_group(asked: &str, names: &[String]) -> Refusal {
    let near = nearest(asked, names.iter().map(String::as_str)).join(", ");
    let asked = quoted(asked);
    let said = if near.is_empty() {
        said!(
            "There is no service group “{asked}”; the inventory is empty. A DBA loads it with `dbdesk inventory load`.",
            "没有服务组“{asked}”，清单还是空的。请 DBA 用 `dbdesk inventory load` 加载。"
        )
    } else {
        said!(
            "There is no service group “{asked}”. Did you mean: {near}?",
            "没有服务组“{asked}”。你要找的是不是：{near}？"
        )
    };
    Refusal::new(Code::UnknownGroup, said)
}

/// A sharded table lies in groups that the token does not reach, too.
pub(super) fn beyond_groups() -> Refusal {
    Refusal::new(
        Code::Forbidden,
        said!(
            "A sharded table in this SQL also lies in service groups that your token is not for. Use a token for all of its groups, or \
             ask in chat.",
            "这段 SQL 里的分片表还分布在你的令牌范围之外的服务组里。请使用覆盖全部相关服务组的令牌，或者在聊天里提交。"
        ),
    )
}

pub(super) fn no_database(asked: &str, group: &ServiceGroup) -> Refusal {
    let near = nearest(asked, group.databases.iter().map(String::as_str)).join(", ");
    Refusal::new(
        Code::UnknownDatabase,
        said!(
            "Service group “{group}” has no database “{asked}”. It has, among others: {near}.",
            "服务组“{group}”里没有数据库“{asked}”。其中有：{near}。",
            group = group.name,
            asked = quoted(asked)
        ),
    )
}

/// Whether this person may do it, or why not.
pub(super) fn may(known: &Known, row: &TicketRow, verb: TicketVerb) -> Result<(), Refusal> {
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
pub(super) fn own_ticket(id: TicketId) -> Refusal {
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
pub(super) fn no_approval(id: TicketId, why: NoApproval) -> Refusal {
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

/// Whether the group is frozen, where even a DBA starts nothing.
pub(super) async fn frozen(step: &mut Step, verb: TicketVerb) -> Result<(), Failure> {
    let freezes = freeze::in_force(&mut *step.tx, step.now).await?;
    let all: Vec<_> = freezes.iter().map(|row| row.freeze.clone()).collect();
    let closed = calendar::closed(step.row.group, &step.group, &all, step.now);
    let Some(Why::Freeze { reason }) = closed.map(|closed| closed.why) else { return Ok(()) };
    let (id, Said { en, zh }) = (step.row.id, verb.label());
    Err(Refusal::new(
        Code::Closed,
        said!(
            "“{en}” is not possible: the service group of {id} is frozen ({reason}), and in a freeze nothing starts. Wait for its end, \
             or end it with `/freeze off`; `/freeze list` shows it.",
            "现在不能“{zh}”：{id} 的服务组处于冻结期（{reason}），冻结期间不执行任何变更。请等冻结结束，或用 `/freeze off` 解除；\
             `/freeze list` 可以查看。",
            reason = quoted(&reason)
        ),
    )
    .into())
}

/// Whether this person is a DBA, of the group where it is for one; `what` is what only such a one may do.
pub(super) fn only_dba(
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
pub(super) fn only_admin(caller: &Caller, what: &Said) -> Result<(), Refusal> {
    if caller.person.roles.contains(&Role::Admin) {
        return Ok(());
    }
    let Said { en, zh } = what;
    Err(Refusal::new(
        Code::Forbidden,
        said!("Only an admin may {en}. Ask one of them.", "只有管理员可以{zh}。请联系管理员。"),
    ))
}

/// The machine said no: somebody decided already, or the ticket is elsewhere by now.
pub(super) async fn illegal(
    tx: &mut Tx,
    row: &TicketRow,
    group: &ServiceGroup,
    verb: TicketVerb,
    illegal: Illegal,
) -> Failure {
    match decided(tx, row, group, verb).await {
        Ok(Some(refusal)) => refusal.into(),
        Ok(None) => wrong_state(row.id, illegal.state, verb).into(),
        Err(error) => error.into(),
    }
}

async fn decided(
    tx: &mut Tx,
    row: &TicketRow,
    group: &ServiceGroup,
    verb: TicketVerb,
) -> Result<Option<Refusal>, dbdesk_store::Error> {
    if !matches!(verb, TicketVerb::Approve | TicketVerb::Reject) {
        return Ok(None);
    }
    let id = row.id;
    let Said { en: now_en, zh: now_zh } = row.now.state.said();
    if row.now.approved_by_policy {
        return Ok(Some(Refusal::new(
            Code::AlreadyDecided,
            said!(
                "{id} was already approved by policy; no person was needed. It is now: {now_en}.",
                "{id} 已按策略自动批准，不需要人工审批。现在的状态：{now_zh}。"
            ),
        )));
    }
    let Some(by) = row.now.decided_by else { return Ok(None) };
    let name = person::by_id(&mut **tx, by).await?.map_or_else(|| by.to_string(), |person| person.name);
    let at = entry::decided_at(&mut **tx, id).await?.unwrap_or(row.updated_at);
    let (en, zh) =
        if row.now.state == TicketState::Rejected { ("rejected", "驳回") } else { ("approved", "批准") };
    Ok(Some(Refusal::new(
        Code::AlreadyDecided,
        said!(
            "{id} was already {en} by {name} at {at}. It is now: {now_en}.",
            "{id} 已由 {name} 于 {at} {zh}。现在的状态：{now_zh}。",
            at = local(at, group)
        ),
    )))
}

/// The ticket is not in a state for this.
pub(super) fn wrong_state(id: TicketId, state: TicketState, verb: TicketVerb) -> Refusal {
    let Said { en: label_en, zh: label_zh } = verb.label();
    let Said { en, zh } = state.said();
    Refusal::new(
        Code::WrongState,
        said!(
            "“{label_en}” is not possible: {id} is now “{en}”. Its card shows what can be done.",
            "现在不能“{label_zh}”：{id} 的状态是“{zh}”。可以做什么，请看工单卡片。"
        ),
    )
}

/// Nothing that is left of it is changed online.
pub(super) fn nothing_online(id: TicketId, verb: TicketVerb) -> Refusal {
    let Said { en, zh } = verb.label();
    Refusal::new(
        Code::WrongState,
        said!(
            "“{en}” is not possible: nothing that is left of {id} is changed online. A statement that runs as written can only be held \
             before it (“Pause”) or stopped (“Cancel”).",
            "现在不能“{zh}”：{id} 剩余的语句里没有在线变更。照原样执行的语句只能在执行前“暂停”，或者“取消”。"
        ),
    )
}

/// There is no quiet window in which a copy could take its table's place.
pub(super) fn no_window_to_cut_over(group: &ServiceGroup) -> Refusal {
    invalid(said!(
        "Service group “{name}” has no quiet window to wait for. Let it cut over at once, or hold it; a DBA can add windows to the \
         inventory.",
        "服务组“{name}”没有设置低峰期，无法等待。请立即切换或暂缓切换；DBA 可以在清单里添加低峰期。",
        name = group.name
    ))
}

/// The copy is about to take its table's place.
pub(super) fn cuts_over(id: TicketId, verb: TicketVerb) -> Refusal {
    let Said { en, zh } = verb.label();
    Refusal::new(
        Code::WrongState,
        said!(
            "“{en}” came too late: the copy that {id} made takes the table's place at this moment.",
            "“{zh}”来晚了：{id} 正在切换到新表。"
        ),
    )
}

/// Its task moved in the same moment.
pub(super) fn just_started(id: TicketId, verb: TicketVerb) -> Refusal {
    let Said { en, zh } = verb.label();
    Refusal::new(
        Code::WrongState,
        said!(
            "“{en}” came too late: {id} has just started, or just ended. Its card shows what can be done now.",
            "“{zh}”来晚了：{id} 刚刚开始执行，或刚刚结束。现在可以做什么，请看工单卡片。"
        ),
    )
}

/// The content is another than the one looked at.
pub(super) fn stale(row: &TicketRow, group: &ServiceGroup) -> Refusal {
    let (id, revision) = (row.id, row.now.revision);
    Refusal::new(
        Code::Stale,
        said!(
            "{id} was amended since you looked at it: revision {revision} stands there since {at}. Read the new SQL on its card, \
             then decide again.",
            "你看过之后，{id} 又被修改了：{at} 起是第 {revision} 版。请先看卡片上新的 SQL，再作决定。",
            at = local(row.updated_at, group)
        ),
    )
}

/// The name typed is not the service group's.
pub(super) fn not_confirmed(typed: Option<&str>, lost: bool, name: &str) -> Refusal {
    let said = match typed.map(str::trim).filter(|typed| !typed.is_empty()) {
        None if lost => said!(
            "Nobody knows whether a statement of this ticket ran, and you are about to say so. Look at the table, then type the \
             service group's name, “{name}”, to confirm.",
            "这个工单有一条语句是否执行无法确定，而你正要给出结论。请先核对数据，再输入服务组名“{name}”确认。"
        ),
        None => said!(
            "This ticket destroys something. Type the service group's name, “{name}”, to confirm.",
            "这个工单有破坏性操作。请输入服务组名“{name}”确认。"
        ),
        Some(typed) => said!(
            "You typed “{typed}”, but the service group is “{name}”. Nothing was done; type its name exactly.",
            "你输入的是“{typed}”，而服务组是“{name}”。没有执行任何操作，请准确输入服务组名。",
            typed = quoted(typed)
        ),
    };
    Refusal::new(Code::NotConfirmed, said)
}

/// Its approval has ended, and control has not said so yet.
pub(super) fn approval_over(id: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "The approval of {id} has ended unused. It must be approved again; nothing was started.",
            "{id} 的审批已经过期，需要重新审批。没有启动任何操作。"
        ),
    )
}

/// What holds in every service group is decided with a token for all of them; `what` it is.
pub(super) fn only_for_all_groups(caller: &Caller, what: &Said) -> Result<(), Refusal> {
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

/// The form in which a name is typed was never shown to him, or too long ago.
pub(super) fn confirmed_late(confirm_s: u32) -> Refusal {
    Refusal::new(
        Code::NotConfirmed,
        said!(
            "The name must be typed within {confirm_s} seconds of pressing the button: what you looked at may have changed since. Nothing was \
             done; look at the ticket again and press the button again.",
            "按下按钮后须在 {confirm_s} 秒内输入名称：你看到的内容可能已经变了。没有执行任何操作；请重新查看工单，再按一次按钮。"
        ),
    )
}

/// Of lanes on several service groups nobody knows; each is told by the name of its group. `unknown`: with its statement, from 1.
pub(super) fn which_lane(typed: Option<&str>, unknown: &[(String, u32)]) -> Refusal {
    let en: Vec<String> =
        unknown.iter().map(|(name, number)| format!("“{name}” (statement {number})")).collect();
    let zh: Vec<String> =
        unknown.iter().map(|(name, number)| format!("“{name}”（第 {number} 条）")).collect();
    let (en, zh, typed) = (en.join(", "), zh.join("、"), quoted(typed.unwrap_or_default()));
    Refusal::new(
        Code::NotConfirmed,
        said!(
            "You typed “{typed}”. Nobody knows whether the last statement ran on {en}, and you are about to say so of one of them. Look at \
             its table, then type the name of that service group. Nothing was done.",
            "你输入的是“{typed}”。{zh} 上最后一条语句是否执行无法确定，而你正要对其中一个给出结论。请先核对数据，再输入该服务组的名称。没有执行任何操作。"
        ),
    )
}

/// What is left needs a session that is gone.
pub(super) fn session_gone(id: TicketId, from: u32) -> Refusal {
    Refusal::new(
        Code::SessionGone,
        said!(
            "{id} can not go on at statement {n}: a variable, a temporary table, a lock or a transaction that earlier statements \
             left in their session is gone with it. The requester can file a new ticket with the statements that are left, and all \
             that these need.",
            "{id} 无法从第 {n} 条语句继续：前面的语句在会话里留下的变量、临时表、锁或事务已经随会话消失。\
             请提交人新建工单，写上剩余的语句以及它们所需要的全部内容。",
            n = from + 1
        ),
    )
}

/// The stored SQL is not what was approved.
pub(super) fn content_changed(id: TicketId) -> Refusal {
    Refusal::new(
        Code::Stale,
        said!(
            "The stored SQL of {id} is not what was approved, so it is not run again. Find out why, and have the SQL filed anew.",
            "{id} 存储的 SQL 与批准的内容不一致，因此不会再次执行。请查明原因，并重新提交 SQL。"
        ),
    )
}

/// The answer of the lost statement came late: it did not do its work, or is counted already.
pub(super) fn known_by_now(id: TicketId, done: u32) -> Refusal {
    let (Said { en, zh }, n) = (TicketVerb::Retry.label(), done + 1);
    Refusal::new(
        Code::WrongState,
        said!(
            "The answer of the statement in which {id} was lost came late, so there is nothing to skip. “{en}” goes on at statement \
             {n}.",
            "{id} 状态不明的那条语句后来有了结果，不需要跳过。点“{zh}”会从第 {n} 条语句继续。"
        ),
    )
}

/// The answer of the lost statement came late, and it was the last.
pub(super) fn known_to_have_run(id: TicketId) -> Refusal {
    let Said { en, zh } = TicketVerb::Skip.label();
    Refusal::new(
        Code::WrongState,
        said!(
            "Every statement of {id} is known to have run: its last answer came late. “{en}” ends it as done.",
            "{id} 的所有语句都已确认执行：最后一条的结果来晚了。点“{zh}”即可把它标记为完成。"
        ),
    )
}
