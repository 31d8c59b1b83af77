//! The tickets of the stand-in: what may happen to them, and what a review of them says.

use chrono::{DateTime, Utc};
use dbdesk_commands::wire::policy::RequestKind;
use dbdesk_commands::{
    id::{ButtonId, EntryId, PersonId, TaskId, TicketId},
    lang::{Lang, Said},
    when::When,
    wire::{
        button::{ButtonPress, ButtonView, Form},
        card::CardBehind,
        entry::{Entry, Event},
        group::GroupView,
        link::LinkAsk,
        live::{LivePage, LiveTicket, Progress},
        notice::{LinkOutcome, NoticeBehind, NoticeContent, NoticePressed},
        person::{Actor, PersonView},
        problem::Code,
        queue::{LogLine, TaskLog},
        review::{AffectedRows, Finding, Level, PlanFigures, StatementReview, worst_level},
        task::{Priority, TaskKind, TaskState, TaskView},
        throttle::Throttle,
        ticket::{Risk, TicketState, TicketSubmit, TicketVerb, TicketView},
    },
};
use discord_sim::seed::{ANN, BOB, MEI, WEI};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub request: String,
    pub key: String,
}

#[derive(Default)]
pub struct World {
    pub tickets: BTreeMap<u64, (TicketView, Vec<Entry>)>,
    pub seen: Vec<Seen>,
    /// Answers nothing but 503, as a proxy does before a service that is down.
    pub down: bool,
    /// So many writes of a card's place fail.
    pub lose_places: u32,
    /// Waits so long before an answer to a person.
    pub slow: Duration,
    pub done: HashMap<String, Value>,
    /// How far the work of running tickets is, and how often that was told.
    pub progress: HashMap<u64, Progress>,
    pub told: u64,
    /// What the desk says that is no ticket.
    pub notices: BTreeMap<u64, NoticeBehind>,
    /// Who asked to be linked.
    pub links: Vec<LinkAsk>,
    /// What the processes of tasks said.
    pub lines: HashMap<u64, Vec<String>>,
    entries: u64,
}

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_370_400, 0).unwrap()
}

pub fn person(discord_id: u64) -> PersonView {
    let (id, name) = match discord_id {
        ANN => (1, "ann"),
        WEI => (2, "wei"),
        BOB => (3, "bob"),
        MEI => (4, "mei"),
        _ => (9, "stranger"),
    };
    PersonView { id: PersonId(id), name: name.to_owned(), discord_id: Some(discord_id.to_string()) }
}

pub fn is_dba(discord_id: u64) -> bool {
    matches!(discord_id, BOB | MEI)
}

/// One statement for each line; what its text asks for is found.
pub fn review(sql: &str, lang: Lang) -> Vec<StatementReview> {
    let mut start = 0;
    let mut review = Vec::new();
    for line in sql.split_inclusive('\n').filter(|line| !line.trim().is_empty()) {
        let end = start + line.trim_end().len();
        let said = |en, zh| Said::fixed(en, zh).in_lang(lang).to_owned();
        let finding = |rule: &str, level, message, why, fix: &str| Finding {
            rule: rule.to_owned(),
            level,
            start,
            end,
            message,
            why,
            fix: fix.to_owned(),
            edits: Vec::new(),
        };
        let mut findings = Vec::new();
        if line.contains("SELEC ") {
            let message = said("The word `SELEC` is not SQL.", "`SELEC` 不是合法的 SQL。");
            findings.push(finding("syntax", Level::Error, message, String::new(), ""));
        }
        if line.contains("DELETE") && !line.contains("WHERE") {
            let message =
                said("`DELETE` without `WHERE` on `orders`.", "`DELETE` 语句没有 `WHERE`，作用于 `orders`。");
            let why = said("Every row of the table is deleted.", "表里的每一行都会被删除。");
            findings.push(finding(
                "delete-without-where",
                Level::NeedsDba,
                message,
                why,
                "DELETE FROM orders WHERE id <= 1000",
            ));
        }
        if line.contains("DROP") {
            let message = said("The table is dropped.", "会删除整张表。");
            findings.push(finding("drop-table", Level::NeedsDba, message, String::new(), ""));
        }
        let plan = line.contains("UPDATE").then(|| PlanFigures {
            estimated_rows: Some(120_000),
            access: Some("range".into()),
            key: Some("PRIMARY".into()),
            affected_rows: Some(AffectedRows::Exactly(40)),
            table_rows: Some(300_000),
            table_bytes: Some(47_185_920),
        });
        review.push(StatementReview {
            index: review.len(),
            start,
            end,
            kind: "statement".to_owned(),
            findings,
            plan,
            way: None,
            tables: Vec::new(),
        });
        start += line.len();
    }
    review
}

fn judge(view: &mut TicketView) {
    view.review = review(&view.sql, view.lang);
    view.risk = if view.sql.contains("DROP") { Risk::High } else { Risk::Medium };
    view.state = match worst_level(&view.review) {
        Some(Level::Error) => TicketState::Returned,
        Some(Level::NeedsDba) => TicketState::AwaitingChoice,
        _ => TicketState::AwaitingApproval,
    };
    view.sql_hash = format!("{:064x}", view.sql.len());
}

pub fn buttons(view: &TicketView) -> Vec<ButtonView> {
    use TicketVerb::{Amend, Approve, Cancel, Pause, Reject, Resume, Run, SendToDba, Withdraw};
    let verbs: &[TicketVerb] = match view.state {
        TicketState::Returned => &[Amend, Withdraw],
        TicketState::AwaitingChoice => &[Amend, SendToDba, Withdraw],
        TicketState::AwaitingApproval => &[Approve, Reject, Amend, Withdraw],
        TicketState::Scheduled => &[Withdraw, Run, Pause, Cancel],
        TicketState::Held => &[Withdraw, Run, Resume, Cancel],
        TicketState::Running => &[Pause, Cancel],
        TicketState::Paused => &[Resume, Cancel],
        _ => &[],
    };
    let form = |verb| match verb {
        Amend => Form::Sql,
        Reject => Form::Reason,
        Approve | Run if view.risk == Risk::High => Form::Name,
        _ => Form::Press,
    };
    let button = |verb: &TicketVerb| ButtonView {
        id: ButtonId(format!("b{}_{}_{}", view.id.0, view.revision, verb.word())),
        verb: *verb,
        form: form(*verb),
    };
    verbs.iter().map(button).collect()
}

impl World {
    pub fn notices_behind(&self) -> Vec<NoticeBehind> {
        let told =
            |it: &&NoticeBehind| it.place.as_ref().is_some_and(|place| place.told_version >= it.version);
        self.notices.values().filter(|it| !told(it)).cloned().collect()
    }

    pub fn press_notice(&mut self, by: u64, id: &str) -> Result<Value, (Code, Said)> {
        let of = |it: &&mut NoticeBehind| it.buttons.iter().any(|button| button.id.0 == id);
        let Some(notice) = self.notices.values_mut().find(of) else {
            return Err((Code::UnknownButton, Said::fixed("It is of no notice.", "没有这个通知。")));
        };
        if by != MEI {
            return Err((Code::Forbidden, Said::fixed("Only an admin may.", "只有管理员可以。")));
        }
        let verb = notice.buttons.iter().find(|button| button.id.0 == id).expect("just found").verb;
        if let NoticeContent::LinkAsked { outcome, .. } = &mut notice.content {
            *outcome = Some(LinkOutcome::Confirmed { by: person(by), at: now() });
        }
        notice.version += 1;
        notice.buttons.clear();
        Ok(serde_json::to_value(NoticePressed { verb, content: notice.content.clone() }).unwrap())
    }

    pub fn happens(&mut self, ticket: u64, state: TicketState, event: Event) {
        let task = matches!(event, Event::Ended { .. }).then_some(TaskId(ticket));
        self.does(ticket, state, task, event);
    }

    /// The same, of a task's doing.
    pub fn does(&mut self, ticket: u64, state: TicketState, task: Option<TaskId>, event: Event) {
        self.entries += 1;
        let entry = Entry { id: EntryId(self.entries), ticket: TicketId(ticket), task, at: now(), event };
        let (view, log) = self.tickets.get_mut(&ticket).expect("the ticket");
        if let Event::Started { host, pid, epoch } = &entry.event {
            view.task = Some(TaskView {
                id: TaskId(ticket),
                ticket: TicketId(ticket),
                state: TaskState::Running,
                kind: TaskKind::Dml,
                priority: Priority::Normal,
                waits: None,
                attempt: 1,
                due_at: now(),
                epoch: *epoch,
                host: Some(host.clone()),
                pid: Some(*pid),
                done: 0,
                total: u32::try_from(view.review.len()).unwrap(),
                lane: None,
                started_at: Some(now()),
                ended_at: None,
                wish: None,
                cut_over: None,
                cuts_over: false,
                silent: false,
            });
        }
        if let (Some(task), Event::StatementDone { index, .. }) = (&mut view.task, &entry.event) {
            task.done = index + 1;
        }
        log.push(entry);
        view.last_entry = self.entries;
        view.state = state;
        view.buttons = buttons(view);
    }

    pub fn submit(&mut self, by: u64, lang: Lang, body: TicketSubmit) -> Result<Value, (Code, Said)> {
        if body.service_group != "shop" {
            return Err((
                Code::UnknownGroup,
                Said::fixed(
                    "There is no service group `shpo`. Did you mean `shop`?",
                    "没有服务组 `shpo`，是不是 `shop`？",
                ),
            ));
        }
        let id = u64::try_from(self.tickets.len()).unwrap() + 1;
        let mut view = TicketView {
            id: TicketId(id),
            state: TicketState::AwaitingApproval,
            revision: 1,
            service_group: body.service_group,
            environment: "production".into(),
            database: body.database,
            requester: person(by),
            reason: body.reason,
            sql: body.sql,
            kind: RequestKind::Dml,
            account: None,
            sql_hash: String::new(),
            when: When::of_text(&body.when).unwrap_or_default(),
            due_at: None,
            risk: Risk::Low,
            review: Vec::new(),
            why_person: None,
            steps: Vec::new(),
            rule: None,
            decided_by: None,
            approved_by_policy: false,
            decision_reason: None,
            approval_expires_at: None,
            lang: body.lang.unwrap_or(lang),
            created_at: now(),
            updated_at: now(),
            schedule: None,
            takes_back: None,
            taken_back_by: None,
            goes_on: false,
            throttle: Throttle::default(),
            task: None,
            shares: Vec::new(),
            buttons: Vec::new(),
            card: None,
            last_entry: 0,
        };
        judge(&mut view);
        let (state, statements, bytes) = (view.state, view.review.len(), view.sql.len());
        self.tickets.insert(id, (view, Vec::new()));
        let event = Event::Filed {
            by: Actor::Person(person(by)),
            statements: u32::try_from(statements).unwrap(),
            bytes: u64::try_from(bytes).unwrap(),
        };
        self.happens(id, state, event);
        Ok(json!(self.tickets[&id].0))
    }

    /// Refuses a DBA's verb to anybody else.
    pub fn may(by: u64, verb: TicketVerb) -> Result<(), (Code, Said)> {
        let decides = matches!(
            verb,
            TicketVerb::Approve
                | TicketVerb::Reject
                | TicketVerb::Run
                | TicketVerb::Pause
                | TicketVerb::Resume
        );
        if decides && !is_dba(by) {
            let said = Said::fixed("Only a DBA may do this. Ask one.", "只有 DBA 可以这样做。");
            return Err((Code::Forbidden, said));
        }
        Ok(())
    }

    pub fn act(
        &mut self,
        by: u64,
        id: u64,
        verb: TicketVerb,
        body: &ButtonPress,
    ) -> Result<Value, (Code, Said)> {
        if self.tickets.contains_key(&id) {
            Self::may(by, verb)?;
        }
        let Some((view, _)) = self.tickets.get_mut(&id) else {
            return Err((Code::NotFound, Said::fixed("There is no such ticket.", "没有这个工单。")));
        };
        if let (TicketVerb::Approve | TicketVerb::Reject, Some(who)) = (verb, &view.decided_by) {
            let name = who.name.clone();
            let said = Said {
                en: format!("Already decided by {name}.").into(),
                zh: format!("{name} 已经处理过了。").into(),
            };
            return Err((Code::AlreadyDecided, said));
        }
        if view.risk == Risk::High
            && verb == TicketVerb::Approve
            && body.confirm.as_deref() != Some(&view.service_group)
        {
            return Err((
                Code::NotConfirmed,
                Said::fixed("Type `shop` to confirm.", "请输入 `shop` 以确认。"),
            ));
        }
        let actor = Actor::Person(person(by));
        let (state, event) = match verb {
            TicketVerb::Approve => {
                view.decided_by = Some(person(by));
                view.due_at = Some(now());
                (
                    TicketState::Scheduled,
                    Event::Approved {
                        by: actor,
                        due_at: now(),
                        waits_for_quiet: false,
                        stood_in_for: None,
                        emergency: None,
                    },
                )
            }
            TicketVerb::Reject => {
                let reason = body.reason.clone().unwrap_or_default();
                (view.decided_by, view.decision_reason) = (Some(person(by)), Some(reason.clone()));
                (TicketState::Rejected, Event::Rejected { by: actor, reason })
            }
            TicketVerb::SendToDba => (TicketState::AwaitingApproval, Event::SentToDba { by: actor }),
            TicketVerb::Amend => {
                view.sql = body.sql.clone().unwrap_or_default();
                view.revision += 1;
                judge(view);
                let statements = u32::try_from(view.review.len()).unwrap();
                (view.state, Event::Amended { by: actor, revision: view.revision, statements })
            }
            TicketVerb::Fix => {
                view.revision += 1;
                judge(view);
                let statements = u32::try_from(view.review.len()).unwrap();
                let (rules, diff) = (vec!["some-rule".to_owned()], "- a\n+ b\n".to_owned());
                (view.state, Event::Fixed { by: actor, revision: view.revision, statements, rules, diff })
            }
            TicketVerb::Withdraw => (TicketState::Withdrawn, Event::Withdrawn { by: actor }),
            TicketVerb::Run => (view.state, Event::RunNow { by: actor }),
            TicketVerb::Pause => (view.state, Event::PauseAsked { by: actor }),
            TicketVerb::Resume => (view.state, Event::ResumeAsked { by: actor }),
            TicketVerb::Cancel => (view.state, Event::CancelAsked { by: actor }),
            TicketVerb::Throttle
            | TicketVerb::HoldCutOver
            | TicketVerb::CutOver
            | TicketVerb::Retry
            | TicketVerb::Skip
            | TicketVerb::Prioritise
            | TicketVerb::Undo
            | TicketVerb::Collect
            | TicketVerb::Renew => {
                return Err((Code::WrongState, Said::fixed("Not here.", "不行。")));
            }
        };
        self.happens(id, state, event);
        Ok(json!(self.tickets[&id].0))
    }

    pub fn button(&self, id: &str) -> Option<(u64, TicketVerb)> {
        let mut parts = id.strip_prefix('b')?.splitn(3, '_');
        let ticket = parts.next()?.parse().ok()?;
        let verb = TicketVerb::of_word(parts.nth(1)?)?;
        self.tickets.contains_key(&ticket).then_some((ticket, verb))
    }

    /// What runs, has a thread, and was told of.
    pub fn live(&self) -> LivePage {
        let running = self.tickets.values().filter(|(view, _)| view.state == TicketState::Running);
        let last = |log: &[Entry]| log.last().map_or(0, |entry| entry.id.0);
        let tickets = running.filter_map(|(view, log)| {
            Some(LiveTicket {
                ticket: view.id,
                task: TaskId(view.id.0),
                lang: view.lang,
                card: view.card.clone().filter(|card| card.thread_id.is_some())?,
                behind: view.card.as_ref().is_none_or(|card| card.told_entry < last(log)),
                progress: self.progress.get(&view.id.0)?.clone(),
                shares: view.shares.clone(),
            })
        });
        let tickets: Vec<_> = tickets.collect();
        // As the real one: it differs when what is shown differs.
        let behind = tickets.iter().filter(|ticket| ticket.behind).count() as u64;
        let cursor = if tickets.is_empty() { 0 } else { self.told * 1_000 + behind };
        LivePage { tickets, cursor }
    }

    /// What the process of a task said, a page of thirty.
    pub fn log(&self, task: u64, after: u32) -> TaskLog {
        let all = self.lines.get(&task).map(Vec::as_slice).unwrap_or_default();
        let lines = (1..).zip(all).map(|(seq, text)| LogLine { seq, at: now(), text: text.clone() });
        let left: Vec<_> = lines.filter(|line| line.seq > after).collect();
        let more = left.len() > 30;
        TaskLog { task: TaskId(task), entries: Vec::new(), lines: left.into_iter().take(30).collect(), more }
    }

    pub fn behind(&self) -> Vec<CardBehind> {
        let all = self.tickets.values().map(|(view, _)| CardBehind {
            ticket: view.id,
            card: view.card.clone(),
            last_entry: view.last_entry,
        });
        all.filter(|it| it.card.as_ref().is_none_or(|card| card.told_entry < it.last_entry)).collect()
    }
}

/// The service groups.
pub fn groups() -> Vec<GroupView> {
    let group = |name: &str, databases: &[&str]| GroupView {
        name: name.to_owned(),
        environment: "production".to_owned(),
        team: None,
        flavour: "mariadb-10.11".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        databases: databases.iter().map(ToString::to_string).collect(),
    };
    vec![group("shop", &["shop", "shop_archive"]), group("billing", &["billing"])]
}
