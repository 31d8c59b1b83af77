//! Tasks: lists, one of them, its log, the queue.

use crate::sample::{at, by, entry, read, ticket};
use dbdesk_bot::reply::{queue, task_lines, task_page};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::Lang,
    wire::{
        cut_over::CutOver,
        entry::Event,
        queue::{LogLine, MachineView, QueueCounts, QueueView, TaskLine, TaskLog, TaskPage, Which},
        task::{Priority, TaskState, TaskView, TaskWish},
        ticket::TicketState,
        waits::Waits,
    },
};

const LANGS: [Lang; 2] = [Lang::En, Lang::Zh];

fn task(id: u64, state: TaskState) -> TaskView {
    let base = ticket(TicketState::Running, Lang::En).task.expect("a running ticket has a task");
    let ended = state.is_final().then(|| at(90));
    let started = !matches!(state, TaskState::Waiting | TaskState::Ready);
    TaskView {
        id: TaskId(id),
        state,
        ended_at: ended,
        started_at: started.then(|| at(61)),
        host: base.host.clone().filter(|_| started),
        pid: base.pid.filter(|_| started),
        ..base
    }
}

fn line(task: TaskView) -> TaskLine {
    TaskLine { task, service_group: "shop".into(), thread_id: Some("386".into()) }
}

fn lines() -> Vec<TaskLine> {
    let mut all: Vec<TaskLine> = (1..).zip(TaskState::ALL).map(|(id, state)| line(task(id, state))).collect();
    let wished = |id, state, wish| TaskView { wish: Some(wish), ..task(id, state) };
    all.push(line(wished(9, TaskState::Ready, TaskWish::Pause)));
    all.push(line(wished(10, TaskState::Running, TaskWish::Cancel)));
    all.push(line(TaskView { silent: true, ..task(11, TaskState::Running) }));
    let for_ticket = Waits::Ticket { ticket: TicketId(41), table: Some("shop.orders".into()) };
    let waits = TaskView { waits: Some(for_ticket), priority: Priority::High, ..task(13, TaskState::Ready) };
    all.push(line(waits));
    all.push(TaskLine { service_group: "a`b".into(), thread_id: None, ..line(task(12, TaskState::Waiting)) });
    all
}

#[test]
fn a_list_of_tasks() {
    let page = TaskPage { tasks: lines(), next_before: Some(TaskId(1)) };
    let none = TaskPage { tasks: vec![], next_before: None };
    let text = LANGS.map(|lang| {
        let empty = Which::ALL.map(|which| read(&task_lines::page(&none, which, "", lang))).concat();
        format!("{}──\n{empty}", read(&task_lines::page(&page, Which::Open, "shop", lang)))
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn one_task() {
    let text = LANGS.map(|lang| {
        let waits = task_page::page(&line(task(7, TaskState::Waiting)), lang);
        let held = TaskView { cut_over: Some(CutOver::Hold), ..task(9, TaskState::Running) };
        let pages = [task(8, TaskState::Failed), held].map(|task| read(&task_page::page(&line(task), lang)));
        format!("{}──\n{}", read(&waits), pages.join("──\n"))
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn the_log_of_a_task_is_shown_or_is_a_file_where_it_is_long() {
    let said = |seq: u32| LogLine { seq, at: at(i64::from(seq)), text: format!("line {seq} ``` @everyone") };
    let started = Event::Started { host: "db-exec-1".into(), pid: 4711, epoch: 1 };
    let entries = vec![entry(1, started), entry(2, Event::PauseAsked { by: by(3, "bob") })];
    let short = TaskLog { task: TaskId(7), entries, lines: (1..=3).map(said).collect(), more: false };
    let long = TaskLog { lines: (1..=200).map(said).collect(), more: true, ..short.clone() };
    let none = TaskLog { entries: vec![], lines: vec![], ..short.clone() };
    let text =
        LANGS.map(|lang| [&short, &long, &none].map(|log| read(&task_page::log(log, lang))).join("──\n"));
    insta::assert_snapshot!(text.join("════\n"));
    assert!(task_page::file(&long.lines).lines().count() == 200, "the whole log is in the file");
}

#[test]
fn many_entries_of_a_log_give_way_to_the_newest() {
    let entries = (1..=200).map(|id| entry(id, Event::PauseAsked { by: by(3, "bob") })).collect();
    let log = TaskLog { task: TaskId(7), entries, lines: vec![], more: false };
    let text = read(&task_page::log(&log, Lang::En));
    assert!(text.contains("…") && text.len() < 3_000, "{text}");
}

#[test]
fn the_queue() {
    let machine = |host: &str, controls, draining, seen_ms| MachineView {
        host: host.into(),
        controls,
        draining,
        tasks_at_once: 8,
        running: 2,
        seen_ms,
    };
    let counts = QueueCounts { waiting: 4, held: 1, ready: 3, running: 2, paused: 1, silent: 1 };
    let machines = vec![
        machine("db-exec-1", 1, 0, Some(300)),
        machine("db-exec-2", 1, 1, Some(300)),
        machine("db-exec-3", 1, 0, Some(40_000)),
        machine("db-exec-4", 0, 0, None),
    ];
    let many = (20..35).map(|id| line(task(id, TaskState::Ready))).collect();
    let running = vec![line(TaskView { silent: true, ..task(11, TaskState::Running) })];
    let full = QueueView {
        counts,
        machines,
        running,
        ready: many,
        waiting: vec![line(task(1, TaskState::Waiting))],
    };
    let empty = QueueView {
        counts: QueueCounts::default(),
        machines: vec![],
        running: vec![],
        ready: vec![],
        waiting: vec![],
    };
    let text = LANGS.map(|lang| [&full, &empty].map(|view| read(&queue::message(view, lang))).join("──\n"));
    insta::assert_snapshot!(text.join("════\n"));
}
