//! A page of tickets as lines.

use super::{
    card::state_sign,
    escape::{code, plain},
    message::{Button, Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said},
    wire::ticket::{TicketLine, TicketPage},
};
use serenity::model::application::ButtonStyle;

/// Lines on one page: what a phone shows without much scrolling.
pub const PAGE: usize = 15;

/// The page, with a button for the next where there is one.
#[must_use]
pub fn page(page: &TicketPage, which: &str, lang: Lang) -> Message {
    if page.tickets.is_empty() {
        let none = match which {
            "all" => Said::fixed("There are no tickets.", "没有工单。"),
            "open" => Said::fixed("No ticket is open.", "没有未结束的工单。"),
            _ => Said::fixed(
                "You have no tickets. `/sql submit` files one.",
                "你还没有工单。用 `/sql submit` 提交。",
            ),
        };
        return Message::text(none.in_lang(lang));
    }
    let shown: Vec<&TicketLine> = page.tickets.iter().take(PAGE).collect();
    let lines: Vec<String> = shown.iter().map(|ticket| line(ticket, lang)).collect();
    let cut_here = page.tickets.len() > PAGE;
    let next = if cut_here { shown.last().map(|ticket| ticket.id) } else { page.next_before };
    let buttons = next.map(|before| Button {
        custom_id: format!("list:{which}:{}", before.0),
        label: Said::fixed("Older", "更早的").in_lang(lang).to_owned(),
        style: ButtonStyle::Secondary,
    });
    let title = match which {
        "all" => Said::fixed("All tickets", "全部工单"),
        "open" => Said::fixed("Open tickets", "未结束的工单"),
        _ => Said::fixed("Your tickets", "你的工单"),
    };
    let embed = Embed {
        title: title.in_lang(lang).to_owned(),
        text: lines.join("\n"),
        colour: 0x0034_98db,
        ..Embed::default()
    };
    Message { embeds: vec![embed], buttons: buttons.into_iter().collect(), ..Message::default() }
}

fn line(ticket: &TicketLine, lang: Lang) -> String {
    let thread = ticket.card.as_ref().and_then(|card| card.thread_id.as_deref()).filter(|id| is_id(id));
    let link = thread.map(|id| format!(" <#{id}>")).unwrap_or_default();
    format!(
        "{} **{}** {} · {} · {} · {}{link}\n　{}",
        state_sign(ticket.state),
        ticket.id,
        ticket.state.said().in_lang(lang),
        code(&format!("{}/{}", ticket.service_group, ticket.database), 60),
        words::person(&ticket.requester),
        words::distance(ticket.created_at),
        plain(&ticket.reason, 80),
    )
}

/// Whether a text is a Discord id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit())
}
