//! Notices: what the desk says in chat that is no ticket.

use super::{
    escape::{code, plain},
    limits,
    message::{Button, Embed, Message},
    words,
};
use chrono::{DateTime, Utc};
use dbdesk_commands::{
    id::{NoticeId, TicketId},
    lang::{Lang, Said, said},
    wire::{
        link::LinkAsked,
        notice::{
            EmergencyEnd, LinkObstacle, LinkOutcome, NoticeBehind, NoticeContent, NoticePressed, NoticeVerb,
            Reviewed,
        },
        person::PersonView,
    },
};
use serenity::model::{
    application::ButtonStyle,
    id::{RoleId, UserId},
};
use std::num::NonZeroU64;

/// What the custom id of a notice's button begins with.
pub const BUTTON: &str = "notice";

const ASKS: u32 = 0x0034_98db;
const ALARM: u32 = 0x00e7_4c3c;
const WARNS: u32 = 0x00e6_7e22;
const OVER: u32 = 0x0095_a5a6;
const GOOD: u32 = 0x0027_ae60;

/// Characters of one difference.
const DIFFERENCE: usize = 300;
/// Tickets named on one notice.
const TICKETS: usize = 60;

/// What a notice's title begins with; the bot knows its own notice by it.
#[must_use]
pub fn title_head(id: NoticeId) -> String {
    format!("{id} · ")
}

/// The notice. Exactly the people concerned are notified, and the DBAs where the whole desk is.
#[must_use]
pub fn notice(it: &NoticeBehind, dbas: Option<RoleId>) -> Message {
    let lang = it.lang;
    let Shown { title, text, colour, fields, pings, calls_dbas } = shown(&it.content, lang);
    let dbas = dbas.filter(|_| calls_dbas);
    let role = dbas.map(|role| format!("<@&{role}>"));
    let mentions = role.into_iter().chain(pings.iter().map(|user| format!("<@{user}>")));
    let embed = Embed {
        title: format!("{}{}", title_head(it.id), title.in_lang(lang)),
        text: text.in_lang(lang).to_owned(),
        colour,
        fields: fields
            .into_iter()
            .map(|(name, value)| (name.in_lang(lang).to_owned(), value, true))
            .collect(),
        ..Embed::default()
    };
    let button = |verb: NoticeVerb| match verb {
        NoticeVerb::Confirm => ButtonStyle::Success,
        NoticeVerb::Refuse => ButtonStyle::Danger,
        NoticeVerb::RepairInventory | NoticeVerb::RepairServers => ButtonStyle::Primary,
    };
    Message {
        content: mentions.collect::<Vec<_>>().join(" "),
        embeds: vec![embed],
        buttons: it
            .buttons
            .iter()
            .map(|it| Button {
                custom_id: format!("{BUTTON}:{}", it.id),
                label: it.verb.label().in_lang(lang).to_owned(),
                style: button(it.verb),
            })
            .collect(),
        pings,
        role_pings: dbas.into_iter().collect(),
        ..Message::default()
    }
}

/// A notice before it is a message.
struct Shown {
    title: Said,
    text: Said,
    colour: u32,
    fields: Vec<(Said, String)>,
    pings: Vec<UserId>,
    calls_dbas: bool,
}

fn shown(content: &NoticeContent, lang: Lang) -> Shown {
    match content {
        NoticeContent::LinkAsked { discord_id, name, lapses_at, admins, obstacle, first, outcome } => {
            let lapses = words::time(*lapses_at);
            link((discord_id, name, *obstacle), (&lapses, admins), (first.as_ref(), outcome.as_ref()))
        }
        NoticeContent::Emergency {
            id,
            service_group,
            person,
            reason,
            from,
            until,
            admins,
            ended,
            reviewed,
        } => {
            let (group, who) = (code(service_group, 60), words::person(person));
            let mut fields = vec![
                (Said::fixed("Service group", "服务组"), group.clone()),
                (Said::fixed("Who", "谁"), who),
                (Said::fixed("Since", "开始"), words::time(*from)),
            ];
            let lasts = (Said::fixed("Until at the latest", "最迟到"), words::time(*until));
            fields.extend(ended.is_none().then_some(lasts));
            fields.extend(ended.iter().flat_map(|end| end_fields(end, lang)));
            fields.extend(reviewed.iter().map(|it| review_field(it, lang)));
            let reason = plain(reason, 1_000);
            let (title, colour) = match (ended, reviewed) {
                (None, _) => (said!("Emergency {id}", "紧急状态 {id}"), ALARM),
                (Some(_), None) => (said!("Emergency {id} has ended", "紧急状态 {id} 已结束"), WARNS),
                (Some(_), Some(_)) => (said!("Emergency {id} was reviewed", "紧急状态 {id} 已复核"), OVER),
            };
            let text = match (ended, reviewed) {
                (None, _) => said!(
                    "🚨 A DBA acts alone on {group}: nobody else approves what is done there.\n**Reason:** {reason}",
                    "🚨 一位 DBA 正在单独操作 {group}：在此期间无需他人审批。\n**原因：**{reason}"
                ),
                (Some(_), None) => said!(
                    "**Reason:** {reason}\nAnother DBA or an admin looks at what was done, then says so with `/emergency review emergency:{id}`.",
                    "**原因：**{reason}\n请另一位 DBA 或管理员查看期间的操作，然后用 `/emergency review emergency:{id}` 复核。"
                ),
                (Some(_), Some(_)) => said!("**Reason:** {reason}", "**原因：**{reason}"),
            };
            Shown { title, text, colour, fields, pings: users(admins), calls_dbas: true }
        }
        NoticeContent::Drift { service_group, differences, since, dbas, ticket, mended_at } => {
            drift(service_group, differences, (*since, *mended_at), (dbas, *ticket), lang)
        }
        NoticeContent::EmergencyNotReviewed { id, service_group, person, ended_at, people } => Shown {
            title: said!("Nobody has reviewed {id}", "{id} 还没有人复核"),
            text: said!(
                "The emergency **{id}** of {who} on {group} ended {ended}. Another DBA of the group or an admin looks at what was done, \
                 then says so with `/emergency review emergency:{id}`.",
                "{who} 在 {group} 上的紧急状态 **{id}** 已于 {ended} 结束。请该组的另一位 DBA 或管理员查看期间的操作，然后用 \
                 `/emergency review emergency:{id}` 复核。",
                who = words::person(person),
                group = code(service_group, 60),
                ended = words::time(*ended_at)
            ),
            colour: WARNS,
            fields: Vec::new(),
            pings: users(people),
            calls_dbas: false,
        },
    }
}

/// What stands in the way, so that nobody presses Confirm in vain.
fn in_the_way(obstacle: LinkObstacle, name: &str) -> Said {
    let (name, unlink) = (code(name, 64), code(&format!("/unlink person:{name}"), 90));
    match obstacle {
        LinkObstacle::NoPerson => said!(
            "⚠️ The desk has no person {name}: **Confirm** would do nothing. Refuse it, or add that person first with `dbdesk person add`.\n",
            "⚠️ 工单台没有 {name} 这个人，点 **确认** 不会生效。请拒绝，或先用 `dbdesk person add` 添加。\n"
        ),
        LinkObstacle::HasAccount => said!(
            "⚠️ {name} has another Discord account already: **Confirm** would do nothing. Refuse it, or take that account away first with \
             {unlink}.\n",
            "⚠️ {name} 已经关联了另一个 Discord 账号，点 **确认** 不会生效。请拒绝，或先用 {unlink} 解除原有关联。\n"
        ),
    }
}

fn link(
    (discord_id, name, obstacle): (&str, &str, Option<LinkObstacle>),
    (lapses, admins): (&str, &[PersonView]),
    (first, outcome): (Option<&PersonView>, Option<&LinkOutcome>),
) -> Shown {
    let asker = user(discord_id);
    let mention = asker.map_or_else(|| code(discord_id, 20), |id| format!("<@{id}>"));
    let fields = vec![
        (Said::fixed("Discord account", "Discord 账号"), mention.clone()),
        (Said::fixed("Discord id", "Discord ID"), code(discord_id, 20)),
        (Said::fixed("Claims to be", "自称"), code(name, 64)),
    ];
    let typed = name;
    let name = code(name, 64);
    let Said { en, zh } =
        obstacle.map_or_else(|| Said::fixed("", ""), |obstacle| in_the_way(obstacle, typed));
    let (title, text, colour) = match outcome {
        None if first.is_some() => (
            Said::fixed("A second admin, please", "请第二位管理员确认"),
            said!(
                "{first} has confirmed that this Discord account is {name} of the desk. {name} decides on what others file, so another admin \
                 asks that person, too, and confirms it. The request lapses {lapses}.",
                "{first} 已确认这个 Discord 账号是工单台的 {name}。{name} 可以审批他人的工单，因此还需要另一位管理员向本人核实并确认。申请在 \
                 {lapses} 失效。",
                first = first.map(words::person).unwrap_or_default()
            ),
            ASKS,
        ),
        None => (
            Said::fixed("Who is this?", "这是谁？"),
            said!(
                "{en}A Discord account says that it is {name} of the desk. Ask that person on another way whether it is so: names and pictures \
                 in chat prove nothing. The request lapses {lapses}.",
                "{zh}一个 Discord 账号自称是工单台的 {name}。请通过其他途径向本人核实：聊天里的名字和头像不能作为证明。申请在 {lapses} 失效。"
            ),
            ASKS,
        ),
        Some(LinkOutcome::Confirmed { by, at }) => (
            Said::fixed("Linked", "已关联"),
            said!(
                "{mention} is {name} of the desk from now on. Confirmed by {by}, {at}.",
                "{mention} 现在就是工单台的 {name}。由 {by} 于 {at} 确认。",
                by = words::person(by),
                at = words::time(*at)
            ),
            GOOD,
        ),
        Some(LinkOutcome::Refused { by, at }) => (
            Said::fixed("Refused", "已拒绝"),
            said!(
                "{mention} was not linked. Refused by {by}, {at}.",
                "没有关联 {mention}。由 {by} 于 {at} 拒绝。",
                by = words::person(by),
                at = words::time(*at)
            ),
            OVER,
        ),
        Some(LinkOutcome::Replaced { at }) => (
            Said::fixed("Asked anew", "已重新申请"),
            said!(
                "{mention} has asked again, for another name, {at}.",
                "{mention} 于 {at} 用另一个名字重新申请了。",
                at = words::time(*at)
            ),
            OVER,
        ),
        Some(LinkOutcome::Operator { name, at }) => (
            Said::fixed("Linked by the operator", "已由运维关联"),
            said!(
                "{mention} is {name} of the desk from now on: the desk's operator has linked them in a shell, {at}.",
                "{mention} 现在就是工单台的 {name}：由运维在命令行关联，{at}。",
                name = code(name, 64),
                at = words::time(*at)
            ),
            GOOD,
        ),
        Some(LinkOutcome::Lapsed { at }) => (
            Said::fixed("Lapsed", "已失效"),
            said!(
                "Nobody decided in time, {at}. {mention} can ask again.",
                "没有人及时处理，已于 {at} 失效。{mention} 可以重新申请。",
                at = words::time(*at)
            ),
            OVER,
        ),
    };
    // Once it is decided it concerns the one who asked.
    let pings = match outcome {
        None => users(admins),
        Some(LinkOutcome::Replaced { .. }) => Vec::new(),
        Some(_) => asker.into_iter().collect(),
    };
    Shown { title, text, colour, fields, pings, calls_dbas: false }
}

fn drift(
    group: &str,
    differences: &[Said],
    (since, mended_at): (DateTime<Utc>, Option<DateTime<Utc>>),
    (dbas, ticket): (&[PersonView], Option<TicketId>),
    lang: Lang,
) -> Shown {
    let shown = code(group, 60);
    let mut fields = vec![(Said::fixed("Since", "开始"), words::time(since))];
    fields.extend(ticket.map(|id| (Said::fixed("Mended by", "处理工单"), id.to_string())));
    fields.extend(mended_at.map(|at| (Said::fixed("The same again", "恢复一致"), words::time(at))));
    let lines: Vec<String> =
        differences.iter().map(|said| format!("• {}", plain(said.in_lang(lang), DIFFERENCE))).collect();
    let lines = lines.join("\n");
    let (title, text, colour) = if mended_at.is_some() {
        (
            said!("{group}: servers and inventory are the same again", "{group}：服务器与清单已恢复一致"),
            said!("On {shown} this differed:\n{lines}", "{shown} 之前的不一致：\n{lines}"),
            GOOD,
        )
    } else {
        (
            said!("{group}: servers and inventory differ", "{group}：服务器与清单不一致"),
            said!(
                "On {shown} the servers are not what the inventory says:\n{lines}\nIf the servers are right, mend the inventory; if the \
                 inventory is, the servers. Each button files a ticket that another DBA approves.",
                "{shown} 的服务器与清单不一致：\n{lines}\n如果服务器是对的，请修正清单；如果清单是对的，请修复服务器。每个按钮都会提交一张由另一位 DBA 审批的工单。"
            ),
            WARNS,
        )
    };
    // Whoever mends it knows of it.
    let pings = if ticket.is_none() && mended_at.is_none() { users(dbas) } else { Vec::new() };
    Shown { title, text, colour, fields, pings, calls_dbas: false }
}

fn end_fields(end: &EmergencyEnd, lang: Lang) -> Vec<(Said, String)> {
    let by = match &end.by {
        Some(by) => words::person(by),
        None => Said::fixed("its time was over", "时间已到").in_lang(lang).to_owned(),
    };
    vec![
        (Said::fixed("Ended", "结束"), format!("{} · {by}", words::time(end.at))),
        (Said::fixed("Decided in it", "期间处理的工单"), tickets(&end.tickets, lang)),
    ]
}

fn tickets(ids: &[TicketId], lang: Lang) -> String {
    if ids.is_empty() {
        return Said::fixed("nothing", "无").in_lang(lang).to_owned();
    }
    let mut shown: Vec<String> = ids.iter().take(TICKETS).map(TicketId::to_string).collect();
    if let Some(more) = ids.len().checked_sub(TICKETS).filter(|more| *more > 0) {
        shown.push(said!("… and {more} more", "……另有 {more} 个").in_lang(lang).to_owned());
    }
    shown.join(", ")
}

fn review_field(it: &Reviewed, lang: Lang) -> (Said, String) {
    let text = plain(&it.text, limits::FIELD_VALUE - 200);
    let said = said!(
        "{by}, {at}: {text}",
        "{by}，{at}：{text}",
        by = words::person(&it.by),
        at = words::time(it.at)
    );
    (Said::fixed("Reviewed", "复核"), said.in_lang(lang).to_owned())
}

fn user(id: &str) -> Option<UserId> {
    id.parse::<NonZeroU64>().ok().map(UserId::from)
}

fn users(people: &[PersonView]) -> Vec<UserId> {
    people.iter().filter_map(words::user_id).collect()
}

/// The request is on its way.
#[must_use]
pub fn asked(it: &LinkAsked, lang: Lang) -> Message {
    let lapses = words::time(it.lapses_at);
    let said = said!(
        "📨 Passed on to the admins. One of them will ask you whether it is you; once he has confirmed, all commands are yours. It lapses \
         {lapses}.",
        "📨 已转给管理员。管理员会向你核实身份，确认之后就可以使用所有命令。申请在 {lapses} 失效。"
    );
    Message::text(said.in_lang(lang))
}

/// He is no Discord user any more.
#[must_use]
pub fn unlinked(person: &PersonView, lang: Lang) -> Message {
    let name = code(&person.name, 64);
    let said = said!(
        "🔓 {name} has no Discord account in the desk any more. What he has open stays his; he can ask anew with `/link`.",
        "🔓 {name} 在工单台已没有关联的 Discord 账号。他未完成的工单仍归他所有；他可以用 `/link` 重新申请。"
    );
    Message::text(said.in_lang(lang))
}

/// A button of a notice was pressed.
#[must_use]
pub fn pressed(it: &NoticePressed, lang: Lang) -> Message {
    if let NoticeContent::Drift { ticket: Some(ticket), .. } = &it.content {
        let said = said!(
            "📨 Filed as {ticket}. Another DBA approves it in its thread.",
            "📨 已提交为 {ticket}，由另一位 DBA 在子区里审批。"
        );
        return Message::text(said.in_lang(lang));
    }
    let NoticeContent::LinkAsked { discord_id, name, outcome, .. } = &it.content else {
        return Message::text(Said::fixed("Done.", "已完成。").in_lang(lang));
    };
    let mention = user(discord_id).map_or_else(|| code(discord_id, 20), |id| format!("<@{id}>"));
    let name = code(name, 64);
    let said = match it.verb {
        NoticeVerb::Confirm if outcome.is_none() => said!(
            "Noted. {name} decides on what others file: {mention} is {name} once another admin has confirmed it, too.",
            "已记录。{name} 可以审批他人的工单：还需要另一位管理员确认，{mention} 才会成为 {name}。"
        ),
        NoticeVerb::Confirm => {
            said!("{mention} is {name} of the desk from now on.", "{mention} 现在就是工单台的 {name}。")
        }
        _ => said!("{mention} was not linked.", "没有关联 {mention}。"),
    };
    Message::text(said.in_lang(lang))
}
