//! The control of the experiment: with the fence removed the audit must find what the fence keeps out. Else it could find nothing.

use crate::{
    audit::{self, Audit},
    desk::LIMIT,
    parts::Worker,
    serve::Api,
};
use anyhow::{Result, ensure};
use dbdesk_commands::{id::TaskId, wire::ticket::TicketState};
use lab::{Process, until};
use rustix::process::Signal;
use serde_json::json;
use std::fs;

#[tokio::test]
async fn with_the_fence_the_audit_finds_nothing_of_a_process_that_thawed_after_its_lease() -> Result<()> {
    let audit = thawed_after(BETWEEN, &[]).await??;
    ensure!((audit.tickets(), audit.ended("done")) == (1, 1), "{audit}");
    Ok(())
}

#[tokio::test]
async fn what_thawed_between_its_last_look_and_the_sending_finds_its_session_ended() -> Result<()> {
    let audit = thawed_after(SENDING, &[]).await??;
    ensure!((audit.tickets(), audit.ended("done")) == (1, 1), "{audit}");
    Ok(())
}

#[tokio::test]
async fn without_the_fence_the_audit_finds_two_rows_of_each_statement_that_two_processes_ran() -> Result<()> {
    for freeze in [BETWEEN, SENDING] {
        let Err(found) = thawed_after(freeze, &[("DBDESK_NO_FENCE", "1")]).await? else {
            anyhow::bail!("the audit is blind at {freeze:?}");
        };
        let doubles = "ran twice: [((\"7\", 1), 2), ((\"7\", 2), 2)]";
        ensure!(found.to_string() == doubles, "{freeze:?}: {found}");
    }
    Ok(())
}

/// Between the first statement and the second, where all is known.
const BETWEEN: (&str, TicketState) = ("run.noting:2", TicketState::Failed);

/// Of the second statement nobody knows.
const SENDING: (&str, TicketState) = ("run.noted:2", TicketState::Lost);

/// A process freezes; a control elsewhere ends its ticket in its place; a DBA has it tried again, and another process does the rest;
/// then the first one thaws and does what it does. Gives what the audit says.
async fn thawed_after((point, ends): (&str, TicketState), told: &[(&str, &str)]) -> Result<Result<Audit>> {
    let api = Api::start().await?;
    let engine = &api.engine;
    engine.desk.target.sql(audit::TABLE).await?;
    let _serve = api.serve(None).await?;
    let control = || -> Result<_> {
        Ok(told.iter().fold(api.spec("control")?, |spec, (name, value)| spec.env(name, value)))
    };
    let mut freezing = Process::start(control()?.env("DBDESK_FREEZE_AT", point))?;
    let sql = "INSERT INTO ran VALUES (7, 0); INSERT INTO ran VALUES (7, 1); INSERT INTO ran VALUES (7, 2)";
    let (ticket, task) = engine.desk.ticket(sql).await?;
    let worker = frozen(&api, task).await?;
    freezing.kill()?;
    engine.ended_elsewhere(ticket).await?;
    engine.reaches(ticket, ends).await?;
    api.post(1, "again", &format!("/v1/tickets/{}/retry", ticket.0), &json!({ "confirm": "shop" })).await?;
    let _control = Process::start(control()?)?;
    engine.reaches(ticket, TicketState::Done).await?;
    worker.signal(Signal::CONT)?;
    until("the thawed process to end", LIMIT, || async {
        ensure!(worker.command().is_empty(), "{} still runs", worker.command());
        Ok(())
    })
    .await?;
    Ok(audit::audit(engine, &[&engine.desk.target]).await)
}

/// The process of a task, once it has stopped itself.
async fn frozen(api: &Api, task: TaskId) -> Result<Worker> {
    until("its process to freeze", LIMIT, || async {
        let worker = api.engine.worker(task).await?;
        let line = fs::read_to_string(format!("/proc/{}/stat", worker.0))?;
        ensure!(line.contains(") T "), "it works: {line}{}", api.engine.log());
        Ok(worker)
    })
    .await
}
