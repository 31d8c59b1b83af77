//! A DBA's script: exactly the files that were approved, in a folder of its own, minded by a warden ([`crate::warden`]), heard within
//! bounds, and ended with all that it has started.

mod hearing;
mod job;

use super::{
    Work,
    ledger::Halt,
    reach::failed,
    steps::{Trouble, Undone},
};
use crate::{
    scripts::{self, Script},
    warden::{End as Ended, KILL, Status, TERM},
};
use dbdesk_cmdb::{Instance, ServiceGroup};
use dbdesk_commands::{
    lang::{Said, said},
    wire::entry::{Cause, Event},
};
use dbdesk_script::{Ending, Fault, Run, Secrets};
use dbdesk_store::{
    run::{End, Write},
    script_artifact,
};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use hearing::Hearing;
use job::{Job, Minded, Voice};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Between two looks at the time.
const TICK: Duration = Duration::from_millis(500);
/// After its end all that it said must be here within this.
const REST_LIMIT: Duration = Duration::from_secs(5);
/// An entry may take so long to be written while the script goes on; then it stands in the log alone.
const TELL_LIMIT: Duration = Duration::from_secs(3);

/// How scripts are run.
#[derive(Debug, Clone)]
pub struct Scripting {
    /// The folder that holds a folder for each.
    pub folder: PathBuf,
    /// The program that minds one: `dbdesk-warden`.
    pub warden: PathBuf,
    /// Told to end, a script has so long.
    pub grace_ms: u64,
}

impl Work<'_> {
    /// Runs it, if all is as it was approved.
    pub(super) async fn script(&mut self, run: &Run, approved: &str) -> Result<End, Halt> {
        if let Some(end) = self.gate().await? {
            return Ok(end);
        }
        let Some(group) = self.ledger.group(self.group).await? else {
            return Ok(failed(Cause::NotPrimary, None));
        };
        // What was approved is the text of these fields.
        if run.text() != approved || (&run.group, &run.environment) != (&group.name, &group.environment) {
            return Ok(failed(Cause::ContentChanged, None));
        }
        let Some(primary) = group.primary().cloned() else {
            return Ok(failed(Cause::NotPrimary, None));
        };
        let Some(scripting) = self.settings.scripting.clone() else {
            return Ok(
                self.script_failed(&Ending::NotStarted("this machine runs no scripts".to_owned()).said())
            );
        };
        let script = match approved_files(&scripting, run).await {
            Ok(script) => script,
            Err(why) => return Ok(self.script_failed(&why)),
        };
        if let Some(end) = self.sending_script(&primary).await? {
            return Ok(end);
        }
        self.minded(&scripting, (run, &script), (&group, &primary)).await
    }

    /// Runs one as a step of a workflow. One that broke off is run again.
    pub(super) async fn script_step(&mut self, run: &Run, group: &ServiceGroup) -> Result<(), Undone> {
        let primary = group
            .primary()
            .cloned()
            .ok_or_else(|| Trouble::stays(Said::fixed("there is no primary", "没有主库")))?;
        let scripting = self.settings.scripting.clone().ok_or_else(|| {
            Trouble::stays(Said::fixed("this machine runs no scripts", "这台机器不运行脚本"))
        })?;
        let script = approved_files(&scripting, run).await.map_err(Trouble::stays)?;
        match self.minded(&scripting, (run, &script), (group, &primary)).await? {
            End { end: TaskEnd::Succeeded, .. } => Ok(()),
            End { end: TaskEnd::Failed, last: Some(Event::ScriptFailed { why, .. }), .. } => {
                Err(Trouble::stays(why).into())
            }
            end => Err(Undone::Ended(Box::new(end))),
        }
    }

    /// Writes down that it is about to start; holds while it is asked to, and ends where that is wanted.
    async fn sending_script(&mut self, primary: &Instance) -> Result<Option<End>, Halt> {
        loop {
            self.ledger.proof().await?;
            let (total, instance) = (self.total, primary.to_string());
            let write = Write::Sending { index: 0, total, instance, connection: 0, kept: false, what: None };
            match self.ledger.write(write).await {
                Ok(()) => {
                    self.ledger.proof().await?;
                    return Ok(None);
                }
                Err(Halt::Asked) => self.hears().await?,
                Err(halt) => return Err(halt),
            }
            if let Some(end) = self.gate().await? {
                return Ok(Some(end));
            }
        }
    }

    /// Starts it, hears it to its end, and says how that was.
    async fn minded(
        &mut self,
        scripting: &Scripting,
        (run, script): (&Run, &Script),
        (group, primary): (&ServiceGroup, &Instance),
    ) -> Result<End, Halt> {
        let account = (run.secrets == Secrets::Primary).then(|| (self.settings.account)(&group.name));
        let lease = self.ledger.lease;
        let folder = self.settings.state_dir.join("scripts").join(format!("{}.{}", lease.task, lease.epoch));
        let secret = account.as_ref().map(|account| account.password.clone());
        let job = Job { folder, run, script, primary, account, ticket: lease.ticket };
        let mut hearing = Hearing::new(run.script.clone(), job.work(), secret);
        let started = Instant::now();
        let heard = match job.start(scripting).await {
            Ok(running) => self.heard_out(running, &mut hearing, (run, started)).await,
            Err(error) => Ok(Ending::NotStarted(error.to_string())),
        };
        job.clear();
        let ending = heard?;
        let total = self.total;
        let told = self.told_at_the_end(&mut hearing).await;
        if ending.is_well() {
            told?;
            let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let (affected_rows, warnings) = (0, Vec::new());
            let last = Event::StatementDone { index: 0, total, affected_rows, elapsed_ms, warnings };
            return Ok(End { end: TaskEnd::Succeeded, cause: None, last: Some(last) });
        }
        told?;
        let why = with_last_words(ending.said(), hearing.last_error());
        if matches!(ending, Ending::Cancelled { .. }) {
            let last = Some(Event::ScriptFailed { index: 0, total, why });
            return Ok(End { end: TaskEnd::Cancelled, cause: Some(Cause::Cancelled), last });
        }
        Ok(self.script_failed(&why))
    }

    /// Hears it until it has ended, and all that it had started.
    async fn heard_out(
        &mut self,
        (mut minded, mut voice): (Minded, Voice),
        hearing: &mut Hearing,
        (run, started): (&Run, Instant),
    ) -> Result<Ending, Halt> {
        let limit = Duration::from_secs(run.time_limit_s);
        let mut tick = tokio::time::interval(TICK);
        let (mut why, mut halt): (Option<Ending>, Option<Halt>) = (None, None);
        loop {
            tokio::select! {
                () = minded.ended() => break,
                said = voice.says() => {
                    let flows = hearing.takes(&said, started.elapsed(), &self.live);
                    if !flows && why.is_none() {
                        why = Some(Ending::Flood);
                        minded.tell(KILL).await;
                    }
                }
                _ = tick.tick() => {
                    self.live.progress(hearing.progress(self.total, started.elapsed()));
                    if why.is_none() && started.elapsed() >= limit {
                        why = Some(Ending::TimeLimit { limit_s: run.time_limit_s });
                        minded.tell(TERM).await;
                    }
                }
                seen = self.ledger.view.changed(), if halt.is_none() => {
                    if seen.is_err() {
                        halt = Some(Halt::Unwritten);
                        minded.tell(KILL).await;
                    }
                }
            }
            let view = *self.ledger.view.borrow();
            // Whoever has decided otherwise must not find it at work.
            if halt.is_none() && view.closed && self.ledger.points.fenced() {
                halt = Some(Halt::Fenced);
                minded.tell(KILL).await;
            }
            if halt.is_none() && why.is_none() && view.wish == Wish::Cancel {
                why = Some(Ending::Cancelled { by_force: false });
                minded.tell(TERM).await;
            }
            if halt.is_none()
                && let Some(event) = hearing.entry(started.elapsed())
                && let Err(closed) = self.told_shortly(hearing, event).await
            {
                halt = Some(closed);
                minded.tell(KILL).await;
            }
        }
        let status = minded.status().await;
        // What it wrote before it ended is still on its way.
        let rest = async {
            while let Some(said) = voice.said().await {
                let _ = hearing.takes(&said, started.elapsed(), &self.live);
            }
        };
        let _ = tokio::time::timeout(REST_LIMIT, rest).await;
        hearing.ends(&self.live);
        if let Some(halt) = halt {
            return Err(halt);
        }
        if let Some(left) = status.as_ref().map(|status| status.left).filter(|left| *left > 0) {
            self.live.line(&format!("{left} processes that it had left running were ended."));
        }
        Ok(ending(why, status))
    }

    /// Tells it while the script goes on; what can not be written in time stands in the log alone.
    async fn told_shortly(&mut self, hearing: &mut Hearing, event: Event) -> Result<(), Halt> {
        match tokio::time::timeout(TELL_LIMIT, self.tell(event.clone())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(halt @ (Halt::Fenced | Halt::Fault(_)))) => Err(halt),
            Ok(Err(_)) | Err(_) => {
                hearing.not_told(&event);
                Ok(())
            }
        }
    }

    /// What is left to be told: the last lines, what it has handed over, and what came of it.
    async fn told_at_the_end(&mut self, hearing: &mut Hearing) -> Result<(), Halt> {
        if let Some(event) = hearing.last_entry() {
            self.tell(event).await?;
        }
        for artifact in hearing.artifacts() {
            let (pool, lease, at) =
                (self.ledger.pen.pool().clone(), self.ledger.lease, self.ledger.clock.now());
            if !self.ledger.patiently(|| script_artifact::put(&pool, &lease, &artifact, at)).await? {
                return Err(Halt::Fenced);
            }
            let bytes = artifact.content.len() as u64;
            let script_artifact::Artifact { name, media_type, .. } = artifact;
            self.tell(Event::ScriptArtifact { name, media_type, bytes }).await?;
        }
        if let Some(event) = hearing.result() {
            self.tell(event).await?;
        }
        Ok(())
    }

    fn script_failed(&self, why: &Said) -> End {
        let last = Event::ScriptFailed { index: 0, total: self.total, why: why.clone() };
        failed(Cause::Script, Some(last))
    }
}

/// The files as they are now, if they are those that were approved.
async fn approved_files(scripting: &Scripting, run: &Run) -> Result<Script, Said> {
    let (folder, name) = (scripting.folder.clone(), run.script.clone());
    let read = tokio::task::spawn_blocking(move || scripts::script(&folder, &name)).await;
    match read {
        Ok(Ok(script)) if script.hash == run.files && script.manifest.run == run.run => Ok(script),
        Ok(Ok(_)) => Err(Ending::Changed.said()),
        Ok(Err(faults)) => Err(unreadable(&faults)),
        Err(error) => Err(Ending::NotStarted(error.to_string()).said()),
    }
}

fn unreadable(faults: &[Fault]) -> Said {
    let told = faults.first().map_or_else(|| Said::fixed("", ""), Fault::told);
    let Said { en, zh } = told;
    said!(
        "it is not any more as it was approved, so nothing was run ({en}). File it again",
        "已与批准时不同，因此没有运行（{zh}）。请重新提交"
    )
}

/// How it ended: as the desk ended it, else as it did by itself.
fn ending(why: Option<Ending>, status: Option<Status>) -> Ending {
    match (why, status) {
        (Some(Ending::Cancelled { .. }), status) => {
            Ending::Cancelled { by_force: status.is_none_or(|status| status.by_force) }
        }
        (Some(why), _) => why,
        (None, None) => Ending::Unwatched,
        (None, Some(status)) => match status.end {
            Ended::Exit(code) => Ending::Exit(code),
            Ended::Signal(number) => Ending::Signal(number),
            Ended::Processes => Ending::Processes,
            Ended::NotStarted(why) => Ending::NotStarted(why),
        },
    }
}

fn with_last_words(why: Said, last: Option<&str>) -> Said {
    let Some(last) = last else { return why };
    let Said { en, zh } = why;
    said!("{en}. The last line of its standard error: {last}", "{zh}。标准错误的最后一行：{last}")
}
