//! A ticket's log as the messages of its thread. Pure: the same entries and ticket give the same messages, so that
//! after a crash the bot finds by the marks what it told already.

use super::{
    card, findings, lanes, limits,
    message::{Embed, Message},
    quiet,
    reviewed::{self, Told as Shown},
    scripts,
    sentence::{line, next_step},
    words,
};
use dbdesk_commands::{
    id::TicketId,
    lang::{Lang, Said, said},
    when::When,
    wire::{
        entry::{Entry, Event},
        person::PersonView,
        review::keeps_busy,
        ticket::{TicketState, TicketVerb, TicketView},
    },
};
use serenity::model::id::{RoleId, UserId};
use std::fmt::Write as _;

/// Characters of lines in one message.
const LINES: usize = 3_000;

/// Which entry a message tells (all before it are told too), and which part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The newest entry in the message.
    pub entry: u64,
    /// Which part, from 1.
    pub part: u16,
    /// Of how many.
    pub parts: u16,
}

impl Mark {
    /// Small print under the message: `#17`, or `#17 2/3`.
    #[must_use]
    pub fn footer(self) -> String {
        if self.parts == 1 {
            format!("#{}", self.entry)
        } else {
            format!("#{} {}/{}", self.entry, self.part, self.parts)
        }
    }

    /// Reads a footer back.
    #[must_use]
    pub fn read(footer: &str) -> Option<Self> {
        let rest = footer.strip_prefix('#')?;
        let Some((entry, parts)) = rest.split_once(' ') else {
            return Some(Self { entry: rest.parse().ok()?, part: 1, parts: 1 });
        };
        let (part, parts) = parts.split_once('/')?;
        Some(Self { entry: entry.parse().ok()?, part: part.parse().ok()?, parts: parts.parse().ok()? })
    }

    /// Whether a thread that ends with this mark has told `other` already.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        (other.entry, other.part) <= (self.entry, self.part)
    }

    /// The nonce: Discord takes it once.
    #[must_use]
    pub fn nonce(self) -> String {
        if self.parts == 1 { format!("e{}", self.entry) } else { format!("e{}.{}", self.entry, self.part) }
    }
}

/// A message of the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it tells.
    pub mark: Mark,
    /// The message, its mark in the small print.
    pub message: Message,
}

/// The messages for `entries`, oldest first. `dbas` is notified when a ticket comes to wait for a DBA.
#[must_use]
pub fn tell(entries: &[Entry], ticket: &TicketView, dbas: Option<RoleId>) -> Vec<Told> {
    let mut story = Story { ticket, dbas, told: Vec::new(), open: None };
    let last_review = entries.iter().rposition(is_review);
    let mut at = 0;
    while let Some(entry) = entries.get(at) {
        let run = quiet::run(entries, at);
        if Some(at) == last_review {
            story.review(entry);
        } else if story.has_lanes() && !run.is_empty() {
            story.interleaved(entries, at, run);
            at += run.len();
            continue;
        } else if quiet::is_long(run) {
            story.fold(run);
            at += run.len();
            continue;
        } else {
            let began = matches!(&entry.event, Event::StatementStarted { .. } | Event::StepStarted { .. });
            let superseded = began && at + 1 < entries.len();
            story.line(entry, superseded);
        }
        at += 1;
    }
    story.close();
    story.told
}

fn is_review(entry: &Entry) -> bool {
    matches!(entry.event, Event::Filed { .. } | Event::Amended { .. } | Event::Fixed { .. })
}

struct Open {
    entry: u64,
    text: String,
    colour: u32,
    ping: Option<Message>,
}

struct Story<'a> {
    ticket: &'a TicketView,
    dbas: Option<RoleId>,
    told: Vec<Told>,
    open: Option<Open>,
}

impl Story<'_> {
    fn lang(&self) -> Lang {
        self.ticket.lang
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let mark = Mark { entry: open.entry, part: 1, parts: 1 };
        let embed = Embed { text: open.text, colour: open.colour, ..Embed::default() };
        let message = Message { embeds: vec![embed], ..open.ping.unwrap_or_default() };
        self.told.push(stamped(mark, message));
    }

    fn add(&mut self, entry: u64, text: &str, colour: u32, ping: Option<Message>) {
        let full = self.open.as_ref().is_some_and(|open| {
            limits::length(&open.text) + limits::length(text) > LINES
                || (open.ping.is_some() && ping.is_some())
        });
        if full {
            self.close();
        }
        let open = self.open.get_or_insert_with(|| Open { entry, text: String::new(), colour, ping: None });
        if !open.text.is_empty() && !text.is_empty() {
            open.text.push('\n');
        }
        open.text.push_str(text);
        open.entry = entry;
        open.colour = colour;
        open.ping = open.ping.take().or(ping);
    }

    fn line(&mut self, entry: &Entry, superseded: bool) {
        let own = scripts::line(entry, self.ticket).filter(|_| !superseded);
        let (mut text, colour) = if let Some(own) = own {
            own
        } else if superseded || lanes::joins(entry, self.ticket) {
            // Its result follows in the same message; the entry counts as told with it.
            (String::new(), card::colour(TicketState::Running))
        } else {
            line(entry, self.lang())
        };
        if let Some(task) = lanes::unnamed(entry).filter(|_| self.has_lanes() && !text.is_empty()) {
            text.push_str(said!(" ({task})", "（{task}）").in_lang(self.lang()));
        }
        let ping = self.ping(&entry.event);
        if text.is_empty() && self.open.is_none() {
            return;
        }
        self.add(entry.id.0, &text, colour, ping);
        if lanes::is_bad_end(&entry.event) {
            // The log of its task is a file of this message; that of the next one has its own.
            self.close();
        }
    }

    fn has_lanes(&self) -> bool {
        lanes::has_lanes(self.ticket)
    }

    fn running(&mut self, entry: u64, text: &str) {
        self.add(entry, text, card::colour(TicketState::Running), None);
    }

    fn fold(&mut self, run: &[Entry]) {
        if let Some(entry) = run.last() {
            self.running(entry.id.0, &quiet::folded(run, self.lang()));
        }
    }

    /// What lanes did beside each other: what ended, then what still runs.
    fn interleaved(&mut self, entries: &[Entry], at: usize, run: &[Entry]) {
        let Some(last) = run.last() else { return };
        if quiet::is_long(run) {
            self.fold(run);
        } else {
            run.iter().filter(|entry| quiet::is_done(entry)).for_each(|entry| self.line(entry, false));
        }
        let began =
            (at..).zip(run).filter(|(at, entry)| !quiet::is_done(entry) && !quiet::goes_on(entries, *at));
        match began.map(|(_, entry)| entry).collect::<Vec<_>>().as_slice() {
            // What began and goes on counts as told with what follows.
            [] => self.open.iter_mut().for_each(|open| open.entry = last.id.0),
            [entry] => self.running(last.id.0, &line(entry, self.lang()).0),
            began => self.running(last.id.0, &quiet::running(began, self.lang())),
        }
    }

    /// Filed or amended: what the review says, then the findings one by one.
    fn review(&mut self, entry: &Entry) {
        self.close();
        let (ticket, lang) = (self.ticket, self.lang());
        let (text, _) = scripts::line(entry, ticket).unwrap_or_else(|| line(entry, lang));
        let mut head = Message {
            embeds: vec![Embed {
                text: if ticket.kind.is_sql() {
                    format!("{text}\n{}", review_text(ticket, lang))
                } else {
                    text
                },
                colour: card::colour(ticket.state),
                ..Embed::default()
            }],
            ..Message::default()
        };
        if let Some(ping) = self.approver_ping().filter(|_| ticket.state == TicketState::AwaitingApproval) {
            (head.content, head.role_pings) = (ping.content, ping.role_pings);
        }
        if super::tables::needs_file(&ticket.review) {
            let text = super::tables::as_text(&ticket.review, lang);
            head = head.with_file(file_name(ticket, "tables.diff"), text);
        }
        if card::is_cut(&ticket.sql) {
            head = head.with_file(file_name(ticket, "sql"), ticket.sql.as_bytes());
        }
        if findings::needs_file(&ticket.review) {
            let text = findings::as_text(&ticket.review, &ticket.sql, lang);
            head = head.with_file(file_name(ticket, "review.txt"), text);
        }
        let mut messages = vec![head];
        let has_button = card::button(ticket, TicketVerb::Fix).is_some();
        let shown = Shown { review: &ticket.review, sql: &ticket.sql, lang, has_button };
        messages.extend(reviewed::messages(shown));
        if let Some(last) = messages.last_mut() {
            last.buttons.extend(card::button(ticket, TicketVerb::Fix));
        }
        messages.extend(super::tables::messages(&ticket.review, lang));
        let parts = u16::try_from(messages.len()).unwrap_or(u16::MAX);
        for (part, message) in (1..).zip(messages) {
            self.told.push(stamped(Mark { entry: entry.id.0, part, parts }, message));
        }
    }

    /// Calls those who approve, where these are the DBAs; others are called by name.
    fn approver_ping(&self) -> Option<Message> {
        let open = self.ticket.steps.iter().find(|step| step.open);
        self.dba_ping().filter(|_| open.is_none_or(|step| step.every_dba))
    }

    fn people_ping(people: &[PersonView]) -> Option<Message> {
        let users: Vec<UserId> = people.iter().filter_map(words::user_id).collect();
        let content: Vec<String> = users.iter().map(|user| format!("<@{user}>")).collect();
        (!users.is_empty()).then(|| Message { pings: users, ..Message::text(content.join(" ")) })
    }

    fn dba_ping(&self) -> Option<Message> {
        let role = self.dbas?;
        Some(Message { role_pings: vec![role], ..Message::text(format!("<@&{role}>")) })
    }

    /// Whom an event concerns enough to notify him.
    fn ping(&self, event: &Event) -> Option<Message> {
        match event {
            Event::SentToDba { .. } | Event::ApprovalExpired => self.approver_ping(),
            Event::WindowOver { .. } => self.dba_ping(),
            // Exactly those who can act now; where chat knows none of them, nobody.
            Event::Reminded { people, .. } => Self::people_ping(people),
            Event::AccountEnds { .. } => {
                let buttons = card::button(self.ticket, TicketVerb::Renew).into_iter().collect();
                Some(Message { buttons, ..self.requester_ping().unwrap_or_default() })
            }
            // It waits for a DBA, who finds the button where he reads that.
            Event::CutOverAwaited => {
                let buttons = card::button(self.ticket, TicketVerb::CutOver).into_iter().collect();
                Some(Message { buttons, ..self.dba_ping().unwrap_or_default() })
            }
            // Nobody knows what ran: the one who asked must hear of it, and a DBA must look.
            Event::Ended { state: TicketState::Lost, .. } => match (self.requester_ping(), self.dba_ping()) {
                (Some(who), Some(dbas)) => {
                    let content = format!("{} {}", who.content, dbas.content);
                    Some(Message { content, role_pings: dbas.role_pings, ..who })
                }
                (who, dbas) => who.or(dbas),
            },
            // The button of a password is on the card alone, which loses it when that was shown: a message of the thread stays as it is.
            Event::PasswordWaits { .. }
            | Event::Rejected { .. }
            | Event::TimePassed { .. }
            | Event::Ended { .. } => self.requester_ping(),
            _ => None,
        }
    }

    fn requester_ping(&self) -> Option<Message> {
        let user = words::user_id(&self.ticket.requester)?;
        Some(Message { pings: vec![user], ..Message::text(format!("<@{user}>")) })
    }
}

/// In place of a message that Discord does not take.
#[must_use]
pub fn left_out(ticket: TicketId, mark: Mark) -> Message {
    let text = format!(
        "⚠️ This part could not be shown here; `/ticket show ticket:{ticket}` has it. · \
         这一部分无法在这里显示，请用 `/ticket show ticket:{ticket}` 查看。"
    );
    let embed = Embed { text, colour: 0x00f1_c40f, ..Embed::default() };
    stamped(mark, Message { embeds: vec![embed], ..Message::default() }).message
}

fn stamped(mark: Mark, mut message: Message) -> Told {
    if let Some(last) = message.embeds.last_mut() {
        last.footer = mark.footer();
    }
    message.nonce = Some(mark.nonce());
    Told { mark, message }
}

/// `ticket-42.sql`, with the revision from the second on.
#[must_use]
pub fn file_name(ticket: &TicketView, ending: &str) -> String {
    let number = ticket.id.0;
    match ticket.revision {
        0 | 1 => format!("ticket-{number}.{ending}"),
        revision => format!("ticket-{number}-r{revision}.{ending}"),
    }
}

fn review_text(ticket: &TicketView, lang: Lang) -> String {
    let mut text = findings::summary(&ticket.review, lang);
    let figures = findings::figures(&ticket.review, lang);
    if !figures.is_empty() {
        let _ = write!(text, "\n{figures}");
    }
    let shown = findings::sorted(&ticket.review).len();
    if shown > findings::SHOWN {
        let more = said!(
            "The {n} most serious findings follow; all {shown} are in the file.",
            "下面列出最严重的 {n} 条，全部 {shown} 条见附件。",
            n = findings::SHOWN
        );
        let _ = write!(text, "\n{}", more.in_lang(lang));
    }
    if let Some(look_up) = findings::look_up(&ticket.review, lang) {
        let _ = write!(text, "\n{look_up}");
    }
    if card::button(ticket, TicketVerb::Fix).is_some() {
        let fixes = ticket.review.iter().flat_map(|statement| &statement.findings);
        let fixes = fixes.filter(|finding| !finding.edits.is_empty()).count();
        let said = said!(
            "🪄 **Apply fixes** mends {fixes} of these for you; the new text is reviewed again.",
            "🪄 点 **应用修复** 可自动改好其中 {fixes} 处，改后会重新审核。"
        );
        let _ = write!(text, "\n{}", said.in_lang(lang));
    }
    // What policy approved waits for a quiet window by itself.
    let has_choice = ticket.state != TicketState::Returned && !ticket.approved_by_policy;
    if ticket.when == When::Now && has_choice && keeps_busy(&ticket.review) {
        let said = Said::fixed(
            "🌙 This keeps the server busy for a while: with the time `quiet` it starts in the next quiet window.",
            "🌙 这个工单会让服务器忙上一阵：把时间写成 `quiet`，就会在下一个低峰期执行。",
        );
        let _ = write!(text, "\n{}", said.in_lang(lang));
    }
    let next = next_step(ticket);
    if let Some(next) = next {
        let _ = write!(text, "\n{}", next.in_lang(lang));
    }
    text
}
