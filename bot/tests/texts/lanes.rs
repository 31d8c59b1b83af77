//! Tickets on tables of several service groups: card, thread, how far they are, tasks.

use crate::sample::{at, by, read, ticket};
use dbdesk_bot::reply::{card, lanes, live, message::Message, story, task_lines, task_page};
use dbdesk_commands::{
    id::{EntryId, TaskId, TicketId},
    lang::Lang,
    wire::{
        entry::{Cause, Entry, Event, LaneOpened},
        live::{LiveTicket, Progress},
        queue::TaskLine,
        task::{LaneView, TaskState, TaskView},
        ticket::{Share, TicketState, TicketView},
        waits::Waits,
    },
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const LANGS: [Lang; 2] = [Lang::En, Lang::Zh];
/// Statements of all groups.
const TOTAL: u32 = 512;

fn share(group: &str, done: u32, state: Option<TaskState>) -> Share {
    Share { service_group: group.into(), done, total: 64, state, waits: None }
}

fn shares() -> Vec<Share> {
    let waits = Some(Waits::Instance { instance: "db-4:3306".into(), limit: 2 });
    vec![
        share("shop-1", 64, Some(TaskState::Succeeded)),
        share("shop-2", 12, Some(TaskState::Running)),
        share("shop-3", 40, Some(TaskState::Failed)),
        Share { waits, ..share("shop-4", 0, Some(TaskState::Ready)) },
        share("shop-5", 7, Some(TaskState::Cancelled)),
        share("shop-6", 0, None),
        // Its first table ran; the others are not dealt out yet.
        share("shop-7", 1, Some(TaskState::Succeeded)),
        share("sh`op-8", 3, Some(TaskState::Lost)),
    ]
}

fn many() -> Vec<Share> {
    (1..=40).map(|n| share(&format!("shop-{n:02}"), n, Some(TaskState::Running))).collect()
}

fn spread(state: TicketState, lang: Lang) -> TicketView {
    TicketView { shares: shares(), ..ticket(state, lang) }
}

/// Entries with the tasks that wrote them; the ticket names `K-7`.
fn log(events: impl IntoIterator<Item = (u64, Event)>) -> Vec<Entry> {
    let entry = |(id, (task, event)): (u64, (u64, Event))| Entry {
        id: EntryId(id),
        ticket: TicketId(42),
        task: Some(TaskId(task)),
        at: at(60),
        event,
    };
    (1..).zip(events).map(entry).collect()
}

fn began(index: u32) -> Event {
    Event::StatementStarted { index, total: TOTAL, kept: false }
}

fn done(index: u32) -> Event {
    Event::StatementDone { index, total: TOTAL, affected_rows: 0, elapsed_ms: 1_500, warnings: vec![] }
}

fn failed(index: u32) -> Event {
    Event::StatementFailed { index, total: TOTAL, code: Some(1060), message: "Duplicate column 'a'".into() }
}

fn started() -> Event {
    Event::Started { host: "db-exec-1".into(), pid: 4711, epoch: 1 }
}

fn ended(group: &str, state: TicketState, done: u32, cause: Option<Cause>) -> Event {
    Event::LaneEnded { group: group.into(), state, done, total: 64, cause }
}

fn told(entries: &[Entry], lang: Lang) -> String {
    let told = story::tell(entries, &spread(TicketState::Running, lang), None);
    told.iter().map(|told| read(&told.message)).collect()
}

fn in_both(text: impl Fn(Lang) -> String) -> String {
    LANGS.map(text).join("════\n")
}

#[test]
fn the_card_has_a_line_for_each_service_group_those_that_need_a_person_first() {
    insta::assert_snapshot!(in_both(|lang| read(&card::card(&spread(TicketState::Running, lang)))));
}

#[test]
fn beyond_ten_service_groups_the_rest_is_counted() {
    let mut shares = many();
    shares[30].state = Some(TaskState::Failed);
    insta::assert_snapshot!(in_both(|lang| lanes::shares(&shares, lang) + "\n"));
    assert_eq!(lanes::sum(&shares), (820, 2_560));
}

#[test]
fn what_several_lanes_do_is_told_in_one_thread() {
    let lane = |group: &str, statements| LaneOpened { group: group.into(), statements };
    let opened = vec![lane("shop-1", 63), lane("sh`op-2", 64)];
    let waits = Event::Waits { waits: Waits::Room };
    let entries = log([
        (7, started()),
        (7, began(0)),
        (7, done(0)),
        (7, Event::LanesOpened { lanes: opened }),
        (8, started()),
        (9, waits),
        (8, began(1)),
        (9, started()),
        (9, began(300)),
        (8, done(1)),
        (8, began(2)),
        (9, failed(300)),
        (9, ended("sh`op-2", TicketState::Failed, 0, Some(Cause::Statement))),
        (8, done(2)),
        (8, Event::Silent { ms: 12_000 }),
        (8, ended("shop-1", TicketState::Cancelled, 2, Some(Cause::OtherLane))),
        (9, Event::Ended { state: TicketState::Failed, done: 3, total: TOTAL, cause: Some(Cause::Lanes) }),
    ]);
    insta::assert_snapshot!(in_both(|lang| told(&entries, lang)));
}

#[test]
fn how_lanes_begin_and_end() {
    let many = (1..=30).map(|n| LaneOpened { group: format!("shop-{n}"), statements: 20 }).collect();
    let one = vec![LaneOpened { group: "shop-1".into(), statements: 20 }];
    let lost = |cause| Event::Ended { state: TicketState::Lost, done: 3, total: TOTAL, cause };
    let events = [
        Event::LanesOpened { lanes: many },
        Event::LanesOpened { lanes: one },
        ended("shop-1", TicketState::Done, 64, None),
        ended("shop-2", TicketState::Failed, 60, Some(Cause::PassedOver)),
        ended("shop-3", TicketState::Lost, 5, Some(Cause::ProcessGone)),
        ended("shop-4", TicketState::Cancelled, 5, Some(Cause::Cancelled)),
        lost(Some(Cause::Lanes)),
        Event::Skipped {
            by: by(3, "bob"),
            index: 4,
            total: TOTAL,
            chunk: false,
            others: true,
            emergency: None,
        },
        Event::NotRan { by: by(3, "bob"), index: 70, total: TOTAL },
        Event::Ended { state: TicketState::Done, done: TOTAL, total: TOTAL, cause: None },
    ];
    insta::assert_snapshot!(in_both(|lang| told(&log(events.clone().map(|event| (8, event))), lang)));
}

#[test]
fn a_long_quiet_run_of_several_lanes_is_one_line_and_says_what_still_runs() {
    // K-8 takes 1, 2, 3 …, K-9 300, 301 …; the last of each goes on.
    let both =
        (0..30).flat_map(|n| [(8, began(1 + n)), (9, began(300 + n)), (8, done(1 + n)), (9, done(300 + n))]);
    let entries = log(both.chain([(8, began(31)), (9, began(330))]));
    let scattered = |n: u32| n * 7 % 64 * 3;
    let pieces = log((0..20).flat_map(|n| [(8, began(scattered(n))), (8, done(scattered(n)))]));
    let lanes = log((0..9).map(|n| (u64::from(8 + n), began(n * 50))));
    let few = log([(8, began(1)), (9, began(300)), (8, done(1)), (9, done(300)), (8, began(2))]);
    let text = |lang| [&entries, &pieces, &lanes, &few].map(|entries| told(entries, lang)).concat();
    insta::assert_snapshot!(in_both(text));
}

#[test]
fn the_log_of_a_lane_that_failed_is_beside_its_end_and_each_has_a_message() {
    let entries = log([
        (8, ended("shop-1", TicketState::Failed, 1, Some(Cause::Statement))),
        (9, ended("shop-2", TicketState::Lost, 1, Some(Cause::ConnectionLost))),
        (10, ended("shop-3", TicketState::Done, 64, None)),
        (10, Event::Ended { state: TicketState::Lost, done: 66, total: TOTAL, cause: Some(Cause::Lanes) }),
    ]);
    let ticket = spread(TicketState::Lost, Lang::En);
    let asks: Vec<u64> =
        entries.iter().filter(|entry| lanes::asks_for_log(entry, &ticket)).map(|entry| entry.id.0).collect();
    assert_eq!(asks, [1, 2]);
    let marks: Vec<u64> = story::tell(&entries, &ticket, None).iter().map(|told| told.mark.entry).collect();
    assert_eq!(marks, [1, 2, 4]);
    // Where the first table fails nothing else ran, and its end is the ticket's.
    let alone =
        Event::Ended { state: TicketState::Failed, done: 0, total: TOTAL, cause: Some(Cause::Statement) };
    assert!(lanes::asks_for_log(&log([(7, alone)])[0], &ticket));
}

fn how_far(shares: Vec<Share>, lang: Lang) -> Message {
    let progress = Progress {
        index: 299,
        total: TOTAL,
        elapsed_ms: 72_000,
        stage: "copy to tmp table".into(),
        permille: Some(583),
        rows: None,
        blocker: None,
        online: None,
        script: None,
    };
    let card = ticket(TicketState::Running, lang).card.unwrap();
    let (ticket, task) = (TicketId(42), TaskId(9));
    live::message(&LiveTicket { ticket, task, lang, card, behind: false, progress, shares })
}

#[test]
fn how_far_each_service_group_is_stands_below_the_first_lane() {
    insta::assert_snapshot!(in_both(|lang| read(&how_far(shares(), lang))));
}

#[test]
fn a_task_that_is_one_of_several_says_so_and_counts_its_own_statements() {
    let base = ticket(TicketState::Running, Lang::En).task.unwrap();
    let own = LaneView { of: TaskId(7), done: 12, total: 64 };
    let task = TaskView { id: TaskId(9), done: 312, total: TOTAL, lane: Some(own), ..base };
    let line = TaskLine { task, service_group: "shop-2".into(), thread_id: None };
    let text = |lang| format!("{}\n{}", task_lines::line(&line, lang), read(&task_page::page(&line, lang)));
    insta::assert_snapshot!(in_both(text));
}

/// Every lane runs its statements in order; which of them is next is chance.
fn interleaved(turns: &[u8]) -> Vec<(u64, Event)> {
    let mut at: BTreeMap<u64, u32> = BTreeMap::new();
    let turn = |turn: &u8| {
        let lane = u64::from(turn % 5);
        let step = at.entry(lane).or_default();
        let index = u32::try_from(lane).unwrap() * 100 + *step / 2;
        let event = match (*step % 2, turn / 5) {
            (0, _) => began(index),
            (_, 50) => failed(index),
            _ => done(index),
        };
        *step += 1;
        (8 + lane, event)
    };
    turns.iter().map(turn).collect()
}

/// How many statements a line is about: those it lists, or as many as it says where it lists some of them.
fn statements(line: &str) -> usize {
    let head = line.split(" of ").next().unwrap_or_default();
    if let Some(count) = head.strip_suffix(" statements") {
        return count.parse().unwrap();
    }
    let pieces = head.trim_start_matches("Statements ").trim_start_matches("Statement ");
    let one = |piece: &str| {
        let (first, last) = piece.split_once('–').unwrap_or((piece, piece));
        last.parse::<usize>().unwrap() - first.parse::<usize>().unwrap() + 1
    };
    pieces.split(", ").map(one).sum()
}

proptest! {
    /// However lanes interleave and however their log is cut, each result is told once, and what failed is named.
    #[test]
    fn each_statement_of_lanes_is_told_once(turns in prop::collection::vec(any::<u8>(), 1..150), cut in 0usize..150) {
        let events = interleaved(&turns);
        let entries = log(events.clone());
        let (one, two) = entries.split_at(cut.min(entries.len()));
        let ticket = spread(TicketState::Running, Lang::En);
        let (mut lines, mut left) = (Vec::new(), 0);
        for batch in [one, two] {
            let told = story::tell(batch, &ticket, None);
            prop_assert_eq!(told.last().map(|told| told.mark.entry), batch.last().map(|entry| entry.id.0));
            prop_assert!(told.windows(2).all(|pair| pair[0].mark < pair[1].mark));
            for told in told {
                lines.extend(told.message.embeds[0].text.lines().map(str::to_owned));
            }
            let last: BTreeMap<_, _> = batch.iter().map(|entry| (entry.task, &entry.event)).collect();
            left += last.values().filter(|event| matches!(event, Event::StatementStarted { .. })).count();
        }
        let count = |is: fn(&Event) -> bool| events.iter().filter(|(_, event)| is(event)).count();
        let told = |sign| lines.iter().filter_map(|line| line.strip_prefix(sign)).map(statements).sum::<usize>();
        prop_assert_eq!(told("❌ "), count(|event| matches!(event, Event::StatementFailed { .. })));
        prop_assert_eq!(told("✅ "), count(|event| matches!(event, Event::StatementDone { .. })), "{:#?}", lines);
        prop_assert_eq!(told("⏳ "), left, "what runs at the end of a batch: {:#?}", lines);
    }

    #[test]
    fn no_name_breaks_a_limit(text in "(\\PC|[`*_<@>\n]){0,30}", long in 1usize..60) {
        let group = text.repeat(long);
        let waits = Some(Waits::Freeze { reason: text.repeat(long), until: None });
        let share = Share { waits, total: u32::MAX, ..share(&group, u32::MAX, Some(TaskState::Ready)) };
        let shares = vec![share; long];
        let ticket = TicketView { shares: shares.clone(), ..ticket(TicketState::Running, Lang::En) };
        let (_, value, _) = card::embed(&ticket, Lang::En).fields.pop().unwrap();
        prop_assert!(value.chars().count() <= 1024, "{}", value);
        crate::limits::check(card::card(&ticket))?;
        crate::limits::check(how_far(shares, Lang::Zh))?;
    }
}
