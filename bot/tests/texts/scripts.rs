//! What people read of the DBAs' scripts: lists, pages, threads, how far one is; and that nothing of one breaks out of its place.

use crate::sample::{at, by, entry, read, ticket};
use dbdesk_bot::reply::{live, scripts, story};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::{Lang, Said},
    wire::{
        card::CardPlace,
        entry::{Cause, Event},
        live::{LiveTicket, Progress, ScriptCourse},
        policy::RequestKind,
        script::{ParameterView, ScriptLine, ScriptPage, ScriptView},
        ticket::{TicketState, TicketView},
    },
};
use serde_json::json;

fn parameter(name: &str, required: bool) -> ParameterView {
    ParameterView {
        name: name.to_owned(),
        text: "Which one".to_owned(),
        kind: "database".to_owned(),
        takes: "a database of the service group".to_owned(),
        required,
        default: (!required).then(|| json!(20)),
        choices: Vec::new(),
    }
}

fn script() -> ScriptView {
    ScriptView {
        name: "table-sizes".to_owned(),
        title: "The largest tables".to_owned(),
        text: Some("By statistics.".to_owned()),
        who: vec!["developer".to_owned(), "dba".to_owned()],
        approvals: "nobody".to_owned(),
        risk: "low".to_owned(),
        time_limit_s: 120,
        at_once: 4,
        per_group: 1,
        has_account: true,
        environments: vec!["staging".to_owned()],
        service_groups: Vec::new(),
        parameters: vec![parameter("database", true), parameter("most", false)],
        files: "ab".repeat(32),
    }
}

#[test]
fn lists_and_pages_in_both_languages() {
    let mut told = String::new();
    for lang in [Lang::En, Lang::Zh] {
        let line = ScriptLine {
            name: "table-sizes".to_owned(),
            title: "The **largest** tables @everyone".to_owned(),
            parameters: vec!["database".to_owned(), "most".to_owned()],
        };
        let faults = vec!["bad/script.toml: `who`: it is empty".to_owned()];
        told += &read(&scripts::list(&ScriptPage { scripts: vec![line], faults }, lang));
        told += &read(&scripts::list(&ScriptPage { scripts: Vec::new(), faults: Vec::new() }, lang));
        told += &read(&scripts::page(&script(), lang));
        let other = ScriptView { approvals: "2 of dba".to_owned(), has_account: false, ..script() };
        told += &read(&scripts::page(&ScriptView { environments: Vec::new(), ..other }, lang));
    }
    insta::assert_snapshot!(told);
}

fn of_script(state: TicketState, lang: Lang) -> TicketView {
    TicketView { kind: RequestKind::Script, review: Vec::new(), ..ticket(state, lang) }
}

#[test]
fn what_one_says_and_how_it_ended_in_both_languages() {
    let mut told = String::new();
    let why = Said::fixed("it ended with exit code 3", "退出码为 3");
    let ended = |state, cause| Event::Ended { state, done: 0, total: 1, cause };
    for lang in [Lang::En, Lang::Zh] {
        for (state, events) in [
            (
                TicketState::Done,
                vec![
                    Event::Filed { by: by(1, "ann"), statements: 1, bytes: 200 },
                    Event::StatementStarted { index: 0, total: 1, kept: false },
                    Event::ScriptSaid {
                        lines: vec!["```@everyone".to_owned(), "second".to_owned()],
                        left_out: 7,
                    },
                    Event::ScriptArtifact {
                        name: "a.csv".to_owned(),
                        media_type: "text/csv".to_owned(),
                        bytes: 2_048,
                    },
                    Event::ScriptResult { summary: "two\nlines".to_owned(), data: None },
                    Event::StatementDone {
                        index: 0,
                        total: 1,
                        affected_rows: 0,
                        elapsed_ms: 1_500,
                        warnings: Vec::new(),
                    },
                    ended(TicketState::Done, None),
                ],
            ),
            (
                TicketState::Failed,
                vec![
                    Event::ScriptFailed { index: 0, total: 1, why: why.clone() },
                    ended(TicketState::Failed, Some(Cause::Script)),
                ],
            ),
            (TicketState::Failed, vec![ended(TicketState::Failed, Some(Cause::ContentChanged))]),
            (TicketState::Cancelled, vec![ended(TicketState::Cancelled, Some(Cause::Cancelled))]),
            (TicketState::Lost, vec![ended(TicketState::Lost, Some(Cause::ProcessGone))]),
        ] {
            let entries: Vec<_> = (1..).zip(events).map(|(id, event)| entry(id, event)).collect();
            for message in story::tell(&entries, &of_script(state, lang), None) {
                told += &read(&message.message);
            }
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn how_far_one_is_in_both_languages() {
    let progress = |permille, course: ScriptCourse, stage: &str| Progress {
        index: 0,
        total: 1,
        elapsed_ms: 72_000,
        stage: stage.to_owned(),
        permille,
        rows: None,
        blocker: None,
        online: None,
        script: Some(Box::new(course)),
    };
    let named = ScriptCourse { name: "table-sizes".to_owned(), ..ScriptCourse::default() };
    let half =
        ScriptCourse { done: Some(5), total: Some(10), unit: Some("tables".to_owned()), ..named.clone() };
    let open = ScriptCourse { done: Some(5), ..named.clone() };
    let mut told = String::new();
    for lang in [Lang::En, Lang::Zh] {
        for progress in [
            progress(None, named.clone(), ""),
            progress(Some(500), half.clone(), "*orders*"),
            progress(None, open.clone(), ""),
        ] {
            let card = CardPlace {
                channel_id: "1".to_owned(),
                message_id: "2".to_owned(),
                thread_id: Some("2".to_owned()),
                told_entry: 1,
            };
            let live = LiveTicket {
                ticket: TicketId(7),
                task: TaskId(8),
                lang,
                card,
                behind: false,
                progress,
                shares: Vec::new(),
            };
            told += &read(&live::message(&live));
        }
    }
    assert!(at(0).timestamp() > 0);
    insta::assert_snapshot!(told);
}
