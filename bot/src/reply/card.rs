//! A ticket's card: the one message that is edited as its state moves.

use super::{
    escape::{block, code, plain},
    findings, lanes,
    message::{Button, Embed, Message},
    words,
};
use crate::handle;
use dbdesk_commands::{
    id::TicketId,
    lang::{Lang, Said, said},
    wire::{
        button::ButtonView,
        review::{AffectedRows, StatementReview, Way, heaviest_way},
        rule::NO_UNDO,
        ticket::{Risk, TicketState, TicketVerb, TicketView},
    },
};
use std::fmt::Write as _;

/// Lines of SQL on the card.
const EXCERPT_LINES: usize = 15;
/// Characters of SQL on the card.
const EXCERPT: usize = 1_000;

/// What a card's title begins with; the bot knows its own card by it.
#[must_use]
pub fn title_head(ticket: TicketId) -> String {
    format!("{ticket} · ")
}

/// The card.
#[must_use]
pub fn card(ticket: &TicketView) -> Message {
    let buttons = ticket.buttons.iter().map(|button| drawn(button, ticket)).collect();
    Message { embeds: vec![embed(ticket, ticket.lang)], buttons, ..Message::default() }
}

/// The ticket's button for this verb, where it has one now.
#[must_use]
pub fn button(ticket: &TicketView, verb: TicketVerb) -> Option<Button> {
    let button = ticket.buttons.iter().find(|button| button.verb == verb)?;
    Some(drawn(button, ticket))
}

fn drawn(button: &ButtonView, ticket: &TicketView) -> Button {
    let found = || ticket.review.iter().flat_map(|statement| &statement.findings);
    // Whoever approves says that it may run so.
    let label = if button.verb == TicketVerb::Approve && found().any(|found| found.rule == NO_UNDO) {
        Said::fixed("Approve without undo", "批准（不可撤销）")
    } else {
        button.verb.label()
    };
    Button {
        custom_id: format!("{}:{}", button.form.word(), button.id),
        label: label.in_lang(ticket.lang).to_owned(),
        style: handle::words_of(button.verb).style,
    }
}

/// The card's box, in any reader's language.
#[must_use]
pub fn embed(ticket: &TicketView, lang: Lang) -> Embed {
    let (excerpt, _) = excerpt(&ticket.sql);
    let reason = said!("**Reason:** {r}", "**原因：**{r}", r = plain(&ticket.reason, 600));
    let mut text = format!("{}\n{excerpt}", reason.in_lang(lang));
    if is_cut(&ticket.sql) {
        let more =
            Said::fixed("-# The whole SQL is a file in the thread.", "-# 完整 SQL 以文件形式附在子区里。");
        let _ = write!(text, "\n{}", more.in_lang(lang));
    }
    Embed {
        title: format!(
            "{}{} / {}",
            title_head(ticket.id),
            plain(&ticket.service_group, 100),
            plain(&ticket.database, 100)
        ),
        text,
        colour: colour(ticket.state),
        fields: fields(ticket, lang),
        footer: said!("revision {n}", "第 {n} 版", n = ticket.revision).in_lang(lang).to_owned(),
    }
}

fn fields(ticket: &TicketView, lang: Lang) -> Vec<(String, String, bool)> {
    let mut fields = Vec::new();
    let mut field = |name: Said, value: String| fields.push((name.in_lang(lang).to_owned(), value, true));
    field(Said::fixed("State", "状态"), state(ticket, lang));
    field(
        Said::fixed("Service group", "服务组"),
        format!("{} · {}", code(&ticket.service_group, 80), plain(&ticket.environment, 60)),
    );
    if ticket.kind.is_sql() {
        field(Said::fixed("Size", "规模"), size(ticket, lang));
    } else {
        field(Said::fixed("Asks for", "申请内容"), ticket.kind.said().in_lang(lang).to_owned());
    }
    if let Some(account) = ticket.account {
        field(Said::fixed("Account", "账号"), account.to_string());
    }
    if let Some(way) = heaviest_way(&ticket.review) {
        field(Said::fixed("Advised way", "建议方式"), advised(way, lang));
    }
    field(
        Said::fixed("Risk", "风险"),
        format!("{} {}", risk_sign(ticket.risk), ticket.risk.said().in_lang(lang)),
    );
    field(Said::fixed("Requester", "申请人"), words::person(&ticket.requester));
    if let Some(before) = ticket.takes_back {
        field(Said::fixed("Takes back", "撤销"), before.to_string());
    }
    if let Some(after) = ticket.taken_back_by {
        field(Said::fixed("Taken back by", "已被撤销"), after.to_string());
    }
    if let Some(schedule) = ticket.schedule {
        field(Said::fixed("Schedule", "周期工单"), schedule.to_string());
    }
    if ticket.goes_on {
        let goes_on = Said::fixed("the other tables are done", "继续执行其余的表");
        field(Said::fixed("When one fails", "某张表失败时"), goes_on.in_lang(lang).to_owned());
    }
    // What ended before a time was found for it never had one.
    if ticket.due_at.is_some() || !ticket.state.is_final() {
        field(Said::fixed("When", "时间"), start(ticket, lang));
    }
    if ticket.kind.is_sql() {
        field(Said::fixed("Review", "审核"), findings::summary(&ticket.review, lang));
    }
    field(Said::fixed("SHA-256", "SHA-256"), code(&short_hash(&ticket.sql_hash), 20));
    if let Some(decision) = decision(ticket, lang) {
        field(Said::fixed("Decision", "审批"), decision);
    }
    if let Some(approval) = super::approvals::steps(ticket, lang) {
        fields.push((Said::fixed("Approval", "审批步骤").in_lang(lang).to_owned(), approval, false));
    }
    if !ticket.shares.is_empty() {
        let name = Said::fixed("Service groups", "各服务组");
        fields.push((name.in_lang(lang).to_owned(), lanes::shares(&ticket.shares, lang), false));
    }
    fields
}

/// The way, and that dbdesk does not take it where it does not.
fn advised(way: Way, lang: Lang) -> String {
    let mut text = way.said().in_lang(lang).to_owned();
    if let Some(said) = way.as_written() {
        let _ = write!(text, "\n⚠️ {}", said.in_lang(lang));
    }
    text
}

fn state(ticket: &TicketView, lang: Lang) -> String {
    let mut text = format!("{} {}", state_sign(ticket.state), ticket.state.said().in_lang(lang));
    if let Some(why) = ticket.why_person.filter(|_| ticket.state == TicketState::AwaitingApproval) {
        let _ = write!(text, "\n{}", why.said().in_lang(lang));
    }
    if ticket.task.as_ref().is_some_and(|task| task.silent) {
        let silent = Said::fixed("🔇 does not answer", "🔇 无响应");
        let _ = write!(text, "\n{}", silent.in_lang(lang));
    }
    let counts = !matches!(ticket.state, TicketState::Scheduled | TicketState::Held);
    if let Some((done, total)) = progress(ticket).filter(|(_, total)| counts && *total > 0) {
        let _ = write!(text, "\n{} {done}/{total}", bar(done, total));
    }
    text
}

/// Statements that ran, and all; those of all service groups where there are several.
fn progress(ticket: &TicketView) -> Option<(u32, u32)> {
    let task = ticket.task.as_ref()?;
    Some(if ticket.shares.is_empty() { (task.done, task.total) } else { lanes::sum(&ticket.shares) })
}

fn bar(done: u32, total: u32) -> String {
    const WIDTH: u64 = 8;
    let full = u64::from(done.min(total)) * WIDTH / u64::from(total.max(1));
    (0..WIDTH).map(|at| if at < full { '▰' } else { '▱' }).collect()
}

fn size(ticket: &TicketView, lang: Lang) -> String {
    let count = u64::try_from(ticket.review.len()).unwrap_or(u64::MAX);
    let bytes = u64::try_from(ticket.sql.len()).unwrap_or(u64::MAX);
    let mut text = format!("{} · {}", words::statements(count).in_lang(lang), words::bytes(bytes));
    let affected: Vec<_> =
        ticket.review.iter().filter_map(|statement| statement.plan.as_ref()?.affected_rows).collect();
    if !affected.is_empty() {
        let rows = affected.iter().fold(0_u64, |sum, rows| match rows {
            AffectedRows::Exactly(n) | AffectedRows::MoreThan(n) => sum.saturating_add(*n),
        });
        let bounded = affected.iter().any(|rows| matches!(rows, AffectedRows::MoreThan(_)));
        let rows = words::rows(rows);
        let Said { en, zh } = &rows;
        let rows = if bounded {
            said!("> {en}", "> {zh}")
        } else if ticket.review.iter().any(is_uncounted) {
            said!("at least {en}", "至少 {zh}")
        } else {
            rows
        };
        let _ = write!(text, " · {}", rows.in_lang(lang));
    }
    text
}

/// Whether a statement changes rows that stand in no count.
fn is_uncounted(statement: &StatementReview) -> bool {
    let counted = statement.plan.as_ref().is_some_and(|plan| plan.affected_rows.is_some());
    !counted && matches!(statement.kind.as_str(), "update" | "delete" | "insert" | "replace" | "load_data")
}

fn start(ticket: &TicketView, lang: Lang) -> String {
    match (ticket.due_at, ticket.state) {
        (Some(due), TicketState::Scheduled) => {
            said!("{at} ({far})", "{at}（{far}）", at = words::time(due), far = words::distance(due))
                .in_lang(lang)
                .to_owned()
        }
        (Some(due), _) => words::time(due),
        (None, _) => words::when(ticket.when, lang),
    }
}

fn decision(ticket: &TicketView, lang: Lang) -> Option<String> {
    let mut text = match (&ticket.decided_by, ticket.state) {
        (_, TicketState::Rejected) => {
            let who = ticket.decided_by.as_ref().map(words::person).unwrap_or_default();
            said!("rejected by {who}", "{who} 驳回").in_lang(lang).trim().to_owned()
        }
        (Some(who), _) => {
            said!("approved by {who}", "{who} 批准", who = words::person(who)).in_lang(lang).to_owned()
        }
        (None, _) if ticket.approved_by_policy => {
            Said::fixed("approved by policy", "按策略自动批准").in_lang(lang).to_owned()
        }
        (None, _) => return None,
    };
    if let Some(reason) = &ticket.decision_reason {
        let _ = write!(text, "\n{}", plain(reason, 600));
    }
    let waits = matches!(ticket.state, TicketState::Scheduled | TicketState::Held);
    if let Some(end) = ticket.approval_expires_at.filter(|_| waits) {
        let expires = said!("\nvalid until {t}", "\n有效期至 {t}", t = words::time(end));
        text.push_str(expires.in_lang(lang));
    }
    Some(text)
}

/// The start of the SQL as a code block.
#[must_use]
pub fn excerpt(sql: &str) -> (String, bool) {
    let lines: String = sql.split_inclusive('\n').take(EXCERPT_LINES).collect();
    let cut = lines.len() < sql.len();
    let lines = if cut { format!("{}\n…", lines.trim_end()) } else { lines };
    let (text, too_long) = block("sql", &lines, EXCERPT);
    (text, cut || too_long)
}

/// Whether the card shows only a part of the SQL.
#[must_use]
pub fn is_cut(sql: &str) -> bool {
    excerpt(sql).1
}

/// Enough of a hash for people to compare.
#[must_use]
pub fn short_hash(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn risk_sign(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "🟢",
        Risk::Medium => "🟡",
        Risk::High => "🔴",
    }
}

/// A state's sign.
#[must_use]
pub fn state_sign(state: TicketState) -> &'static str {
    match state {
        TicketState::Returned => "↩️",
        TicketState::AwaitingChoice => "🤔",
        TicketState::AwaitingApproval => "⏳",
        TicketState::Scheduled => "🗓️",
        TicketState::Held => "✋",
        TicketState::Running => "▶️",
        TicketState::Paused => "⏸️",
        TicketState::Done => "✅",
        TicketState::Failed => "❌",
        TicketState::Rejected => "🚫",
        TicketState::Withdrawn | TicketState::Cancelled => "⏹️",
        TicketState::Lost => "❓",
    }
}

/// A state's colour.
#[must_use]
pub fn colour(state: TicketState) -> u32 {
    match state {
        TicketState::Returned => 0x00e6_7e22,
        TicketState::AwaitingChoice => 0x00f1_c40f,
        TicketState::AwaitingApproval => 0x0034_98db,
        TicketState::Scheduled => 0x001a_bc9c,
        TicketState::Running => 0x0058_65f2,
        TicketState::Held | TicketState::Paused => 0x00c2_7c0e,
        TicketState::Done => 0x002e_cc71,
        TicketState::Failed => 0x00d8_3c3e,
        TicketState::Rejected => 0x0099_2d22,
        TicketState::Withdrawn | TicketState::Cancelled => 0x0095_a5a6,
        TicketState::Lost => 0x009b_59b6,
    }
}
