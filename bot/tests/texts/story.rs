//! The thread: every event, findings, folding, marks.

use crate::sample::{at, by, entry, finding, read, ticket};
use dbdesk_bot::reply::story::{self, Mark, Told};
use dbdesk_commands::{
    id::{ButtonId, TicketId},
    lang::{Lang, Said},
    wire::{
        button::{ButtonView, Form},
        cut_over::CutOver,
        entry::{Cause, Event, KeptTable, QueryStop, Ran, RowChanged, Seen},
        live::Blocker,
        person::Actor,
        review::{Edit, Level},
        task::{Priority, TaskKind},
        throttle::Throttle,
        ticket::{TicketState, TicketVerb},
        waits::Waits,
    },
};
use proptest::prelude::*;
use serenity::model::id::RoleId;

fn query(problem: Option<&str>) -> QueryStop {
    let (instance, problem) = ("db-1:3306".to_owned(), problem.map(str::to_owned));
    QueryStop { index: 1, instance, connection: 17, problem }
}

/// Of what takes rows back.
fn undo_events() -> [Event; 24] {
    let (index, total) = (0, 3);
    [
        Event::TakenBack { ticket: TicketId(43) },
        Event::SetAside {
            index,
            tables: vec![KeptTable {
                table: "shop.events".into(),
                kept_as: "dbdesk_set_aside.t1_k1_0_events".into(),
            }],
            until: at(7 * 24 * 60),
        },
        Event::DeskLacks {
            database: "shop_new".into(),
            grants: vec!["GRANT SELECT, INSERT ON `shop\\_new`.* TO `dbdesk_run`@`10.0.0.9`".into()],
        },
        Event::RolledBack {
            index,
            total,
            why: Said::fixed("the database does not answer", "数据库没有应答"),
        },
        Event::TakesBack {
            ticket: TicketId(41),
            rows: 3,
            back: 1,
            rest: 12_000,
            behind: 2,
            changed: 12,
            first: vec![
                RowChanged {
                    table: "shop.orders".into(),
                    row: "id = 7".into(),
                    columns: vec!["qty".into(), "no`te".into()],
                },
                RowChanged { table: "shop.orders".into(), row: "name = **a**".into(), columns: vec![] },
            ],
            structures: 2,
            without: vec![1, 4],
        },
        Event::TakesBack {
            ticket: TicketId(41),
            rows: 1,
            back: 0,
            rest: 0,
            behind: 0,
            changed: 0,
            first: vec![],
            structures: 0,
            without: vec![],
        },
        Event::LockWaits {
            index,
            total,
            tries: 60,
            pause_ms: 5_000,
            holder: Some(Blocker { connection: 17, account: "shop@10.0.0.*".into() }),
        },
        Event::CutOverHeld { until: Some(at(600)) },
        Event::CutOverHeld { until: None },
        Event::Found { index: 1, ran: Ran::No, chunk: true, cleaned: vec![] },
        Event::Found { index: 1, ran: Ran::Yes, chunk: true, cleaned: vec![] },
        Event::Found { index: 1, ran: Ran::Unknown, chunk: true, cleaned: vec![] },
        Event::InChunks { index, total, rows: 0, table_rows: Some(2_000_000) },
        Event::InChunks { index, total, rows: 12_000, table_rows: None },
        Event::ChunksStopped {
            index,
            total,
            chunks: 12,
            rows: 11_500,
            why: Said::fixed("it was to end", "要求停止"),
        },
        Event::Found { index: 1, ran: Ran::No, chunk: false, cleaned: vec![] },
        Event::Found {
            index: 1,
            ran: Ran::Yes,
            chunk: false,
            cleaned: vec!["pt_osc_shop_a_ins".into(), "_a_old".into()],
        },
        Event::Found { index: 1, ran: Ran::Unknown, chunk: false, cleaned: vec![] },
        Event::ReplicaDiffers { instance: "db-2:3306".into(), table: "shop.a".into(), problem: None },
        Event::ReplicaDiffers {
            instance: "db-2:3306".into(),
            table: "shop.a".into(),
            problem: Some("no answer".into()),
        },
        Event::UndoFiled { by: by(1, "ann"), ticket: TicketId(43) },
        Event::AccountAsked { ticket: TicketId(44) },
        Event::AccountNotAsked {
            why: Said::fixed("There is an account `shop_rw` already: A-3.", "账号 `shop_rw` 已经存在：A-3。"),
        },
        Event::WithoutUndo {
            index,
            why: Said::fixed("the trigger `x` of a may change other rows", "a 上的触发器可能修改其他行"),
        },
    ]
}

fn skipped(index: u32, chunk: bool) -> Event {
    Event::Skipped { by: by(3, "bob"), index, total: 3, chunk, others: false, emergency: None }
}

#[expect(clippy::too_many_lines, reason = "one of each kind")]
fn events() -> Vec<Event> {
    let bob = || by(3, "bob");
    let (index, total) = (0, 3);
    let ended = |state, cause| Event::Ended { state, done: 1, total, cause };
    let mut events = vec![
        Event::SentToDba { by: by(1, "ann") },
        Event::Approved {
            by: bob(),
            due_at: at(60),
            waits_for_quiet: false,
            stood_in_for: None,
            emergency: None,
        },
        Event::Approved {
            by: Actor::Policy,
            due_at: at(60),
            waits_for_quiet: false,
            stood_in_for: None,
            emergency: None,
        },
        Event::ApprovalExpired,
        Event::Rejected { by: bob(), reason: "**no**\n# @everyone".into() },
        Event::Withdrawn { by: by(1, "ann") },
        Event::RunNow { by: bob() },
        Event::Prioritised { by: bob(), priority: Priority::High },
        Event::Retried {
            by: bob(),
            was: TicketState::Failed,
            index: 1,
            total: 3,
            attempt: 2,
            emergency: None,
        },
        Event::Retried { by: bob(), was: TicketState::Lost, index: 1, total: 3, attempt: 3, emergency: None },
        skipped(1, false),
        skipped(2, false),
        skipped(2, true),
        Event::Silent { ms: 12_000 },
        Event::Answers,
        Event::Unheard { host: "db-exec-1".into(), pid: 4711, kill_after_ms: 10_000 },
        Event::Forced { host: "db-exec-1".into(), pid: 4711, killed: false, query: None },
        Event::Forced { host: "db-exec-1".into(), pid: 4711, killed: true, query: Some(query(None)) },
        Event::Forced {
            host: "db-exec-1".into(),
            pid: 4711,
            killed: true,
            query: Some(query(Some("connection refused"))),
        },
        Event::Held { by: bob() },
        Event::Released { by: bob(), due_at: at(60) },
        Event::PauseAsked { by: bob() },
        Event::ResumeAsked { by: bob() },
        Event::CancelAsked { by: bob() },
        Event::Started { host: "db-exec-1".into(), pid: 4711, epoch: 2 },
        Event::TargetUnreachable { message: "connection refused".into(), limit_ms: 300_000 },
        Event::StatementStarted { index, total, kept: false },
        Event::StatementDone {
            index,
            total,
            affected_rows: 1_234_567,
            elapsed_ms: 61_500,
            warnings: vec!["Data truncated for column 'a_b' at row 1".into()],
        },
        Event::StatementFailed {
            index,
            total,
            code: Some(1062),
            message: "Duplicate entry '1' for key `PRIMARY`".into(),
        },
        Event::Paused,
        Event::Resumed,
        Event::Ended { state: TicketState::Done, done: 3, total, cause: None },
        ended(TicketState::Cancelled, Some(Cause::Cancelled)),
    ];
    events.extend(undo_events());
    let causes =
        [Cause::Statement, Cause::TargetDown, Cause::Stopped, Cause::ContentChanged, Cause::NotPrimary];
    events.extend(causes.map(|cause| ended(TicketState::Failed, Some(cause))));
    let lost = [Cause::ConnectionLost, Cause::ProcessGone, Cause::LeaseLost];
    events.extend(lost.map(|cause| ended(TicketState::Lost, Some(cause))));
    events.push(Event::Approved {
        by: Actor::Policy,
        due_at: at(60_000),
        waits_for_quiet: true,
        stood_in_for: None,
        emergency: None,
    });
    let waits = [
        Waits::Machine { labels: vec!["north".into(), "audit".into()] },
        Waits::Room,
        Waits::Group { limit: 4 },
        Waits::Instance { instance: "db1:3306".into(), limit: 2 },
        Waits::Kind { task_kind: TaskKind::Ddl, limit: 1 },
        Waits::Ticket { ticket: TicketId(41), table: Some("shop.order_items".into()) },
        Waits::Ticket { ticket: TicketId(41), table: None },
    ];
    events.extend(waits.map(|waits| Event::Waits { waits }));
    let seen = [
        Seen::Runs { elapsed_ms: 61_500, stage: "copy to tmp table".into() },
        Seen::Idle,
        Seen::Gone,
        Seen::NotAsked { message: "connection refused".into() },
    ];
    events.extend(seen.map(|seen| {
        let binlog = matches!(seen, Seen::Gone).then(|| "binlog.000007:1234".to_owned());
        Event::LastSeen { index, connection: 77, instance: "db1:3306".into(), seen, binlog }
    }));
    let until = Some(at(3_600));
    events.extend([
        Event::Holds { waits: Waits::Peak { until } },
        Event::Holds { waits: Waits::Freeze { reason: "*storm*".into(), until: None } },
        Event::Opens,
        Event::WindowOver { at: at(60) },
        Event::TimePassed { at: at(60) },
        Event::Waits { waits: Waits::Freeze { reason: "storm".into(), until } },
    ]);
    let repeats = [Cause::ProcessGone, Cause::TargetDown];
    events.extend(repeats.map(|cause| Event::Repeats { attempt: 2, most: 4, due_at: at(60), cause }));
    let throttle = Throttle { max_lag_ms: Some(3_000), max_load: Some(20) };
    events.extend([throttle, Throttle::default()].map(|throttle| Event::Throttled { by: bob(), throttle }));
    events.extend(
        [CutOver::Hold, CutOver::Now, CutOver::Quiet].map(|when| Event::CutOverAsked { by: bob(), when }),
    );
    events.push(Event::CutOverAwaited);
    events.push(restored());
    events
}

/// Of what brings rows back by the binary log.
fn restored() -> Event {
    Event::RestoresRows {
        table: "shop.orders".into(),
        from: at(0),
        until: at(600),
        transactions: 2,
        rows: 3,
        back: 1,
        changed: 1,
        first: vec![RowChanged {
            table: "shop.orders".into(),
            row: "id = 7".into(),
            columns: vec!["qty".into()],
        }],
    }
}

fn all_events(lang: Lang) -> String {
    let ticket = ticket(TicketState::Running, lang);
    let tell = |(id, event): (u64, Event)| {
        let told = story::tell(&[entry(id, event)], &ticket, Some(RoleId::new(9)));
        told.iter().map(|told| read(&told.message)).collect::<String>()
    };
    (1..).zip(events()).map(tell).collect()
}

#[test]
fn every_event_in_english() {
    insta::assert_snapshot!(all_events(Lang::En));
}

#[test]
fn every_event_in_chinese() {
    insta::assert_snapshot!(all_events(Lang::Zh));
}

fn filed(lang: Lang, state: TicketState) -> Vec<Told> {
    let filed = Event::Filed { by: by(1, "ann"), statements: 3, bytes: 116 };
    story::tell(&[entry(5, filed)], &ticket(state, lang), Some(RoleId::new(9)))
}

#[test]
fn a_filed_ticket_tells_its_findings_one_by_one() {
    let text = |lang, state| filed(lang, state).iter().map(|told| read(&told.message)).collect::<String>();
    insta::assert_snapshot!(text(Lang::En, TicketState::AwaitingChoice));
    insta::assert_snapshot!(text(Lang::Zh, TicketState::Returned));
}

#[test]
fn many_findings_are_a_file_and_the_worst_are_shown() {
    let mut ticket = ticket(TicketState::Returned, Lang::En);
    ticket.review[1].findings = (0..60)
        .map(|n| {
            let level = if n == 59 { Level::Error } else { Level::Notice };
            finding("some-rule", level, (50, 56), [&format!("finding {n}"), &"why ".repeat(100), "mend it"])
        })
        .collect();
    let amended = Event::Amended { by: by(1, "ann"), revision: 2, statements: 3 };
    let told = story::tell(&[entry(6, amended)], &ticket, None);
    let embeds = told.iter().skip(1).flat_map(|told| &told.message.embeds);
    let shown: usize = embeds.map(|embed| embed.text.matches("\n-# `").count()).sum();
    assert_eq!(shown, 25);
    assert!(told[1].message.embeds[0].text.contains("finding 59"), "the worst first");
    let file = &told[0].message.files[0];
    assert_eq!(file.name, "ticket-42.review.txt");
    assert_eq!(String::from_utf8_lossy(&file.bytes).matches("finding ").count(), 60);
}

#[test]
fn fixes_that_were_applied_are_told_with_what_changed_and_what_is_left_has_its_button() {
    let text = |lang| {
        let mut ticket = ticket(TicketState::AwaitingChoice, lang);
        let edit = Edit { start: 115, end: 115, text: " COMMENT ''".into() };
        ticket.review[2].findings[0].edits = vec![edit];
        let button =
            ButtonView { id: ButtonId("abcDEF_-9".into()), verb: TicketVerb::Fix, form: Form::Press };
        ticket.buttons = vec![button];
        let fixed = Event::Fixed {
            by: by(1, "ann"),
            revision: 2,
            statements: 3,
            rules: vec!["equals-null".into(), "index-name-without-prefix".into()],
            diff: "- DELETE FROM t WHERE a = NULL;\n+ DELETE FROM t WHERE a IS NULL;\n".into(),
        };
        let told = story::tell(&[entry(6, fixed)], &ticket, None);
        told.iter().map(|told| read(&told.message)).collect::<String>()
    };
    insta::assert_snapshot!(text(Lang::En));
    insta::assert_snapshot!(text(Lang::Zh));
}

#[test]
fn only_the_last_review_is_shown_when_two_come_at_once() {
    let filed = entry(1, Event::Filed { by: by(1, "ann"), statements: 3, bytes: 1 });
    let amended = entry(2, Event::Amended { by: by(1, "ann"), revision: 2, statements: 3 });
    let told = story::tell(&[filed, amended], &ticket(TicketState::AwaitingChoice, Lang::En), None);
    let entries: Vec<_> = told.iter().map(|told| (told.mark.entry, told.mark.part)).collect();
    assert_eq!(entries, [(1, 1), (2, 1), (2, 2)]);
}

#[test]
fn a_mark_is_read_back() {
    for mark in [Mark { entry: 17, part: 1, parts: 1 }, Mark { entry: 3, part: 2, parts: 3 }] {
        assert_eq!(Mark::read(&mark.footer()), Some(mark));
    }
    for other in ["", "#", "17", "#x", "#1 2", "revision 1"] {
        assert_eq!(Mark::read(other), None, "{other}");
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let all = events();
    (0..all.len()).prop_map(move |at| all[at].clone())
}

proptest! {
    /// However a log is cut into batches, every entry is told, once, in order; and the same batch again tells the same.
    #[test]
    fn every_entry_is_told_once_in_order(events in prop::collection::vec(any_event(), 1..60), cut in 0usize..60) {
        let entries: Vec<_> = (1..).zip(events).map(|(id, event)| entry(id, event)).collect();
        let ticket = ticket(TicketState::Running, Lang::En);
        let (first, second) = entries.split_at(cut.min(entries.len()));
        let mut marks = Vec::new();
        for batch in [first, second] {
            let told = story::tell(batch, &ticket, None);
            prop_assert_eq!(&told, &story::tell(batch, &ticket, None));
            if let Some(last) = batch.last() {
                prop_assert_eq!(told.last().map(|told| told.mark.entry), Some(last.id.0), "told to the end");
            }
            marks.extend(told.iter().map(|told| (told.mark.entry, told.mark.part)));
        }
        prop_assert!(marks.is_sorted() && marks.windows(2).all(|pair| pair[0] != pair[1]), "{:?}", marks);
    }
}
