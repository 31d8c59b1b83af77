//! A change of a table by a tool that copies it while everybody works with it. The tool is a process of its own below this one: it is told
//! every moment what to do ([`super::steer`]), and leaves everything as it was when it hears nothing any more.

use super::{
    Work,
    ledger::Halt,
    sending::{Ran, Stopped},
    tool::{Course, copy_name, failed, not_started, old_name, prepared, repeated, start, unseen},
};
use dbdesk_cmdb::Instance;
use dbdesk_commands::lang::said;
use dbdesk_components::{
    mysql::{
        aside,
        online::{clean, repeats},
        target::StatementError,
    },
    osc::{Job, alter::Online},
};
use dbdesk_store::set_aside::{self, SetAside};
use dbdesk_ticket::task::Wish;
use dbdesk_undo::field::full_name;
use sqlx::mysql::MySqlConnectOptions;
use std::{fs, time::Duration};

/// Looking for rows that a new unique key forbids may take so long.
const REPEATS_LIMIT: Duration = Duration::from_hours(1);

impl Work<'_> {
    /// Changes a table by the tool. Gives what came of it, and whether a person stopped it.
    pub(super) async fn online(
        &mut self,
        index: u32,
        online: &Online,
    ) -> Result<(Result<Ran, Stopped>, bool), Halt> {
        let Some(reached) = &mut self.reached else {
            return Ok((Err(StatementError::Lost("there is no session".into()).into()), false));
        };
        let (instance, server) = (reached.instance.clone(), reached.options.clone());
        let explains_as_tree = match reached.session.explains_as_tree().await {
            Ok(explains) => explains,
            Err(error) => return Ok((Err(error.into()), false)),
        };
        let limit = self.settings.connect_limit();
        if let Err(stopped) = self.unrepeated(online, &server).await {
            return Ok((Err(stopped), self.is_cancelled()));
        }
        if let (true, Some(reached)) = (online.counts_quietly, &mut self.reached) {
            // By a count that is old the tool may take a large table for a small one, and copy it in one go.
            let name = full_name(&online.database, &online.table);
            let _ = reached.session.wait_for_locks(self.settings.ddl.lock_wait_s).await;
            if let Err(error) = reached.session.run(&format!("ANALYZE NO_WRITE_TO_BINLOG TABLE {name}")).await
            {
                self.live.line(&format!("The table could not be counted anew: {error}"));
            }
        }
        let servers = self.servers().await?;
        let account = servers.account.clone();
        let watched = servers.watched(limit).await;
        let job = self.job(index, online, &instance, explains_as_tree);
        let tool = self.settings.ddl.tool.clone();
        let started = prepared(&job, &account, &*tool).and_then(|command| start(&command));
        let (mut child, mut lines) = match started {
            Ok(started) => started,
            Err(error) => {
                let _ = fs::remove_dir_all(&job.folder);
                return Ok((Err(Stopped::RolledBack(not_started(tool.program(), &error))), false));
            }
        };
        let mut course = Course::default();
        let work = (index, online, &job);
        let halted = self.steer(work, &*tool, (&mut child, &mut lines), &mut course, &watched).await;
        drop(watched);
        let cleaned = clean(&server, &job.database, &tool.leavings(&job), limit).await;
        let _ = fs::remove_dir_all(&job.folder);
        if let Err(error) = &cleaned {
            self.live.line(&format!("What the tool left could not be removed yet: {error}"));
        }
        halted?;
        if let Some(old) = course.old.take() {
            let note = self.put_aside(index, &job, &old).await;
            return Ok((Ok(Ran { note, ..Ran::default() }), false));
        }
        let cancelled = self.is_cancelled();
        Ok((Err(Stopped::RolledBack(failed(&course, tool.program(), cleaned.is_err()))), cancelled))
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.ledger.view.borrow().wish == Wish::Cancel
    }

    /// Whether no rows repeat that a new unique key forbids. A person who wants something else does not wait for the end of that.
    pub(super) async fn unrepeated(
        &self,
        online: &Online,
        server: &MySqlConnectOptions,
    ) -> Result<(), Stopped> {
        let (limit, place) =
            (self.settings.connect_limit(), (online.database.as_str(), online.table.as_str()));
        let looking = async {
            for parts in &online.unique {
                match repeats(server, place, parts, (limit, REPEATS_LIMIT)).await {
                    Ok(false) => {}
                    Ok(true) => return Err(Stopped::RolledBack(repeated(parts))),
                    Err(error) => return Err(Stopped::RolledBack(unseen(&error.to_string()))),
                }
            }
            Ok(())
        };
        let (mut view, mut stop) = (self.ledger.view.clone(), self.ledger.stop.clone());
        let asked = async {
            tokio::select! {
                _ = view.wait_for(|view| view.wish == Wish::Cancel || view.closed) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        };
        tokio::select! {
            looked = looking => looked,
            () = asked => Err(Stopped::RolledBack(said!("it was to end", "要求停止"))),
        }
    }

    fn job(&self, index: u32, online: &Online, instance: &Instance, explains_as_tree: bool) -> Job {
        let (ticket, task) = (self.ledger.lease.ticket.0, self.ledger.lease.task.0);
        Job {
            host: instance.host.clone(),
            port: instance.port,
            database: online.database.clone(),
            table: online.table.clone(),
            alter: online.alter.clone(),
            copy: copy_name(ticket, task, index),
            folder: self.settings.state_dir.join("online").join(format!("k{task}_{index}")),
            chunk: Duration::from_millis(self.settings.ddl.chunk_ms),
            lock_wait_s: self.settings.ddl.lock_wait_s,
            parent: std::process::id(),
            explains_as_tree,
        }
    }

    /// The table as it was is set aside, or dropped where nothing is. Gives what is to be said of it.
    async fn put_aside(&mut self, index: u32, job: &Job, old: &str) -> Option<String> {
        let (lease, limit) = (self.ledger.lease, self.settings.connect_limit());
        let server = self.reached.as_ref()?.options.clone();
        let done = match self.settings.ddl.set_aside_in.clone() {
            None => aside::drop_kept(&server, (&job.database, old), limit)
                .await
                .map_err(|error| error.to_string()),
            Some(kept_in) => self.noted_aside(index, job, old, kept_in, &server).await,
        };
        let error = done.err()?;
        tracing::warn!(task = %lease.task, table = old, %error, "an old table stays where it is");
        Some(format!("Note: the table as it was stays in {} as {old}: {error}", job.database))
    }

    /// Notes where it goes, and sets it aside.
    async fn noted_aside(
        &self,
        index: u32,
        job: &Job,
        old: &str,
        kept_in: String,
        server: &MySqlConnectOptions,
    ) -> Result<(), String> {
        let (lease, limit) = (self.ledger.lease, self.settings.connect_limit());
        let row = SetAside {
            task_id: lease.task.0,
            statement: index,
            kept_as: old_name((lease.ticket.0, lease.task.0), index, &job.table),
            kept_in,
            database_name: job.database.clone(),
            table_name: job.table.clone(),
            back: String::new(),
        };
        let (store, at) = (self.ledger.pen.pool().clone(), self.ledger.clock.now());
        let noted = set_aside::put(&store, (lease.ticket, self.group), &row, at).await;
        noted.map_err(|error| error.to_string())?;
        let kept = aside::keep(server, (&job.database, old), (&row.kept_in, &row.kept_as), limit).await;
        kept.map_err(|error| error.to_string())
    }
}
