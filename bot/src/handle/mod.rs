//! What is done about each thing that can come: acknowledged first, then worked on, in a task of its own.

pub mod account_list;
pub mod account_renew;
pub mod account_request;
pub mod account_revoke;
pub mod account_rotate;
pub mod card_button;
pub mod cluster_add_replica;
pub mod cluster_backup;
pub mod cluster_build;
pub mod cluster_compare;
pub mod cluster_history;
pub mod cluster_list;
pub mod cluster_parameters;
pub mod cluster_remove_replica;
pub mod cluster_restart;
pub mod cluster_restore_table;
pub mod cluster_retire;
pub mod cluster_show;
pub mod cluster_switchover;
pub mod cluster_topology;
pub mod complete;
pub mod database_request;
pub mod delegate_add;
pub mod delegate_end;
pub mod delegate_list;
pub mod dns_remove;
pub mod dns_set;
pub mod dns_show;
pub mod emergency_list;
pub mod emergency_off;
pub mod emergency_on;
pub mod emergency_review;
pub mod freeze_list;
pub mod freeze_off;
pub mod freeze_on;
pub mod help;
pub mod instance_follow;
pub mod instance_parameters;
pub mod instance_read_only;
pub mod instance_show;
pub mod instance_start;
pub mod instance_stop;
pub mod link;
pub mod notice_button;
pub mod proxy_add;
pub mod proxy_drain;
pub mod proxy_hold;
pub mod proxy_point;
pub mod proxy_ready;
pub mod proxy_remove;
pub mod proxy_show;
pub mod proxy_weight;
pub mod queue;
pub mod restore_rows;
pub mod schedule_add;
pub mod schedule_list;
pub mod schedule_pause;
pub mod schedule_remove;
pub mod schedule_resume;
pub mod script_list;
pub mod script_run;
pub mod script_show;
pub mod sql_review;
pub mod sql_rules;
pub mod sql_submit;
pub mod task_cut_over;
pub mod task_list;
pub mod task_log;
pub mod task_prioritise;
pub mod task_show;
pub mod task_throttle;
pub mod ticket_amend;
pub mod ticket_approve;
pub mod ticket_cancel;
pub mod ticket_collect;
pub mod ticket_cut_over;
pub mod ticket_fix;
pub mod ticket_hold_cut_over;
pub mod ticket_list;
pub mod ticket_pause;
pub mod ticket_prioritise;
pub mod ticket_reject;
pub mod ticket_renew;
pub mod ticket_resume;
pub mod ticket_retry;
pub mod ticket_run;
pub mod ticket_send_to_dba;
pub mod ticket_show;
pub mod ticket_skip;
pub mod ticket_throttle;
pub mod ticket_undo;
pub mod ticket_withdraw;
pub mod unlink;
pub mod vip_move;
pub mod vip_release;
pub mod vip_show;
pub mod workflow_file;

use crate::{
    attachment::Attachments,
    backend::{As, Backend, BackendError},
    inbound::{
        Asker, Button, Command, Filled, Inbound, ScheduleVerb, What,
        access::Access,
        builds::{self, Build},
        parts::{Layer, Parts},
        scripts::Scripts,
    },
    reply::{message::Message, problem},
    rest::{Rest, RestError},
};
use dbdesk_commands::{
    clock::Clock,
    id::{TaskId, TicketId},
    lang::{Lang, Said, said},
    point::{Point, Points},
    wire::ticket::{TicketVerb, TicketView},
};
use serenity::model::application::ButtonStyle;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::sleep};

/// Interactions worked on at once; more are acknowledged and wait.
pub const AT_ONCE: usize = 64;
/// Tries of an answer that Discord did not take.
const ANSWER_WAITS_MS: [u64; 3] = [300, 1_000, 3_000];

/// What the handlers work with.
#[derive(Debug)]
pub struct Desk {
    /// Discord.
    pub rest: Arc<Rest>,
    /// The desk's API.
    pub backend: Backend,
    /// Files that people attach.
    pub attachments: Attachments,
    /// The time.
    pub clock: Clock,
    /// What happens between two messages.
    pub points: Points,
    /// Places for work.
    pub places: Semaphore,
}

/// A button's colour, and the sentence after it was pressed.
#[derive(Debug, Clone, Copy)]
pub struct ButtonWords {
    /// Its colour.
    pub style: ButtonStyle,
    /// What was done.
    pub done: fn(&TicketView) -> Said,
}

/// The words of a ticket's verb.
#[must_use]
pub fn words_of(verb: TicketVerb) -> ButtonWords {
    match verb {
        TicketVerb::Approve => ticket_approve::WORDS,
        TicketVerb::Reject => ticket_reject::WORDS,
        TicketVerb::SendToDba => ticket_send_to_dba::WORDS,
        TicketVerb::Amend => ticket_amend::WORDS,
        TicketVerb::Fix => ticket_fix::WORDS,
        TicketVerb::Withdraw => ticket_withdraw::WORDS,
        TicketVerb::Run => ticket_run::WORDS,
        TicketVerb::Pause => ticket_pause::WORDS,
        TicketVerb::Resume => ticket_resume::WORDS,
        TicketVerb::Cancel => ticket_cancel::WORDS,
        TicketVerb::Retry => ticket_retry::WORDS,
        TicketVerb::Skip => ticket_skip::WORDS,
        TicketVerb::Prioritise => ticket_prioritise::WORDS,
        TicketVerb::Throttle => ticket_throttle::WORDS,
        TicketVerb::HoldCutOver => ticket_hold_cut_over::WORDS,
        TicketVerb::CutOver => ticket_cut_over::WORDS,
        TicketVerb::Undo => ticket_undo::WORDS,
        TicketVerb::Collect => ticket_collect::WORDS,
        TicketVerb::Renew => ticket_renew::WORDS,
    }
}

impl Asker {
    /// On whose behalf the backend is asked.
    #[must_use]
    pub fn acting(&self) -> As {
        As::Person { user: self.user, lang: self.lang, interaction: self.interaction, channel: self.channel }
    }
}

/// Works on one interaction to its end, whatever happens in it.
pub async fn take(desk: Arc<Desk>, inbound: Inbound) {
    let (handle, lang) = (inbound.handle.clone(), inbound.asker.lang);
    let user = inbound.asker.user;
    let work = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { dispatch(&desk, &inbound).await }
    });
    match work.await {
        Ok(Err(error)) => tracing::warn!(%error, interaction = %handle.id, %user, "an answer did not arrive"),
        Err(fault) if fault.is_panic() => {
            tracing::error!(%fault, interaction = %handle.id, %user, "a handler panicked");
            let sorry = || problem::fault(lang);
            if desk.rest.answer(&handle, sorry()).await.is_err() {
                desk.rest.say(&handle, sorry()).await.ok();
            }
        }
        Ok(Ok(())) | Err(_) => {}
    }
}

async fn dispatch(desk: &Desk, inbound: &Inbound) -> Result<(), RestError> {
    let lang = inbound.asker.lang;
    let open = |modal| desk.rest.open_modal(&inbound.handle, modal);
    match &inbound.what {
        What::Complete(complete) => complete::offer(desk, inbound, complete).await,
        What::Command(Command::SqlSubmit(it, None)) => open(sql_submit::form(it, lang)).await,
        What::Command(Command::ScheduleAdd(it, None)) => open(schedule_add::form(it, lang)).await,
        What::Command(Command::SqlReview(it, None)) => open(sql_review::form(it, lang)).await,
        What::Button(Button::Card { form, id, title }) => {
            card_button::pressed(desk, inbound, *form, id, title).await
        }
        What::Build(Build { id, step: builds::Step::Open(page) }) => {
            cluster_build::open(desk, inbound, id, *page).await
        }
        What::Build(build) => {
            desk.rest.defer_update(&inbound.handle).await?;
            desk.points.at(Point::BotAcknowledged);
            let Ok(_place) = desk.places.acquire().await else { return Ok(()) };
            cluster_build::step(desk, inbound, build).await
        }
        What::Unknown(what) => {
            tracing::warn!(what, "an interaction of another version");
            desk.rest.say(&inbound.handle, unknown(lang)).await
        }
        What::Button(Button::TaskPage { list, before }) => {
            desk.rest.defer_update(&inbound.handle).await?;
            let answer = task_list::page(desk, &inbound.asker, list, Some(*before)).await;
            finish(desk, inbound, answer).await
        }
        What::Button(Button::Page { which, before }) => {
            desk.rest.defer_update(&inbound.handle).await?;
            let answer = ticket_list::page(desk, &inbound.asker, which, Some(*before)).await;
            finish(desk, inbound, answer).await
        }
        What::Button(Button::Schedules { which, before }) => {
            desk.rest.defer_update(&inbound.handle).await?;
            let answer = schedule_list::page(desk, &inbound.asker, which, Some(*before)).await;
            finish(desk, inbound, answer).await
        }
        What::Command(_) | What::Filled(_) | What::Button(Button::Restore { .. } | Button::Notice(_)) => {
            // What was not acknowledged is not done: the person sees that it failed, and will ask again.
            desk.rest.defer(&inbound.handle).await?;
            desk.points.at(Point::BotAcknowledged);
            work(desk, inbound).await
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a line for each command")]
async fn work(desk: &Desk, inbound: &Inbound) -> Result<(), RestError> {
    let Ok(_place) = desk.places.acquire().await else { return Ok(()) };
    let asker = &inbound.asker;
    let answer = match &inbound.what {
        What::Command(Command::SqlSubmit(it, Some(file))) => match desk.attachments.text(file).await {
            Ok(sql) => return sql_submit::file(desk, inbound, it, &sql).await,
            Err(said) => file_refused(&said, asker.lang),
        },
        What::Filled(Filled::Submit(it, sql)) => return sql_submit::file(desk, inbound, it, sql).await,
        What::Command(Command::SqlReview(it, Some(file))) => match desk.attachments.text(file).await {
            Ok(sql) => sql_review::review(desk, inbound, it, &sql).await,
            Err(said) => file_refused(&said, asker.lang),
        },
        What::Filled(Filled::Review(it, sql)) => sql_review::review(desk, inbound, it, sql).await,
        What::Filled(Filled::Card { form, id, text, more }) => {
            card_button::filled(desk, inbound, (*form, id), text, more).await
        }
        What::Command(Command::Access(it)) => match it {
            Access::Request(it) => return account_request::request(desk, inbound, it).await,
            Access::List { which, group } => account_list::list(desk, asker, which, group).await,
            Access::Renew { account, until, reason } => {
                return account_renew::renew(desk, inbound, account, until, reason).await;
            }
            Access::Rotate { account, hash, reason } => {
                return account_rotate::rotate(desk, inbound, account, hash, reason).await;
            }
            Access::Revoke { account, reason } => {
                return account_revoke::revoke(desk, inbound, account, reason).await;
            }
            Access::Database(it) => return database_request::request(desk, inbound, it).await,
        },
        What::Command(Command::Script(it)) => match it {
            Scripts::Run(it) => return script_run::run(desk, inbound, it).await,
            Scripts::List => script_list::list(desk, asker).await,
            Scripts::Show(name) => script_show::show(desk, asker, name).await,
        },
        What::Command(Command::Parts(it)) => match it {
            Parts::Change(it) => return workflow_file::file(desk, inbound, it).await,
            Parts::Show { layer: Layer::Proxies, group } => proxy_show::show(desk, asker, group).await,
            Parts::Show { layer: Layer::Vips, group } => vip_show::show(desk, asker, group).await,
            Parts::Show { layer: Layer::Names, group } => dns_show::show(desk, asker, group).await,
            Parts::Show { layer: Layer::Servers, group } => instance_show::show(desk, asker, group).await,
        },
        What::Command(Command::SqlRules(it)) => sql_rules::rules(desk, asker, it).await,
        What::Command(Command::TicketShow(ticket)) => ticket_show::show(desk, asker, ticket).await,
        What::Command(Command::TicketList(which)) => ticket_list::page(desk, asker, which, None).await,
        What::Command(Command::TicketAmend(it, file)) => {
            ticket_amend::amend(desk, inbound, it, file.as_ref()).await
        }
        What::Command(Command::TicketWithdraw(ticket)) => {
            ticket_withdraw::withdraw(desk, inbound, ticket).await
        }
        What::Command(Command::TaskList(list)) => task_list::page(desk, asker, list, None).await,
        What::Command(Command::TaskShow(task)) => task_show::show(desk, asker, task).await,
        What::Command(Command::TaskLog(task)) => task_log::log(desk, asker, task).await,
        What::Command(Command::TaskPrioritise(ticket, priority)) => {
            task_prioritise::prioritise(desk, inbound, ticket, priority).await
        }
        What::Command(Command::TaskThrottle(it)) => task_throttle::throttle(desk, inbound, it).await,
        What::Command(Command::TaskCutOver(ticket, when)) => {
            task_cut_over::cut_over(desk, inbound, ticket, when).await
        }
        What::Command(Command::Queue) => queue::show(desk, asker).await,
        What::Command(Command::ScheduleAdd(it, Some(file))) => match desk.attachments.text(file).await {
            Ok(sql) => schedule_add::add(desk, inbound, it, &sql).await,
            Err(said) => file_refused(&said, asker.lang),
        },
        What::Filled(Filled::Schedule(it, sql)) => schedule_add::add(desk, inbound, it, sql).await,
        What::Command(Command::ScheduleList(which)) => schedule_list::page(desk, asker, which, None).await,
        What::Command(Command::ScheduleSteer(verb, which)) => match verb {
            ScheduleVerb::Pause => schedule_pause::pause(desk, inbound, which).await,
            ScheduleVerb::Resume => schedule_resume::resume(desk, inbound, which).await,
            ScheduleVerb::Remove => schedule_remove::remove(desk, inbound, which).await,
        },
        What::Command(Command::RestoreRows(it)) => restore_rows::look(desk, inbound, it).await,
        What::Button(Button::Restore { what, id }) => restore_rows::file(desk, inbound, (*what, *id)).await,
        What::Command(Command::FreezeOn(it)) => freeze_on::on(desk, inbound, it).await,
        What::Command(Command::FreezeOff(which)) => freeze_off::off(desk, inbound, which).await,
        What::Command(Command::FreezeList) => freeze_list::list(desk, asker).await,
        What::Command(Command::ClusterBuild(it)) => cluster_build::begin(desk, inbound, it).await,
        What::Command(Command::ClusterList(group)) => cluster_list::list(desk, asker, group).await,
        What::Command(Command::ClusterShow(group)) => cluster_show::show(desk, asker, group).await,
        What::Command(Command::ClusterTopology(group)) => {
            cluster_topology::topology(desk, asker, group).await
        }
        What::Command(Command::ClusterHistory(group, at)) => {
            cluster_history::history(desk, asker, (group, at)).await
        }
        What::Command(Command::EmergencyOn(group, reason)) => {
            emergency_on::on(desk, inbound, group, reason).await
        }
        What::Command(Command::EmergencyOff(which)) => emergency_off::off(desk, inbound, which).await,
        What::Command(Command::EmergencyList) => emergency_list::list(desk, asker).await,
        What::Command(Command::EmergencyReview(which, text)) => {
            emergency_review::review(desk, inbound, which, text).await
        }
        What::Command(Command::DelegateAdd(it)) => delegate_add::add(desk, inbound, it).await,
        What::Command(Command::DelegateList) => delegate_list::list(desk, asker).await,
        What::Command(Command::DelegateEnd(which)) => delegate_end::end(desk, inbound, which).await,
        What::Command(Command::Link(name)) => link::link(desk, inbound, name).await,
        What::Command(Command::Unlink(person)) => unlink::unlink(desk, inbound, person).await,
        What::Button(Button::Notice(id)) => notice_button::press(desk, inbound, id).await,
        What::Command(Command::Help) => help::help(desk, asker).await,
        _ => unknown(asker.lang),
    };
    finish(desk, inbound, answer).await
}

/// Answers, again where Discord did not take it; when the fifteen minutes are over, a word in the channel says so.
pub async fn finish(desk: &Desk, inbound: &Inbound, answer: Message) -> Result<(), RestError> {
    desk.points.at(Point::BotAnswering);
    let mut waits = ANSWER_WAITS_MS.into_iter();
    loop {
        let error = match desk.rest.answer(&inbound.handle, answer.clone()).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        match (&error, waits.next()) {
            (RestError::Retry(_), Some(wait)) => sleep(Duration::from_millis(wait)).await,
            _ if error.is_too_late() => return too_late(desk, &inbound.asker).await,
            _ => return Err(error),
        }
    }
}

async fn too_late(desk: &Desk, asker: &Asker) -> Result<(), RestError> {
    let user = asker.user;
    let said = said!(
        "<@{user}> Your answer took longer than Discord waits. What was done is on the card; `/ticket list` finds it.",
        "<@{user}> 处理时间超过了 Discord 的等待上限。结果请看工单卡片，可用 `/ticket list` 查找。"
    );
    let message = Message { pings: vec![user], ..Message::text(said.in_lang(asker.lang)) };
    desk.rest.post(asker.channel, message).await.map(drop)
}

fn file_refused(said: &Said, lang: Lang) -> Message {
    problem::boxed(&Said::fixed("The file cannot be used", "这个文件不能用"), said, lang)
}

fn unknown(lang: Lang) -> Message {
    problem::boxed(
        &Said::fixed("This is of another version", "这是另一个版本的内容"),
        &Said::fixed(
            "The command or button does not belong to the bot that runs now. Nothing was done. Reload Discord \
             (Ctrl+R) and try again.",
            "这个命令或按钮不属于当前运行的机器人，什么都没有执行。请刷新 Discord（Ctrl+R）后再试。",
        ),
        lang,
    )
}

/// A ticket's number as a person types it.
pub fn ticket_id(text: &str, lang: Lang) -> Result<TicketId, Box<Message>> {
    text.parse().map_err(|_| {
        let shown = crate::reply::escape::code(text, 40);
        let said = said!(
            "{shown} is not a ticket's number. It looks like `T-42`; choose one from the list while you type.",
            "{shown} 不是工单号。工单号形如 `T-42`，输入时可以从列表里选。"
        );
        Box::new(problem::boxed(&Said::fixed("Which ticket?", "哪个工单？"), &said, lang))
    })
}

/// A task's number as a person types it.
pub fn task_id(text: &str, lang: Lang) -> Result<TaskId, Box<Message>> {
    text.parse().map_err(|_| {
        let shown = crate::reply::escape::code(text, 40);
        let said = said!(
            "{shown} is not a task's number. It looks like `K-42`; `/task list` shows them.",
            "{shown} 不是任务号。任务号形如 `K-42`，可以用 `/task list` 查看。"
        );
        Box::new(problem::boxed(&Said::fixed("Which task?", "哪个任务？"), &said, lang))
    })
}

/// The answer for an error, logged where it is our own.
#[must_use]
pub fn sorry(error: &BackendError, inbound: &Inbound) -> Message {
    let (interaction, user) = (inbound.handle.id, inbound.asker.user);
    match error {
        BackendError::Refused(problem) if problem.status < 500 && problem.status != 401 => {
            tracing::debug!(code = problem.code.word(), %interaction, %user, "refused");
        }
        _ => tracing::warn!(%error, %interaction, %user, "the backend failed"),
    }
    problem::of_error(error, inbound.asker.lang)
}
