//! Refusals: what, why, and what to do instead, in both languages.

mod confirm;
mod who;

pub(super) use confirm::{confirmed_late, not_confirmed, which_lane};
pub(super) use who::{may, no_approval, only_admin, only_dba, only_for_all_groups, own_ticket};

use super::{Failure, step::Step};
use dbdesk_cmdb::{
    GroupStage, ServiceGroup,
    calendar::{self, Why},
    near::nearest,
};
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, TicketId},
    lang::{Said, said},
    wire::{
        problem::{Code, Refusal},
        ticket::{TicketState, TicketVerb},
    },
};
use dbdesk_store::{Tx, entry, freeze, person, ticket::TicketRow};
use dbdesk_ticket::machine::Illegal;

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

/// The same of a reason that is a part of a sentence, as pure crates give it.
pub(super) fn invalid_whole(said: &Said) -> Refusal {
    let mut letters = said.en.chars();
    let en = letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str());
    let (en, zh) = (en.unwrap_or_default(), &said.zh);
    invalid(said!("{en}.", "{zh}。"))
}

/// The same with the value that is wrong, once: where the reason names it, it is not said before.
pub(super) fn invalid_value(text: &str, said: &Said) -> Refusal {
    let value = quoted(text.trim());
    let shown = format!("“{value}”");
    if said.en.contains(&shown) && said.zh.contains(&shown) {
        return invalid_whole(said);
    }
    if let Some((en, zh)) = said.en.strip_prefix(&*value).zip(said.zh.strip_prefix(&*value)) {
        return invalid(said!("{shown}{en}.", "{shown}{zh}。"));
    }
    let Said { en, zh } = said;
    invalid(said!("{shown}: {en}.", "{shown}：{zh}。"))
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

/// The cluster that it was to build was let go.
pub(super) fn let_go(id: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "What {id} was to build is not there any more: its name and addresses are free again. Ask for it anew with `/cluster build`.",
            "{id} 要搭建的集群已被放弃，名称和地址已释放。请用 `/cluster build` 重新申请。"
        ),
    )
}

/// The group is not there for this: it is being built, or was taken away.
pub(super) fn not_in_service(group: &ServiceGroup, by: Option<TicketId>) -> Refusal {
    let name = &group.name;
    let by = by.map_or_else(String::new, |by| format!(" ({by})"));
    let said = if group.stage == GroupStage::Building {
        said!(
            "Service group “{name}” is still being built{by}; nothing is asked of it until that is done. `/ticket show` says how far it is.",
            "服务组“{name}”还在搭建中{by}，完成之前不能对它操作。可以用 `/ticket show` 查看进度。"
        )
    } else {
        said!(
            "Service group “{name}” was taken away{by}; nothing new is asked of it. `/cluster list` shows those that are in service.",
            "服务组“{name}”已经下线{by}，不能再对它操作。可以用 `/cluster list` 查看在用的服务组。"
        )
    };
    Refusal::new(Code::WrongState, said)
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

/// What an old ticket wanted of an account may undo what was done since: a renewal, another password.
pub(super) fn account_has_changed(id: TicketId, account: AccountId) -> Refusal {
    Refusal::new(
        Code::Stale,
        said!(
            "{account} has changed since {id}, by a later ticket, so {id} is not run again. Look at it with `/account list`, and file anew what \
             is still wanted.",
            "{id} 之后，{account} 已被后来的工单更改，因此 {id} 不会再次执行。请用 `/account list` 查看；如仍有需要，请重新提交。"
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
