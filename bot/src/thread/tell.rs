//! One ticket, brought up to date. Every step can be the last: the next telling finds what was done.

use super::{Follower, Memory, TellError, place::Place};
use crate::{
    backend::{As, READ_LIMIT},
    reply::{
        card, lanes,
        message::{File, Message},
        story::{self, Mark, Told},
        task_page,
    },
    rest::{RestError, code},
    task_log,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::Lang,
    point::Point,
    wire::{
        card::CardBehind,
        entry::{Entry, Event, LogPage},
        script::ArtifactPage,
        ticket::TicketView,
    },
};
use serenity::model::id::ChannelId;
use std::collections::BTreeSet;

impl Follower {
    /// Tells what is new. A card or thread that somebody deleted is made anew, once.
    pub(super) async fn tell(&self, behind: &CardBehind, memory: &mut Memory) -> Result<(), TellError> {
        let id = behind.ticket;
        let mut place = behind.card.as_ref().map(Place::read).transpose()?;
        loop {
            let told = self.pages(id, &mut place, memory).await;
            let Err(TellError::Discord(error)) = &told else { return told };
            let Some(known) = place else { return told };
            if !(error.is(code::UNKNOWN_CHANNEL) || error.is(code::UNKNOWN_MESSAGE)) {
                return told;
            }
            if memory.remade {
                tracing::warn!(ticket = %id, "card or thread was deleted again; it is left so until the bot restarts");
                let newest = Place { told: behind.last_entry, ..known };
                return self.record(id, newest).await;
            }
            (memory.remade, memory.certain) = (true, false);
            tracing::warn!(ticket = %id, %error, "card or thread was deleted; making it anew");
            let ticket = self.ticket(id, memory).await?;
            place = Some(self.make_card(&ticket, memory, Some(known.message)).await?);
        }
    }

    async fn pages(
        &self,
        id: TicketId,
        place: &mut Option<Place>,
        memory: &mut Memory,
    ) -> Result<(), TellError> {
        loop {
            let after = place.map_or(0, |place| place.told);
            // The log first: the card then shows a state at least as new as what is told.
            let page = self.log(id, after).await?;
            let ticket = self.ticket(id, memory).await?;
            let mut here = match *place {
                Some(place) => place,
                None => self.make_card(&ticket, memory, None).await?,
            };
            *place = Some(here);
            let thread = if let Some(thread) = here.thread {
                thread
            } else {
                here = self.make_thread(&ticket, here).await?;
                *place = Some(here);
                here.thread.unwrap_or_else(|| ChannelId::new(here.message.get()))
            };
            self.post_new(thread, &page, &ticket, memory).await?;
            if page.entries.iter().any(|entry| matches!(entry.event, Event::Ended { .. })) {
                self.end_live(thread).await?;
            }
            if !page.more {
                self.rest.edit(here.channel, here.message, card::card(&ticket)).await?;
                self.points.at(Point::BotEdited);
            }
            here.told = here.told.max(page.cursor);
            self.record(id, here).await?;
            self.points.at(Point::BotRecorded);
            *place = Some(here);
            if !page.more {
                return Ok(());
            }
        }
    }

    /// The story has said how the work ended: what showed how far it was goes.
    async fn end_live(&self, thread: ChannelId) -> Result<(), TellError> {
        for message in self.rest.live(thread, self.own).await? {
            self.rest.delete(thread, message).await?;
        }
        Ok(())
    }

    /// Posts what the thread does not hold yet.
    async fn post_new(
        &self,
        thread: ChannelId,
        page: &LogPage,
        ticket: &TicketView,
        memory: &mut Memory,
    ) -> Result<(), TellError> {
        if page.entries.is_empty() {
            return Ok(());
        }
        let stands = if memory.certain { None } else { self.told_mark(thread).await? };
        let new: Vec<_> = page
            .entries
            .iter()
            .filter(|entry| stands.is_none_or(|mark| !tells(mark, entry.id.0)))
            .cloned()
            .collect();
        let ends = new.iter().filter(|entry| lanes::asks_for_log(entry, ticket));
        let mut ends: Vec<(u64, TaskId)> = ends.filter_map(|entry| Some((entry.id.0, entry.task?))).collect();
        let mut made: Vec<Made<'_>> = new.iter().filter_map(made).collect();
        for mut told in story::tell(&new, ticket, self.dbas) {
            // A message tells all entries up to its mark.
            let ended: Vec<_> = ends.extract_if(.., |(entry, _)| *entry <= told.mark.entry).collect();
            if stands.is_some_and(|mark| mark.covers(told.mark)) {
                continue;
            }
            for (_, task) in ended {
                told.message.files.extend(self.log_file(task).await?);
            }
            let made: Vec<_> = made.extract_if(.., |(entry, ..)| *entry <= told.mark.entry).collect();
            told.message.files.extend(self.artifacts(ticket.id, made).await?);
            // From here on, until it is recorded, what stands in the thread is not what is recorded.
            memory.certain = false;
            self.post_part(ticket.id, thread, told).await?;
            self.points.at(Point::BotPosted);
        }
        Ok(())
    }

    /// The log of a task that ended, where it is long: a file beside the entry that says so.
    async fn log_file(&self, task: TaskId) -> Result<Option<File>, TellError> {
        match task_log::whole(&self.backend, &As::Desk(Lang::default()), task).await {
            Ok(log) if task_page::is_long(&log.lines) => {
                let (name, bytes) = (task_page::file_name(task), task_page::file(&log.lines).into_bytes());
                Ok(Some(File { name, bytes }))
            }
            Ok(_) => Ok(None),
            Err(error) if error.may_pass() => Err(error.into()),
            // The story goes on without it.
            Err(error) => {
                tracing::error!(%task, %error, "the log of a task can not be read");
                Ok(None)
            }
        }
    }

    /// What scripts have handed over: files beside the entries that say so. Those whose time is over are left out.
    async fn artifacts(&self, id: TicketId, made: Vec<Made<'_>>) -> Result<Vec<File>, TellError> {
        let mut files = Vec::new();
        let tasks: BTreeSet<TaskId> = made.iter().map(|(_, task, _)| *task).collect();
        for task in tasks {
            let (path, number) = (id.0.to_string(), task.0.to_string());
            let query = [("task", number.as_str())];
            let page: Result<ArtifactPage, _> = self
                .backend
                .get(&As::Desk(Lang::default()), &["tickets", &path, "artifacts"], &query, READ_LIMIT)
                .await;
            let page = match page {
                Ok(page) => page,
                Err(error) if error.may_pass() => return Err(error.into()),
                Err(error) => {
                    tracing::error!(%task, %error, "what a script has handed over can not be read");
                    continue;
                }
            };
            let wanted = |name: &str| made.iter().any(|(_, of, made)| *of == task && *made == name);
            for artifact in page.artifacts.into_iter().filter(|artifact| wanted(&artifact.name)) {
                match STANDARD.decode(&artifact.base64) {
                    Ok(bytes) => files.push(File { name: artifact.name, bytes }),
                    Err(error) => tracing::error!(%task, %error, "an artifact is no base64"),
                }
            }
        }
        Ok(files)
    }

    /// A message that Discord will never take must not stop the story: a line takes its place.
    async fn post_part(&self, id: TicketId, thread: ChannelId, told: Told) -> Result<(), TellError> {
        let mark = told.mark;
        let without_files =
            (!told.message.files.is_empty()).then(|| Message { files: Vec::new(), ..told.message.clone() });
        let posted = match (self.rest.post(thread, told.message).await, without_files) {
            // The log of a task can be read otherwise; how it ended, and who is called, is to be said.
            (Err(RestError::Refused { status: status @ (400 | 403 | 413), code, message }), Some(rest)) => {
                tracing::warn!(ticket = %id, status, code, message, "Discord will not take a file of a story");
                self.rest.post(thread, rest).await
            }
            (posted, _) => posted,
        };
        match posted {
            Ok(_) => Ok(()),
            Err(RestError::Refused { status: status @ (400 | 413), code, message }) => {
                tracing::error!(ticket = %id, status, code, message, "Discord will not take a part of a story");
                self.rest.post(thread, story::left_out(id, mark)).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn log(&self, id: TicketId, after: u64) -> Result<LogPage, TellError> {
        let (id, after) = (id.0.to_string(), after.to_string());
        let query = [("after", after.as_str()), ("limit", "200")];
        Ok(self.backend.get(&As::Desk(Lang::default()), &["tickets", &id, "log"], &query, READ_LIMIT).await?)
    }

    /// The ticket with its review in the language of its card.
    async fn ticket(&self, id: TicketId, memory: &mut Memory) -> Result<TicketView, TellError> {
        let path = id.0.to_string();
        loop {
            let ticket: TicketView =
                self.backend.get(&As::Desk(memory.lang), &["tickets", &path], &[], READ_LIMIT).await?;
            if ticket.lang == memory.lang {
                return Ok(ticket);
            }
            memory.lang = ticket.lang;
        }
    }
}

/// Which entry, of which task, and what the file is called.
type Made<'a> = (u64, TaskId, &'a str);

fn made(entry: &Entry) -> Option<Made<'_>> {
    match &entry.event {
        Event::ScriptArtifact { name, .. } => Some((entry.id.0, entry.task?, name.as_str())),
        _ => None,
    }
}

/// Whether an entry is told completely by a thread that ends with `mark`.
fn tells(mark: Mark, entry: u64) -> bool {
    entry < mark.entry || (entry == mark.entry && mark.part == mark.parts)
}
