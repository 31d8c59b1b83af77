//! Tickets to be rendered, and messages as a person reads them.

use chrono::{DateTime, TimeDelta, Utc};
use dbdesk_bot::reply::message::Message;
use dbdesk_commands::wire::policy::RequestKind;
use dbdesk_commands::{
    id::{ButtonId, EntryId, PersonId, TaskId, TicketId},
    lang::Lang,
    when::When,
    wire::{
        button::{ButtonView, Form},
        card::CardPlace,
        entry::{Entry, Event},
        person::{Actor, PersonView},
        review::{AffectedRows, Finding, Level, PlanFigures, StatementReview, Way, WayToRun},
        task::{Priority, TaskKind, TaskState, TaskView},
        throttle::Throttle,
        ticket::{Risk, TicketState, TicketVerb, TicketView},
        why::WhyPerson,
    },
};
use std::fmt::Write as _;

pub const SQL: &str = "UPDATE orders SET status = 'done' WHERE id <= 40;\nDELETE FROM order_items;\nALTER TABLE orders ADD note VARCHAR(200);\n";

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_370_400, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub fn person(id: u64, name: &str) -> PersonView {
    PersonView { id: PersonId(id), name: name.to_owned(), discord_id: Some((1_000 + id).to_string()) }
}

pub fn by(id: u64, name: &str) -> Actor {
    Actor::Person(person(id, name))
}

pub fn finding(rule: &str, level: Level, (start, end): (usize, usize), text: [&str; 3]) -> Finding {
    let [message, why, fix] = text.map(str::to_owned);
    Finding { rule: rule.to_owned(), level, start, end, message, why, fix, edits: Vec::new() }
}

pub fn review(lang: Lang) -> Vec<StatementReview> {
    let text = |en: [&'static str; 3], zh: [&'static str; 3]| if lang == Lang::En { en } else { zh };
    vec![
        StatementReview {
            index: 0,
            start: 0,
            end: 48,
            kind: "update".into(),
            findings: vec![],
            plan: Some(PlanFigures {
                estimated_rows: Some(40),
                access: Some("range".into()),
                key: Some("PRIMARY".into()),
                affected_rows: Some(AffectedRows::Exactly(40)),
                table_rows: Some(300_000),
                table_bytes: Some(47_185_920),
            }),
            way: Some(WayToRun { way: Way::Direct, reason: String::new(), busy: false }),
            tables: vec![],
        },
        StatementReview {
            index: 1,
            start: 50,
            end: 73,
            kind: "delete".into(),
            findings: vec![finding(
                "delete-without-where",
                Level::NeedsDba,
                (50, 56),
                text(
                    [
                        "This DELETE on `order_items` has no WHERE.",
                        "It deletes every row of `order_items` (about 1,200,000), holds locks on all of them until it \
                         ends, and replicas fall behind.",
                        "Say which rows: DELETE FROM order_items WHERE …",
                    ],
                    [
                        "对 `order_items` 的 DELETE 没有 WHERE。",
                        "它会删掉 `order_items` 的所有行（约 1,200,000 行），执行期间锁住全部行，并造成从库延迟。",
                        "请写明要删哪些行：DELETE FROM order_items WHERE …",
                    ],
                ),
            )],
            plan: Some(PlanFigures {
                estimated_rows: Some(1_200_000),
                access: Some("ALL".into()),
                affected_rows: Some(AffectedRows::MoreThan(1_000)),
                ..PlanFigures::default()
            }),
            way: None,
            tables: vec![],
        },
        StatementReview {
            index: 2,
            start: 75,
            end: 115,
            kind: "alter_table".into(),
            findings: vec![finding(
                "column-without-comment",
                Level::Warning,
                (75, 115),
                text(
                    [
                        "The column `note` has no comment.",
                        "",
                        "ALTER TABLE orders ADD note VARCHAR(200) COMMENT 'note'",
                    ],
                    ["列 `note` 没有注释。", "", "ALTER TABLE orders ADD note VARCHAR(200) COMMENT '备注'"],
                ),
            )],
            plan: None,
            way: Some(WayToRun {
                way: Way::OnlineTool,
                reason: text(
                    ["Adding the column `note` would copy `orders`.", "", ""],
                    ["新增列 `note` 需要复制 `orders`。", "", ""],
                )[0]
                .to_owned(),
                busy: true,
            }),
            tables: vec![],
        },
    ]
}

pub fn ticket(state: TicketState, lang: Lang) -> TicketView {
    let running = matches!(
        state,
        TicketState::Running
            | TicketState::Paused
            | TicketState::Done
            | TicketState::Failed
            | TicketState::Cancelled
            | TicketState::Lost
    );
    let approved = running || matches!(state, TicketState::Scheduled | TicketState::Held);
    let button = |id: &str, verb, form| ButtonView { id: ButtonId(id.to_owned()), verb, form };
    let task = TaskView {
        id: TaskId(7),
        ticket: TicketId(42),
        state: TaskState::Running,
        kind: TaskKind::Dml,
        priority: Priority::Normal,
        waits: None,
        attempt: 1,
        due_at: at(60),
        epoch: 1,
        host: Some("db-exec-1".into()),
        pid: Some(4711),
        done: if state == TicketState::Done { 3 } else { 1 },
        total: 3,
        lane: None,
        started_at: Some(at(61)),
        ended_at: None,
        wish: None,
        cut_over: None,
        cuts_over: false,
        silent: false,
    };
    TicketView {
        id: TicketId(42),
        state,
        revision: 1,
        service_group: "shop".into(),
        environment: "production".into(),
        database: "shop".into(),
        requester: person(1, "ann"),
        reason: if lang == Lang::En { "close *old* orders" } else { "关闭*旧*订单" }.into(),
        sql: SQL.into(),
        kind: RequestKind::Dml,
        account: None,
        sql_hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        when: When::Quiet,
        due_at: approved.then(|| at(60)),
        risk: Risk::Medium,
        review: review(lang),
        why_person: (state == TicketState::AwaitingApproval).then_some(WhyPerson::Rule),
        steps: Vec::new(),
        rule: None,
        decided_by: (approved || state == TicketState::Rejected).then(|| person(3, "bob")),
        approved_by_policy: false,
        decision_reason: (state == TicketState::Rejected).then(|| "not on a *Friday*".to_owned()),
        approval_expires_at: approved.then(|| at(86_400)),
        lang,
        created_at: at(0),
        updated_at: at(0),
        schedule: None,
        takes_back: None,
        taken_back_by: None,
        goes_on: false,
        throttle: Throttle::default(),
        task: running.then_some(task),
        shares: Vec::new(),
        buttons: match state {
            TicketState::AwaitingApproval => vec![
                button("abcDEF_-1", TicketVerb::Approve, Form::Name),
                button("abcDEF_-2", TicketVerb::Reject, Form::Reason),
                button("abcDEF_-3", TicketVerb::Amend, Form::Sql),
                button("abcDEF_-4", TicketVerb::Withdraw, Form::Press),
            ],
            _ => vec![],
        },
        card: Some(CardPlace {
            channel_id: "385".into(),
            message_id: "386".into(),
            thread_id: Some("386".into()),
            told_entry: 1,
        }),
        last_entry: 1,
    }
}

pub fn entry(id: u64, event: Event) -> Entry {
    Entry { id: EntryId(id), ticket: TicketId(42), task: None, at: at(i64::try_from(id).unwrap()), event }
}

/// A message as a person reads it.
pub fn read(message: &Message) -> String {
    let message = message.clone().fitted();
    let mut out = String::new();
    if !message.content.is_empty() {
        let _ = writeln!(out, "{}", message.content);
    }
    for embed in &message.embeds {
        for part in [&embed.title, &embed.text] {
            for line in part.lines() {
                let _ = writeln!(out, "| {line}");
            }
        }
        for (name, value, _) in &embed.fields {
            let _ = writeln!(out, "| {name}: {}", value.replace('\n', "\n|   "));
        }
        if !embed.footer.is_empty() {
            let _ = writeln!(out, "| -- {}", embed.footer);
        }
        out.push('\n');
    }
    for menu in &message.selects {
        let _ = writeln!(out, "<{}> {} to {} {}", menu.placeholder, menu.least, menu.most, menu.custom_id);
        for pick in &menu.options {
            let mark = if pick.is_chosen { "x" } else { " " };
            let _ = writeln!(out, "  [{mark}] {} ({}) {}", pick.label, pick.value, pick.about);
        }
    }
    for button in &message.buttons {
        let _ = writeln!(out, "[{}] {:?} {}", button.label, button.style, button.custom_id);
    }
    for file in &message.files {
        let _ = writeln!(out, "(file {}, {} bytes)", file.name, file.bytes.len());
    }
    if !message.pings.is_empty() || !message.role_pings.is_empty() {
        let _ = writeln!(out, "(notifies {:?} {:?})", message.pings, message.role_pings);
    }
    out
}
