//! A ticket's log as the messages of its thread. Pure: the same entries and ticket give the same messages, so that
//! after a crash the bot finds by the marks what it told already.

use super::{
    card,
    escape::{code, plain},
    findings, limits,
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::{Lang, Said, said},
    wire::{
        entry::{Cause, Entry, Event},
        person::Actor,
        ticket::{TicketState, TicketView},
    },
};
use serenity::model::id::RoleId;
use std::fmt::Write as _;

/// Quiet results in a row from which they are told as one line.
const FOLD: usize = 12;
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
        if Some(at) == last_review {
            story.review(entry);
        } else if let Some(run) = quiet_run(entries, at) {
            story.fold(run);
            at += run.len();
            continue;
        } else {
            let superseded = matches!(&entry.event, Event::StatementStarted { .. }) && at + 1 < entries.len();
            story.line(entry, superseded);
        }
        at += 1;
    }
    story.close();
    story.told
}

fn is_review(entry: &Entry) -> bool {
    matches!(entry.event, Event::Filed { .. } | Event::Amended { .. })
}

fn is_quiet(entry: &Entry) -> bool {
    match &entry.event {
        Event::StatementStarted { .. } => true,
        Event::StatementDone { warnings, .. } => warnings.is_empty(),
        _ => false,
    }
}

/// A long run of results without warnings that begins at `at`.
fn quiet_run(entries: &[Entry], at: usize) -> Option<&[Entry]> {
    let rest = entries.get(at..)?;
    let run = rest.get(..rest.iter().take_while(|entry| is_quiet(entry)).count())?;
    let done = run.iter().filter(|entry| matches!(entry.event, Event::StatementDone { .. })).count();
    (done >= FOLD).then_some(run)
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
        let (text, colour) = if superseded {
            // Its result follows in the same message; the entry counts as told with it.
            (String::new(), card::colour(TicketState::Running))
        } else {
            line(entry, self.lang())
        };
        let ping = self.ping(&entry.event);
        if text.is_empty() && self.open.is_none() {
            return;
        }
        self.add(entry.id.0, &text, colour, ping);
    }

    fn fold(&mut self, run: &[Entry]) {
        let (mut first, mut last, mut of, mut rows, mut ms) = (u32::MAX, 0, 0, 0_u64, 0_u64);
        for entry in run {
            if let Event::StatementDone { index, total, affected_rows, elapsed_ms, .. } = &entry.event {
                (first, last, of) = (first.min(*index), last.max(*index), *total);
                rows = rows.saturating_add(*affected_rows);
                ms = ms.saturating_add(*elapsed_ms);
            }
        }
        let (first, last, rows, ms) = (first + 1, last + 1, words::rows(rows), words::duration(ms));
        let (rows, ms) = (rows.in_lang(self.lang()), ms.in_lang(self.lang()));
        let said = said!(
            "✅ Statements {first}–{last} of {of}: {rows}, {ms}",
            "✅ 第 {first}–{last} 条（共 {of} 条）：{rows}，{ms}"
        );
        if let Some(entry) = run.last() {
            self.add(entry.id.0, said.in_lang(self.lang()), card::colour(TicketState::Running), None);
        }
    }

    /// Filed or amended: what the review says, then the findings one by one.
    fn review(&mut self, entry: &Entry) {
        self.close();
        let (ticket, lang) = (self.ticket, self.lang());
        let (text, _) = line(entry, lang);
        let mut head = Message {
            embeds: vec![Embed {
                text: format!("{text}\n{}", review_text(ticket, lang)),
                colour: card::colour(ticket.state),
                ..Embed::default()
            }],
            ..Message::default()
        };
        if let Some(ping) = self.dba_ping().filter(|_| ticket.state == TicketState::AwaitingApproval) {
            (head.content, head.role_pings) = (ping.content, ping.role_pings);
        }
        if card::is_cut(&ticket.sql) {
            head = head.with_file(file_name(ticket, "sql"), ticket.sql.as_bytes());
        }
        if findings::needs_file(&ticket.review) {
            let text = findings::as_text(&ticket.review, &ticket.sql, lang);
            head = head.with_file(file_name(ticket, "review.txt"), text);
        }
        let mut messages = vec![head];
        messages.extend(findings::messages(&ticket.review, &ticket.sql, lang));
        let parts = u16::try_from(messages.len()).unwrap_or(u16::MAX);
        for (part, message) in (1..).zip(messages) {
            self.told.push(stamped(Mark { entry: entry.id.0, part, parts }, message));
        }
    }

    fn dba_ping(&self) -> Option<Message> {
        let role = self.dbas?;
        Some(Message { role_pings: vec![role], ..Message::text(format!("<@&{role}>")) })
    }

    /// Whom an event concerns enough to notify him.
    fn ping(&self, event: &Event) -> Option<Message> {
        match event {
            Event::SentToDba { .. } | Event::ApprovalExpired => self.dba_ping(),
            Event::Rejected { .. } | Event::Ended { .. } => {
                let user = words::user_id(&self.ticket.requester)?;
                Some(Message { pings: vec![user], ..Message::text(format!("<@{user}>")) })
            }
            _ => None,
        }
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
    let next = next_step(ticket.state);
    if let Some(next) = next {
        let _ = write!(text, "\n{}", next.in_lang(lang));
    }
    text
}

/// What the requester can do now.
#[must_use]
pub fn next_step(state: TicketState) -> Option<Said> {
    match state {
        TicketState::Returned => Some(Said::fixed(
            "👉 Mend what is marked, then press **Amend** on the card (or use `/ticket amend` with a file).",
            "👉 请按标出的问题修改，然后点卡片上的 **修改**（或用 `/ticket amend` 上传文件）。",
        )),
        TicketState::AwaitingChoice => Some(Said::fixed(
            "👉 You choose: press **Amend** to mend it, or **Send to a DBA**, who can run it as it is.",
            "👉 请选择：点 **修改** 改好再来，或点 **转交 DBA**，由 DBA 决定是否照原样执行。",
        )),
        TicketState::AwaitingApproval => {
            Some(Said::fixed("👉 A DBA decides next.", "👉 接下来由 DBA 审批。"))
        }
        _ => None,
    }
}

/// One entry as one line (an empty line tells nothing), and its colour.
fn line(entry: &Entry, lang: Lang) -> (String, u32) {
    let (said, state) = sentence(&entry.event, entry.at, lang);
    (said.in_lang(lang).to_owned(), card::colour(state))
}

#[expect(clippy::too_many_lines, reason = "one arm for each kind of event, each a sentence or two")]
fn sentence(event: &Event, at: Time, lang: Lang) -> (Said, TicketState) {
    let t = format!("<t:{}:T>", at.timestamp());
    match event {
        Event::Filed { by, statements, bytes } => {
            let (by, n, size) =
                (words::actor(by, lang), words::statements(u64::from(*statements)), words::bytes(*bytes));
            let n = n.in_lang(lang);
            let said = said!("📝 {by} filed {n}, {size}.", "📝 {by} 提交了 {n}，{size}。");
            (said, TicketState::AwaitingApproval)
        }
        Event::Amended { by, revision, statements } => {
            let (by, n) = (words::actor(by, lang), words::statements(u64::from(*statements)));
            let n = n.in_lang(lang);
            let said = said!(
                "✏️ {by} amended it: revision {revision}, {n}.",
                "✏️ {by} 修改了 SQL：第 {revision} 版，{n}。"
            );
            (said, TicketState::AwaitingApproval)
        }
        Event::SentToDba { by } => {
            let by = words::actor(by, lang);
            (said!("📨 {by} sent it to the DBAs.", "📨 {by} 转交给了 DBA。"), TicketState::AwaitingApproval)
        }
        Event::Approved { by, due_at } => {
            let start = words::start(*due_at, at);
            let (en, zh) = (&start.en, &start.zh);
            let said = match by {
                Actor::Policy => Said {
                    en: format!("👍 Approved by policy: nobody is needed. {en}").into(),
                    zh: format!("👍 符合策略，自动批准。{zh}").into(),
                },
                by => {
                    let by = words::actor(by, lang);
                    Said {
                        en: format!("👍 Approved by {by}. {en}").into(),
                        zh: format!("👍 {by} 已批准。{zh}").into(),
                    }
                }
            };
            (said, TicketState::Scheduled)
        }
        Event::ApprovalExpired => (
            Said::fixed(
                "⌛ The approval was not used in time and is void. It waits for a DBA again.",
                "⌛ 批准已过期作废，工单重新等待 DBA 审批。",
            ),
            TicketState::AwaitingApproval,
        ),
        Event::Rejected { by, reason } => {
            let (by, reason) = (words::actor(by, lang), plain(reason, 1_000));
            (said!("🚫 Rejected by {by}: {reason}", "🚫 {by} 驳回：{reason}"), TicketState::Rejected)
        }
        Event::Withdrawn { by } => (
            said!("⏹️ {by} took it back.", "⏹️ {by} 撤回了工单。", by = words::actor(by, lang)),
            TicketState::Withdrawn,
        ),
        Event::RunNow { by } => {
            let by = words::actor(by, lang);
            (said!("⏩ {by} moved its start to now.", "⏩ {by} 让它立即开始。"), TicketState::Scheduled)
        }
        Event::PauseAsked { by } => {
            let by = words::actor(by, lang);
            let said = said!(
                "✋ {by} asked it to pause; it holds after the statement that runs now.",
                "✋ {by} 要求暂停，当前语句执行完后停下。"
            );
            (said, TicketState::Running)
        }
        Event::ResumeAsked { by } => {
            let by = words::actor(by, lang);
            (said!("👌 {by} asked it to go on.", "👌 {by} 要求继续执行。"), TicketState::Paused)
        }
        Event::CancelAsked { by } => {
            let by = words::actor(by, lang);
            (said!("🛑 {by} asked it to stop.", "🛑 {by} 要求取消。"), TicketState::Running)
        }
        Event::Started { host, pid, .. } => {
            let host = code(host, 80);
            let said = said!(
                "▶️ Started {t} on {host}, process {pid}.",
                "▶️ {t} 在 {host} 上开始执行，进程 {pid}。"
            );
            (said, TicketState::Running)
        }
        Event::TargetUnreachable { message, limit_ms } => {
            let (message, limit) = (plain(message, 400), words::duration(*limit_ms));
            let limit = limit.in_lang(lang);
            let said = said!(
                "📡 The target cannot be reached ({message}). Nothing is in flight; it is tried again for up to {limit}.",
                "📡 连不上目标数据库（{message}）。没有语句在执行中，最多重试 {limit}。"
            );
            (said, TicketState::Paused)
        }
        Event::StatementStarted { index, total } => {
            let n = index + 1;
            let said =
                said!("⏳ Statement {n} of {total} is running …", "⏳ 正在执行第 {n} 条（共 {total} 条）……");
            (said, TicketState::Running)
        }
        Event::StatementDone { index, total, affected_rows, elapsed_ms, warnings } => {
            let (n, rows, ms) = (index + 1, words::rows(*affected_rows), words::duration(*elapsed_ms));
            let ms = ms.in_lang(lang);
            let notes: String = warnings
                .iter()
                .take(5)
                .fold(String::new(), |all, w| format!("{all}\n　⚠️ {}", plain(w, 200)));
            let rows = rows.in_lang(lang);
            let said = said!(
                "✅ Statement {n} of {total}: {rows}, {ms}{notes}",
                "✅ 第 {n} 条（共 {total} 条）：{rows}，{ms}{notes}"
            );
            (said, TicketState::Running)
        }
        Event::StatementFailed { index, total, code, message } => {
            let n = index + 1;
            let code = code.map(|code| format!("{code}: ")).unwrap_or_default();
            let message = plain(message, 900);
            let said = said!(
                "❌ Statement {n} of {total} failed. The server says: {code}{message}",
                "❌ 第 {n} 条（共 {total} 条）执行失败，服务器返回：{code}{message}"
            );
            (said, TicketState::Failed)
        }
        Event::Paused => (said!("⏸️ Paused {t}.", "⏸️ {t} 已暂停。"), TicketState::Paused),
        Event::Resumed => (said!("▶️ Going on {t}.", "▶️ {t} 继续执行。"), TicketState::Running),
        Event::Ended { state, done, total, cause } => (ended(*state, *done, *total, *cause, &t), *state),
    }
}

fn ended(state: TicketState, done: u32, total: u32, cause: Option<Cause>, t: &str) -> Said {
    let head = match state {
        TicketState::Done if total == 1 => {
            return said!("🏁 Done {t}: the statement ran.", "🏁 {t} 已完成：语句执行成功。");
        }
        TicketState::Done => {
            return said!(
                "🏁 Done {t}: all {total} statements ran.",
                "🏁 {t} 已完成：{total} 条语句全部执行成功。"
            );
        }
        TicketState::Cancelled => said!(
            "⏹️ Stopped {t} after {done} of {total} statements; what ran stays.",
            "⏹️ {t} 已停止：执行了 {done}/{total} 条，已执行的不会撤销。"
        ),
        TicketState::Lost => said!(
            "❓ Lost {t}: {done} of {total} statements are known to have run. Whether the next one ran, nobody knows. \
             A DBA must look at the table before anything is run again.",
            "❓ {t} 状态不明：已知执行了 {done}/{total} 条，下一条是否执行无法确定。再次执行之前必须由 DBA 核对数据。"
        ),
        _ => said!(
            "❌ Failed {t} after {done} of {total} statements; what ran before stays.",
            "❌ {t} 执行失败：执行了 {done}/{total} 条，之前执行的不会撤销。"
        ),
    };
    let Some(cause) = cause.and_then(cause_said) else { return head };
    Said { en: format!("{} {}", head.en, cause.en).into(), zh: format!("{}{}", head.zh, cause.zh).into() }
}

fn cause_said(cause: Cause) -> Option<Said> {
    match cause {
        Cause::Statement | Cause::Cancelled => None,
        Cause::TargetDown => Some(Said::fixed(
            "The target could not be reached; nothing was sent to it. File it again when it is back.",
            "连不上目标数据库，没有向它发送任何语句。等它恢复后请重新提交。",
        )),
        Cause::ConnectionLost => Some(Said::fixed(
            "The connection to the target broke in the middle of a statement.",
            "与目标数据库的连接在执行语句途中断开。",
        )),
        Cause::ProcessGone => Some(Said::fixed("Its process vanished.", "执行进程意外消失。")),
        Cause::Stopped => Some(Said::fixed(
            "Its machine's operator stopped the process; the statement in flight was finished first.",
            "运维人员停止了执行进程；停止前，正在执行的语句已经执行完。",
        )),
        Cause::ContentChanged => Some(Said::fixed(
            "The stored SQL was not what was approved, so nothing was sent. A DBA must find out why.",
            "存储的 SQL 与批准的内容不一致，因此没有发送任何语句。请 DBA 查明原因。",
        )),
        Cause::NotPrimary => Some(Said::fixed(
            "The inventory's primary takes no writes, so nothing more was sent. A DBA must look at the topology.",
            "清单里的主库不可写，因此没有继续发送语句。请 DBA 检查主从拓扑。",
        )),
        Cause::LeaseLost => Some(Said::fixed(
            "Its process stopped by itself because it could not prove that it still held the work.",
            "执行进程无法确认自己仍持有执行权，已自行停止。",
        )),
    }
}
