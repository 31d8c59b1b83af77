//! Freezes as they are told and listed.

use super::{
    escape::{code, plain},
    limits::DESCRIPTION,
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::freeze::{ALL_GROUPS, FreezePage, FreezeView},
};

/// Lines of one message.
const SHOWN: usize = 20;
const COLOUR: u32 = 0x0034_98db;

/// A freeze has begun.
#[must_use]
pub fn on(freeze: &FreezeView, lang: Lang) -> Message {
    let (id, place, until) = (freeze.id, place(freeze), until(freeze));
    let (en, zh) = (format!("{} {}", place.en, until.en), format!("{}{}", place.zh, until.zh));
    let said = said!(
        "🧊 **{id}**: nothing starts {en}. What runs holds after its statement and goes on afterwards. `/freeze off freeze:{id}` ends it.",
        "🧊 **{id}**：{zh}不再执行变更。已经在执行的在当前语句后停下，结束后自动继续。用 `/freeze off freeze:{id}` 解除。"
    );
    Message::text(said.in_lang(lang))
}

/// A freeze has ended.
#[must_use]
pub fn off(freeze: &FreezeView, lang: Lang) -> Message {
    let (id, place) = (freeze.id, place(freeze));
    let (en, zh) = (&place.en, &place.zh);
    let said = said!("🟢 **{id}** has ended: work goes on {en}.", "🟢 **{id}** 已解除：{zh}恢复执行。");
    Message::text(said.in_lang(lang))
}

/// Those in force.
#[must_use]
pub fn list(page: &FreezePage, lang: Lang) -> Message {
    if page.freezes.is_empty() {
        return Message::text(Said::fixed("No freeze is in force.", "没有生效中的冻结。").in_lang(lang));
    }
    let mut lines: Vec<String> = page.freezes.iter().take(SHOWN).map(|freeze| line(freeze, lang)).collect();
    let more = page.freezes.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(said!("… and {more} more", "……另有 {more} 个").in_lang(lang).to_owned());
    }
    let text: String = lines.join("\n").chars().take(DESCRIPTION).collect();
    let title = Said::fixed("Freezes in force", "生效中的冻结").in_lang(lang).to_owned();
    let embed = Embed { title, text, colour: COLOUR, ..Embed::default() };
    Message { embeds: vec![embed], ..Message::default() }
}

fn line(freeze: &FreezeView, lang: Lang) -> String {
    let (place, until) = (place(freeze), until(freeze));
    format!(
        "🧊 **{}** {} · {} · {}\n　{}",
        freeze.id,
        place.in_lang(lang),
        until.in_lang(lang),
        words::person(&freeze.by),
        plain(&freeze.reason, 120)
    )
}

fn place(freeze: &FreezeView) -> Said {
    if freeze.service_group == ALL_GROUPS {
        return Said::fixed("in any service group", "所有服务组");
    }
    let name = code(&freeze.service_group, 60);
    said!("in {name}", "{name} ")
}

fn until(freeze: &FreezeView) -> Said {
    match freeze.until {
        Some(at) => said!("until {t}", "在 {t} 之前", t = words::time(at)),
        None => Said::fixed("until somebody ends it", "在有人解除之前"),
    }
}
