//! The message that shows how far running work is.

use crate::sample::read;
use dbdesk_bot::reply::live;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::Lang,
    wire::{
        card::CardPlace,
        live::{Blocker, LiveTicket, Online, OnlineWaits, Progress},
        throttle::Limits,
    },
};

#[test]
fn how_far_running_work_is_in_both_languages() {
    let progress = |stage: &str| Progress {
        index: 1,
        total: 3,
        elapsed_ms: 72_000,
        stage: stage.into(),
        permille: None,
        rows: None,
        blocker: None,
        online: None,
        script: None,
    };
    let waiting = |waits| Progress {
        rows: Some(1),
        online: Some(Online { waits: Some(waits), ..Online::default() }),
        ..progress("")
    };
    let lock = "Waiting for table metadata lock";
    let blocker = Blocker { connection: 42, account: "app`@10.0.0.7".into() };
    let states = [
        Progress { permille: Some(583), ..progress("copy to tmp table") },
        Progress { rows: Some(120_000), ..progress("Updating") },
        progress(""),
        progress(lock),
        Progress { blocker: Some(blocker), ..progress(lock) },
        Progress { online: Some(Online::default()), ..progress("") },
        Progress {
            permille: Some(430),
            rows: Some(430_000),
            online: Some(Online {
                chunk: None,
                rows_per_s: Some(37_000),
                left_ms: Some(20_000),
                lag_ms: Some(1_000),
                threads_running: Some(12),
                limits: None,
                waits: None,
            }),
            ..progress("")
        },
        Progress {
            permille: Some(430),
            rows: Some(43_000),
            online: Some(Online { chunk: Some(12), ..Online::default() }),
            ..progress("")
        },
        Progress {
            online: Some(Online {
                lag_ms: Some(1_000),
                threads_running: Some(12),
                limits: Some(Limits { max_lag_ms: 5_000, max_load: 50 }),
                ..Online::default()
            }),
            ..progress("")
        },
        waiting(OnlineWaits::Pause),
        waiting(OnlineWaits::Replica { instance: "db-2:3306".into() }),
        waiting(OnlineWaits::Load),
        waiting(OnlineWaits::QuietWindow),
        waiting(OnlineWaits::CutOver),
    ];
    let text = [Lang::En, Lang::Zh].map(|lang| {
        let one = |progress: &Progress| {
            let place = CardPlace {
                channel_id: "1".into(),
                message_id: "2".into(),
                thread_id: Some("2".into()),
                told_entry: 1,
            };
            let (ticket, task) = (TicketId(7), TaskId(9));
            read(&live::message(&LiveTicket {
                ticket,
                task,
                lang,
                card: place,
                behind: false,
                progress: progress.clone(),
                shares: vec![],
            }))
        };
        states.iter().map(one).collect::<Vec<_>>().join("──\n")
    });
    assert!(live::is_live(&live::footer(TaskId(9))));
    insta::assert_snapshot!(text.join("════\n"));
}
