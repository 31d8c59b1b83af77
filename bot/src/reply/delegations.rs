//! Who stands in for whom, as it is told and listed.

use super::{
    escape::plain,
    limits::DESCRIPTION,
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        delegation::{DelegationPage, DelegationView},
        person::Role,
    },
};

/// Lines of one message.
const SHOWN: usize = 20;
const COLOUR: u32 = 0x0034_98db;

/// Somebody stands in.
#[must_use]
pub fn added(it: &DelegationView, lang: Lang) -> Message {
    let (id, who, to) = (it.id, words::person(&it.person), words::person(&it.to));
    let (from, until) = (words::time(it.from), words::time(it.until));
    let said = said!(
        "🧳 **{id}**: {to} stands in for {who} from {from} to {until}, and approves what {who} is asked for. `/delegate end delegation:{id}` \
         ends it.",
        "🧳 **{id}**：{from} 到 {until}，由 {to} 代理 {who} 审批。用 `/delegate end delegation:{id}` 结束。"
    );
    let mut text = said.in_lang(lang).to_owned();
    if !it.lacks.is_empty() {
        let roles: Vec<&str> = it.lacks.iter().map(|role| word(*role)).collect();
        let roles = roles.join(", ");
        let lacks = said!(
            "⚠️ {to} does not have the role {roles}, and a delegation does not give it: {to} cannot do for {who} what needs that role. To \
             have that done meanwhile, choose somebody who has the role.",
            "⚠️ {to} 没有 {roles} 角色，代理也不会授予该角色：需要该角色的事，{to} 无法代替 {who} 处理。如需代办，请另选一位有该角色的人。"
        );
        text = format!("{text}\n{}", lacks.in_lang(lang));
    }
    let told = said!(
        "-# Only you see this, so {to} has not been told by the desk yet: tell {to}. Both of you find it in `/delegate list`.",
        "-# 只有你能看到这条消息，工单台还没有通知 {to}：请自行告知。双方都可以在 `/delegate list` 里看到。"
    );
    Message::text(format!("{text}\n{}", told.in_lang(lang)))
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Developer => "developer",
        Role::Dba => "dba",
        Role::Admin => "admin",
    }
}

/// Nobody stands in any more.
#[must_use]
pub fn ended(it: &DelegationView, lang: Lang) -> Message {
    let (id, who, to) = (it.id, words::person(&it.person), words::person(&it.to));
    let said = said!(
        "🟢 **{id}** has ended: {to} stands in for {who} no longer.",
        "🟢 **{id}** 已结束：{to} 不再代理 {who}。"
    );
    Message::text(said.in_lang(lang))
}

/// Those that are open or still come.
#[must_use]
pub fn list(page: &DelegationPage, lang: Lang) -> Message {
    if page.delegations.is_empty() {
        return Message::text(Said::fixed("Nobody stands in for anybody.", "没有代理。").in_lang(lang));
    }
    let mut lines: Vec<String> = page.delegations.iter().take(SHOWN).map(|it| line(it, lang)).collect();
    let more = page.delegations.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(said!("… and {more} more", "……另有 {more} 个").in_lang(lang).to_owned());
    }
    let text: String = lines.join("\n").chars().take(DESCRIPTION).collect();
    let title = Said::fixed("Delegations", "代理").in_lang(lang).to_owned();
    let embed = Embed { title, text, colour: COLOUR, ..Embed::default() };
    Message { embeds: vec![embed], ..Message::default() }
}

fn line(it: &DelegationView, lang: Lang) -> String {
    let said = said!(
        "🧳 **{id}** {to} for {who}, {from} to {until}",
        "🧳 **{id}** {to} 代理 {who}，{from} 到 {until}",
        id = it.id,
        to = words::person(&it.to),
        who = words::person(&it.person),
        from = words::time(it.from),
        until = words::time(it.until)
    );
    format!("{}\n　{}", said.in_lang(lang), plain(&it.reason, 120))
}
