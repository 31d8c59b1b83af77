//! The message that shows how far running work is.

use crate::stage::{Stage, eventually};
use dbdesk_commands::wire::{
    entry::Event,
    live::{Blocker, Progress},
    ticket::TicketState,
};

const SQL: &str = "UPDATE orders SET a = 1 WHERE id = 7;\n";

fn at(permille: u16) -> Progress {
    Progress {
        index: 0,
        total: 1,
        elapsed_ms: u64::from(permille) * 100,
        stage: "copy to tmp table".into(),
        permille: Some(permille),
        rows: None,
        blocker: None,
    }
}

fn locked() -> Progress {
    let blocker = Blocker { connection: 42, account: "app@10.0.0.7".into() };
    let stage = "Waiting for table metadata lock".into();
    Progress { permille: None, stage, blocker: Some(blocker), ..at(500) }
}

fn started() -> Event {
    Event::Started { host: "db-exec-1".into(), pid: 4711, epoch: 1 }
}

fn ended() -> Event {
    Event::Ended { state: TicketState::Done, done: 1, total: 1, cause: None }
}

#[tokio::test]
async fn one_message_shows_how_far_it_is_and_goes_when_the_work_ends_also_over_a_restart_of_the_bot() {
    let mut stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket();
    let thread = stage.sim.thread_of(&card);
    stage.double.happens(ticket.id, TicketState::Running, started());
    stage.double.is_at(ticket.id, at(200));
    thread.wait_for("20.0 %").await.unwrap();
    let before = thread.messages().len();
    stage.double.is_at(ticket.id, locked());
    thread.wait_for("connection 42").await.unwrap();
    stage.kill_bot().await;
    stage.start_bot().await;
    stage.double.is_at(ticket.id, at(900));
    thread.wait_for("90.0 %").await.unwrap();
    assert_eq!(thread.messages().len(), before, "{}", thread.transcript());
    assert_eq!(thread.transcript().matches("Statement 1 of 1").count(), 1, "{}", thread.transcript());
    stage.double.happens(ticket.id, TicketState::Done, ended());
    thread.wait_for("ran").await.unwrap();
    eventually("the message to go", || !thread.transcript().contains("90.0 %")).await;
    stage.ends_well(&[]);
}
