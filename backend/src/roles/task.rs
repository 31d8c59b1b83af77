//! `dbdesk task`: looks at tasks and steers them from a shell, through the API like everybody else. Ends with 0 when it was done, 1
//! when it was refused or failed, 2 when it was asked wrongly.

mod print;

use crate::{
    client::{Client, Trouble},
    config,
    roles::machine,
};
use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::{Lang, Said, said},
    wire::{
        cut_over::TicketCutOver,
        queue::{QueueView, TaskLog, TaskPage, Which},
        task::{Priority, TaskState, TaskView},
        throttle::{TicketThrottle, Typed},
        ticket::{TicketConfirm, TicketPrioritise, TicketUndo, TicketVerb, TicketView},
    },
};
use serde::Serialize;
use std::{collections::BTreeMap, path::Path, process::ExitCode, str::FromStr};

/// It was refused, or failed.
const REFUSED: u8 = 1;
/// It was asked wrongly.
const USAGE: u8 = 2;

/// `dbdesk task WHAT [--format text|json] [--lang en|zh-CN]`
#[derive(Debug, Args)]
pub struct TaskArgs {
    #[command(subcommand)]
    what: What,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Language of the answer
    #[arg(long, global = true, value_name = "en|zh-CN", default_value = "en", value_parser = lang)]
    lang: Lang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: as the API answers
    Json,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List tasks, newest first
    List {
        /// open, running, silent (not answering), ended or all
        #[arg(default_value = "open", value_parser = which)]
        which: Which,
        /// Only in this state
        #[arg(long, value_parser = state)]
        state: Option<TaskState>,
        /// Only of this service group
        #[arg(long)]
        group: Option<String>,
        /// Only on this machine
        #[arg(long)]
        host: Option<String>,
        /// Only older than this one
        #[arg(long)]
        before: Option<TaskId>,
        /// At most so many
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50), default_value_t = 50)]
        limit: u32,
    },
    /// Show one task
    Show {
        /// K-7, or T-42 for its newest task
        task: Named,
    },
    /// Show what happened to a task, and what its process said
    Log {
        /// K-7, or T-42 for its newest task
        task: Named,
    },
    /// Show what waits, what runs, and where
    Queue,
    /// Keep it from starting, or hold it between two statements
    Pause(OnTask),
    /// Let it start or go on
    Resume(OnTask),
    /// Stop it
    Cancel(OnTask),
    /// Set the lag and load above which its online change waits; what is left out is as configured
    Throttle {
        #[command(flatten)]
        on: OnTask,
        /// Seconds that a replica may be behind
        #[arg(long, value_name = "SECONDS")]
        max_lag: Option<String>,
        /// Threads that may run on the primary
        #[arg(long, value_name = "THREADS")]
        max_load: Option<String>,
    },
    /// Keep its copy of a table from taking the table's place
    HoldCutOver(OnTask),
    /// Let its copy of a table take the table's place
    CutOver {
        #[command(flatten)]
        on: OnTask,
        /// Not at once, but in a quiet window of the service group
        #[arg(long)]
        quiet: bool,
    },
    /// Start it now instead of at its time
    Run(Confirmed),
    /// Try it again from the statement that failed, or was next; of a lost one: that did not run
    Retry(Confirmed),
    /// The statement in which it was lost did run: go on after it
    Skip(Confirmed),
    /// File a ticket that takes it back
    Undo(OnTask),
    /// Move it before or behind others that are due
    Prioritise {
        #[command(flatten)]
        on: OnTask,
        /// high, normal or low
        #[arg(value_parser = priority)]
        priority: Priority,
    },
}

#[derive(Debug, Args)]
struct OnTask {
    /// K-7, or T-42 for its newest task
    task: Named,
}

#[derive(Debug, Args)]
struct Confirmed {
    #[command(flatten)]
    on: OnTask,
    /// The service group's name, where it destroys something or is lost
    #[arg(long, value_name = "GROUP")]
    confirm: Option<String>,
}

/// What a person names: a task, or a ticket for its newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Task(TaskId),
    Ticket(TicketId),
}

impl FromStr for Named {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let task = text.parse().map(Self::Task);
        let named = task.or_else(|_| text.parse().map(Self::Ticket));
        named.map_err(|_| "a task looks like K-7, a ticket like T-42".to_owned())
    }
}

fn lang(tag: &str) -> Result<Lang, String> {
    match tag {
        "en" => Ok(Lang::En),
        "zh" | "zh-CN" => Ok(Lang::Zh),
        _ => Err("known are en, zh-CN".to_owned()),
    }
}

fn which(word: &str) -> Result<Which, String> {
    Which::of_word(word).ok_or_else(|| known(Which::ALL.map(Which::word)))
}

fn state(word: &str) -> Result<TaskState, String> {
    TaskState::of_word(word).ok_or_else(|| known(TaskState::ALL.map(TaskState::word)))
}

fn priority(word: &str) -> Result<Priority, String> {
    Priority::of_word(word).ok_or_else(|| known(Priority::ALL.map(Priority::word)))
}

fn known<const N: usize>(words: [&str; N]) -> String {
    format!("known are {}", words.join(", "))
}

/// Asks the API that the configuration in `file`, and what `environment` says over it, names.
pub async fn run(args: TaskArgs, file: Option<&Path>, environment: &BTreeMap<String, String>) -> ExitCode {
    let client = config::client_only(file, environment).and_then(|(config, warnings)| {
        for warning in warnings {
            eprintln!("dbdesk: {warning}");
        }
        Client::new(&config, args.lang)
    });
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            eprintln!("dbdesk: {error:#}");
            return ExitCode::from(USAGE);
        }
    };
    let desk = Shell { client, format: args.format, lang: args.lang };
    match desk.work(args.what).await {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(refused) => {
            eprintln!("dbdesk: {refused}");
            ExitCode::from(REFUSED)
        }
    }
}

/// One call from a shell.
struct Shell {
    client: Client,
    format: Format,
    lang: Lang,
}

impl Shell {
    async fn work(&self, what: What) -> Result<String, String> {
        let lang = self.lang;
        match what {
            What::List { which, state, group, host, before, limit } => {
                let mut query = vec![("which", which.word().to_owned()), ("limit", limit.to_string())];
                query.extend(state.map(|state| ("state", state.word().to_owned())));
                query.extend(group.map(|group| ("service_group", group)));
                query.extend(host.map(|host| ("host", host)));
                query.extend(before.map(|before| ("before", before.to_string())));
                let page: TaskPage = self.told(self.client.get(&["tasks"], &query).await)?;
                self.shown(&page, |page| print::list(page, lang))
            }
            What::Show { task } => {
                let task = self.task(task).await?;
                self.shown(&task, |task| print::task(task, lang))
            }
            What::Log { task } => {
                let log = self.log(self.task(task).await?.id).await?;
                self.shown(&log, |log| print::log(log, lang))
            }
            What::Queue => {
                let queue: QueueView = self.told(self.client.get(&["queue"], &[]).await)?;
                self.shown(&queue, |queue| print::queue(queue, lang))
            }
            What::Pause(on) => self.steer(on.task, TicketVerb::Pause, &serde_json::json!({})).await,
            What::Resume(on) => self.steer(on.task, TicketVerb::Resume, &serde_json::json!({})).await,
            What::Cancel(on) => self.steer(on.task, TicketVerb::Cancel, &serde_json::json!({})).await,
            What::Throttle { on, max_lag, max_load } => {
                let body = TicketThrottle { max_lag_s: max_lag.map(Typed), max_load: max_load.map(Typed) };
                self.steer(on.task, TicketVerb::Throttle, &body).await
            }
            What::HoldCutOver(on) => {
                self.steer(on.task, TicketVerb::HoldCutOver, &serde_json::json!({})).await
            }
            What::CutOver { on, quiet } => {
                self.steer(on.task, TicketVerb::CutOver, &TicketCutOver { quiet }).await
            }
            What::Run(it) => self.confirmed(it, TicketVerb::Run).await,
            What::Retry(it) => self.confirmed(it, TicketVerb::Retry).await,
            What::Skip(it) => self.confirmed(it, TicketVerb::Skip).await,
            What::Undo(on) => self.steer(on.task, TicketVerb::Undo, &TicketUndo::default()).await,
            What::Prioritise { on, priority } => {
                self.steer(on.task, TicketVerb::Prioritise, &TicketPrioritise { priority }).await
            }
        }
    }

    async fn confirmed(&self, it: Confirmed, verb: TicketVerb) -> Result<String, String> {
        let body = TicketConfirm { sql_hash: None, confirm: it.confirm };
        self.steer(it.on.task, verb, &body).await
    }

    async fn steer(&self, named: Named, verb: TicketVerb, body: &impl Serialize) -> Result<String, String> {
        let ticket = match named {
            Named::Ticket(ticket) => ticket,
            Named::Task(task) => self.ticket_of(task).await?,
        };
        let id = ticket.0.to_string();
        let key = machine::chance().bytes::<16>().map_err(|error| format!("{error:#}"))?;
        let path = ["tickets", id.as_str(), verb.word()];
        let after: TicketView = self.told(self.client.post(&hex::encode(key), &path, body).await)?;
        self.shown(&after, |ticket| print::ticket(ticket, self.lang))
    }

    /// The ticket of a task that is its newest: what was meant for an old one must not meet a new one.
    async fn ticket_of(&self, task: TaskId) -> Result<TicketId, String> {
        let id = self.task(Named::Task(task)).await?.ticket;
        let ticket: TicketView = self.told(self.client.get(&["tickets", &id.0.to_string()], &[]).await)?;
        match ticket.task {
            Some(newest) if newest.id != task => Err(said!(
                "{task} is an old task of {id}; its newest is {newest}. Nothing was done. Name {id} or {newest}.",
                "{task} 是 {id} 的旧任务，最新的是 {newest}。没有执行任何操作。请指明 {id} 或 {newest}。",
                newest = newest.id
            )
            .in_lang(self.lang)
            .to_owned()),
            _ => Ok(id),
        }
    }

    async fn task(&self, named: Named) -> Result<TaskView, String> {
        match named {
            Named::Task(task) => self.told(self.client.get(&["tasks", &task.0.to_string()], &[]).await),
            Named::Ticket(id) => {
                let path = ["tickets", &id.0.to_string()];
                let ticket: TicketView = self.told(self.client.get(&path, &[]).await)?;
                let none = said!("{id} has no task yet: it is not approved.", "{id} 还没有任务：尚未批准。");
                ticket.task.ok_or_else(|| none.in_lang(self.lang).to_owned())
            }
        }
    }

    async fn log(&self, task: TaskId) -> Result<TaskLog, String> {
        let (mut whole, number) = (TaskLog::unread(task), task.0.to_string());
        for _ in 0..TaskLog::PAGES {
            whole.append(self.told(self.client.get(&["tasks", &number, "log"], &whole.after()).await)?);
            if !whole.more {
                break;
            }
        }
        Ok(whole)
    }

    fn shown<T: Serialize>(&self, value: &T, text: impl Fn(&T) -> String) -> Result<String, String> {
        match self.format {
            Format::Text => Ok(text(value)),
            Format::Json => serde_json::to_string_pretty(value)
                .map(|json| format!("{json}\n"))
                .map_err(|error| error.to_string()),
        }
    }

    fn told<T>(&self, answer: Result<T, Trouble>) -> Result<T, String> {
        answer.map_err(|trouble| match trouble {
            Trouble::Refused(problem) => format!("{} ({})", problem.detail, problem.code.word()),
            Trouble::Down(why) => {
                let Said { en, zh } = said!(
                    "the API does not answer ({why}). Look at `client.url`, and whether `dbdesk serve` runs.",
                    "API 没有响应（{why}）。请检查 `client.url`，以及 `dbdesk serve` 是否在运行。"
                );
                if self.lang == Lang::En { en.into_owned() } else { zh.into_owned() }
            }
            fault @ Trouble::Fault(_) => fault.to_string(),
        })
    }
}
