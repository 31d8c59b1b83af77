//! Everything that can come from Discord, as a closed enum: what is not in it is answered as unknown.

use crate::{
    attachment::Attached,
    reply::{modal::ids, notices},
    rest::interactions::Handle,
};
pub mod access;
pub mod builds;
pub mod parts;
pub mod scripts;

use access::Access;
use builds::{Begin, Build};
use dbdesk_commands::{
    id::{ButtonId, RestoreId},
    lang::Lang,
    wire::{button::Form, restore::RestoreWhat},
};
use parts::Parts;
use scripts::Scripts;
use serenity::model::{
    application::{
        ActionRowComponent, ButtonKind, CommandInteraction, ComponentInteraction,
        ComponentInteractionDataKind, Interaction, ModalInteraction, ResolvedOption, ResolvedValue,
    },
    id::{ChannelId, InteractionId, UserId},
};

/// Who asks.
#[derive(Debug, Clone)]
pub struct Asker {
    /// His Discord user.
    pub user: UserId,
    /// His language, by his own client.
    pub lang: Lang,
    /// Where he asked.
    pub channel: ChannelId,
    /// With which interaction.
    pub interaction: InteractionId,
}

/// One interaction.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// How to answer it.
    pub handle: Handle,
    /// Who asks.
    pub asker: Asker,
    /// What.
    pub what: What,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A slash command.
    Command(Command),
    /// Choices for an option while it is typed.
    Complete(Complete),
    /// A button.
    Button(Button),
    /// A form that was filled in.
    Filled(Filled),
    /// A step of a request for a cluster.
    Build(Build),
    /// Something of another version of the bot.
    Unknown(String),
}

/// A slash command with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `/sql submit`
    SqlSubmit(Submit, Option<Attached>),
    /// `/sql review`
    SqlReview(Review, Option<Attached>),
    /// `/sql rules`
    SqlRules(Rules),
    /// `/ticket show`
    TicketShow(String),
    /// `/ticket list`
    TicketList(String),
    /// `/ticket amend`
    TicketAmend(Amend, Option<Attached>),
    /// `/ticket withdraw`
    TicketWithdraw(String),
    /// `/task list`
    TaskList(TaskList),
    /// `/task show`
    TaskShow(String),
    /// `/task log`
    TaskLog(String),
    /// `/task prioritise`: which ticket, and to where.
    TaskPrioritise(String, String),
    /// `/task throttle`
    TaskThrottle(Throttle),
    /// `/task cut-over`: which ticket, and when.
    TaskCutOver(String, String),
    /// `/queue`
    Queue,
    /// `/schedule add`
    ScheduleAdd(Recurring, Option<Attached>),
    /// `/schedule list`
    ScheduleList(String),
    /// `/schedule pause`, `resume`, `remove`: the verb, and which schedule.
    ScheduleSteer(ScheduleVerb, String),
    /// `/restore rows`
    RestoreRows(Restore),
    /// `/freeze on`
    FreezeOn(Freeze),
    /// `/freeze off`
    FreezeOff(String),
    /// `/freeze list`
    FreezeList,
    /// `/cluster build`
    ClusterBuild(Begin),
    /// `/cluster list`: with what in their name.
    ClusterList(String),
    /// `/cluster show`: which service group.
    ClusterShow(String),
    /// `/cluster topology`: which service group.
    ClusterTopology(String),
    /// `/cluster history`: of which service group, and at what time.
    ClusterHistory(String, String),
    /// `/emergency on`: on which service group, and why.
    EmergencyOn(String, String),
    /// `/emergency off`
    EmergencyOff(String),
    /// `/emergency list`
    EmergencyList,
    /// `/emergency review`: which, and what was found.
    EmergencyReview(String, String),
    /// `/delegate add`
    DelegateAdd(Delegate),
    /// `/delegate list`
    DelegateList,
    /// `/delegate end`
    DelegateEnd(String),
    /// `/link`: as whom.
    Link(String),
    /// `/unlink`: whom.
    Unlink(String),
    /// `/account …`, `/database …`
    Access(Access),
    /// `/script …`
    Script(Scripts),
    /// `/proxy …`, `/vip …`, `/dns …`, `/instance …` and the changes of `/cluster …`
    Parts(Parts),
    /// `/help`
    Help,
}

/// Which tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskList {
    /// Which of them, or nothing.
    pub which: String,
    /// Only of this service group, or nothing.
    pub group: String,
}

/// How much lag and load running work may meet, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Throttle {
    /// The ticket.
    pub ticket: String,
    /// Seconds, or nothing.
    pub lag: String,
    /// Threads, or nothing.
    pub load: String,
}

/// What a ticket needs beside its SQL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submit {
    /// The service group.
    pub group: String,
    /// The database.
    pub database: String,
    /// Why.
    pub reason: String,
    /// When.
    pub time: String,
    /// Where one of several numbered tables fails, it goes on with the next.
    pub goes_on: bool,
}

/// What a recurring ticket needs beside its SQL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recurring {
    /// What to call it.
    pub name: String,
    /// The service group.
    pub group: String,
    /// The database.
    pub database: String,
    /// When.
    pub cron: String,
    /// In which time zone, or nothing.
    pub zone: String,
    /// Why.
    pub reason: String,
}

/// What is done to a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleVerb {
    /// It rests.
    Pause,
    /// It goes on.
    Resume,
    /// It goes.
    Remove,
}

/// Which rows are looked for in the binary log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restore {
    /// The service group.
    pub group: String,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// From when.
    pub from: String,
    /// Until when, or nothing.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// Who stands in for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delegate {
    /// Who stands in.
    pub to: Option<UserId>,
    /// From when, or nothing.
    pub from: String,
    /// Until when.
    pub until: String,
    /// Why.
    pub reason: String,
    /// Who is away, if not the asker.
    pub person: Option<UserId>,
}

/// What a freeze needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freeze {
    /// The service group, or `all`.
    pub group: String,
    /// Why.
    pub reason: String,
    /// Until when, or nothing.
    pub until: String,
}

/// What an amendment needs beside its SQL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amend {
    /// The ticket.
    pub ticket: String,
    /// A new time, or nothing.
    pub time: String,
}

/// What a review needs beside its SQL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// The service group.
    pub group: String,
    /// The database.
    pub database: String,
}

/// Which rules of the review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// A rule, or nothing for all.
    pub name: String,
    /// The service group for which they are in force, or nothing.
    pub group: String,
}

/// An option that is being typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complete {
    /// Its name.
    pub option: String,
    /// What is there so far.
    pub typed: String,
    /// The group, where it is chosen already.
    pub group: String,
    /// The name, where it is chosen already.
    pub name: String,
    /// The command's first word.
    pub command: String,
    /// The command's second word.
    pub verb: String,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    /// On a ticket's card.
    Card {
        /// What it asks first.
        form: Form,
        /// Its opaque id.
        id: ButtonId,
        /// What is written on it and on its card, as the title of its form.
        title: String,
    },
    /// Of a notice.
    Notice(ButtonId),
    /// The next page of a list of tasks.
    TaskPage {
        /// Which list.
        list: TaskList,
        /// From where.
        before: u64,
    },
    /// Files what was looked at in a binary log.
    Restore {
        /// Which rows of it.
        what: RestoreWhat,
        /// Its number.
        id: RestoreId,
    },
    /// The next page of schedules.
    Schedules {
        /// Which list.
        which: String,
        /// From where.
        before: u64,
    },
    /// The next page of a list.
    Page {
        /// Which list.
        which: String,
        /// From where.
        before: u64,
    },
}

/// A form that was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filled {
    /// The form of `/sql submit`.
    Submit(Submit, String),
    /// The form of `/sql review`.
    Review(Review, String),
    /// The form of `/schedule add`.
    Schedule(Recurring, String),
    /// The form of a card's button.
    Card {
        /// Which form.
        form: Form,
        /// Of which button.
        id: ButtonId,
        /// What was typed.
        text: String,
        /// What was typed beside it: the time beside SQL, the load beside the lag; or nothing.
        more: String,
    },
}

/// Reads an interaction; pings do not come through a gateway.
#[must_use]
pub fn read(interaction: &Interaction) -> Option<Inbound> {
    let (user, locale, channel, what) = match interaction {
        Interaction::Command(it) => (it.user.id, &it.locale, it.channel_id, command(it)),
        Interaction::Autocomplete(it) => (it.user.id, &it.locale, it.channel_id, complete(it)),
        Interaction::Component(it) => (it.user.id, &it.locale, it.channel_id, button(it)),
        Interaction::Modal(it) => (it.user.id, &it.locale, it.channel_id, filled(it)),
        _ => return None,
    };
    let handle = Handle {
        id: interaction.id(),
        application: interaction.application_id(),
        token: interaction.token().to_owned(),
    };
    Some(Inbound {
        handle,
        asker: Asker { user, lang: Lang::of_locale(locale), channel, interaction: interaction.id() },
        what,
    })
}

/// The second word of a command and its options.
fn words<'a>(options: &'a [ResolvedOption<'a>]) -> (Option<&'a str>, &'a [ResolvedOption<'a>]) {
    match options {
        [ResolvedOption { name, value: ResolvedValue::SubCommand(inner), .. }] => (Some(name), inner),
        options => (None, options),
    }
}

fn text(options: &[ResolvedOption<'_>], name: &str) -> String {
    let found = options.iter().find(|option| option.name == name).map(|option| &option.value);
    match found {
        Some(ResolvedValue::String(text) | ResolvedValue::Autocomplete { value: text, .. }) => {
            (*text).to_owned()
        }
        _ => String::new(),
    }
}

fn user(options: &[ResolvedOption<'_>], name: &str) -> Option<UserId> {
    options.iter().find(|option| option.name == name).and_then(|option| match option.value {
        ResolvedValue::User(user, _) => Some(user.id),
        _ => None,
    })
}

fn file(options: &[ResolvedOption<'_>]) -> Option<Attached> {
    options.iter().find_map(|option| match option.value {
        ResolvedValue::Attachment(file) => {
            Some(Attached { name: file.filename.clone(), url: file.url.clone(), size: u64::from(file.size) })
        }
        _ => None,
    })
}

fn command(it: &CommandInteraction) -> What {
    let options = it.data.options();
    let (name, options) = words(&options);
    let of = |name| text(options, name);
    let place = || Review { group: of("group"), database: of("database") };
    What::Command(match (it.data.name.as_str(), name) {
        ("sql", Some("submit")) => {
            let Review { group, database } = place();
            let goes_on = of("on_failure") == "go_on";
            let submit = Submit { group, database, reason: of("reason"), time: of("time"), goes_on };
            Command::SqlSubmit(submit, file(options))
        }
        ("sql", Some("review")) => Command::SqlReview(place(), file(options)),
        ("sql", Some("rules")) => Command::SqlRules(Rules { name: of("name"), group: of("group") }),
        ("ticket", Some("show")) => Command::TicketShow(of("ticket")),
        ("ticket", Some("list")) => Command::TicketList(of("which")),
        ("ticket", Some("amend")) => {
            Command::TicketAmend(Amend { ticket: of("ticket"), time: of("time") }, file(options))
        }
        ("ticket", Some("withdraw")) => Command::TicketWithdraw(of("ticket")),
        ("task", Some("list")) => Command::TaskList(TaskList { which: of("which"), group: of("group") }),
        ("task", Some("show")) => Command::TaskShow(of("task")),
        ("task", Some("log")) => Command::TaskLog(of("task")),
        ("task", Some("prioritise")) => Command::TaskPrioritise(of("ticket"), of("priority")),
        ("task", Some("throttle")) => {
            Command::TaskThrottle(Throttle { ticket: of("ticket"), lag: of("lag"), load: of("load") })
        }
        ("task", Some("cut-over")) => Command::TaskCutOver(of("ticket"), of("when")),
        ("queue", None) => Command::Queue,
        ("schedule", Some("add")) => {
            let Review { group, database } = place();
            let (name, cron, zone, reason) = (of("name"), of("cron"), of("zone"), of("reason"));
            Command::ScheduleAdd(Recurring { name, group, database, cron, zone, reason }, file(options))
        }
        ("schedule", Some("list")) => Command::ScheduleList(of("which")),
        ("schedule", Some("pause")) => Command::ScheduleSteer(ScheduleVerb::Pause, of("schedule")),
        ("schedule", Some("resume")) => Command::ScheduleSteer(ScheduleVerb::Resume, of("schedule")),
        ("schedule", Some("remove")) => Command::ScheduleSteer(ScheduleVerb::Remove, of("schedule")),
        ("restore", Some("rows")) => {
            let Review { group, database } = place();
            let (table, reason) = (of("table"), of("reason"));
            let (from, until) = (of("from"), of("until"));
            Command::RestoreRows(Restore { group, database, table, from, until, reason })
        }
        ("freeze", Some("on")) => {
            let (reason, until) = (of("reason"), of("until"));
            Command::FreezeOn(Freeze { group: of("group"), reason, until })
        }
        ("freeze", Some("off")) => Command::FreezeOff(of("freeze")),
        ("freeze", Some("list")) => Command::FreezeList,
        ("cluster", Some("build")) => {
            let (name, environment, reason) = (of("name"), of("environment"), of("reason"));
            let (package, team, zone) = (of("package"), of("team"), of("zone"));
            Command::ClusterBuild(Begin { name, environment, reason, package, team, zone })
        }
        ("cluster", Some("list")) => Command::ClusterList(of("group")),
        ("cluster", Some("show")) => Command::ClusterShow(of("group")),
        ("cluster", Some("topology")) => Command::ClusterTopology(of("group")),
        ("cluster", Some("history")) => Command::ClusterHistory(of("group"), of("at")),
        ("emergency", Some("on")) => Command::EmergencyOn(of("group"), of("reason")),
        ("emergency", Some("off")) => Command::EmergencyOff(of("emergency")),
        ("emergency", Some("list")) => Command::EmergencyList,
        ("emergency", Some("review")) => Command::EmergencyReview(of("emergency"), of("text")),
        ("delegate", Some("add")) => {
            let (to, person) = (user(options, "to"), user(options, "person"));
            let (from, until, reason) = (of("from"), of("until"), of("reason"));
            Command::DelegateAdd(Delegate { to, from, until, reason, person })
        }
        ("delegate", Some("list")) => Command::DelegateList,
        ("delegate", Some("end")) => Command::DelegateEnd(of("delegation")),
        ("script", Some(name)) => match scripts::read(name, of) {
            Some(asked) => Command::Script(asked),
            None => return What::Unknown(format!("/script {name}")),
        },
        ("link", None) => Command::Link(of("name")),
        ("unlink", None) => Command::Unlink(of("person")),
        ("help", None) => Command::Help,
        (group @ ("account" | "database"), Some(name)) => {
            match access::read(group, name, |name| text(options, name)) {
                Some(asked) => Command::Access(asked),
                None => return What::Unknown(format!("/{group} {name}")),
            }
        }
        (group @ ("cluster" | "proxy" | "vip" | "dns" | "instance"), Some(name)) => {
            match parts::read(group, name, |name| text(options, name)) {
                Some(asked) => Command::Parts(asked),
                None => return What::Unknown(format!("/{group} {name}")),
            }
        }
        (group, name) => return What::Unknown(format!("/{group} {}", name.unwrap_or_default())),
    })
}

fn complete(it: &CommandInteraction) -> What {
    let options = it.data.options();
    let (verb, options) = words(&options);
    let typing = options.iter().find_map(|option| match option.value {
        ResolvedValue::Autocomplete { value, .. } => Some((option.name, value)),
        _ => None,
    });
    let (option, typed) = typing.unwrap_or_default();
    What::Complete(Complete {
        option: option.to_owned(),
        typed: typed.to_owned(),
        group: text(options, "group"),
        name: text(options, "name"),
        command: it.data.name.clone(),
        verb: verb.unwrap_or_default().to_owned(),
    })
}

fn button(it: &ComponentInteraction) -> What {
    let custom_id = it.data.custom_id.as_str();
    if let Some((which, before)) = custom_id.strip_prefix("list:").and_then(|rest| rest.split_once(':'))
        && let Ok(before) = before.parse()
    {
        return What::Button(Button::Page { which: which.to_owned(), before });
    }
    if let Some((list, before)) = task_page(custom_id) {
        return What::Button(Button::TaskPage { list, before });
    }
    if let Some((which, before)) = custom_id.strip_prefix("schedules:").and_then(|rest| rest.split_once(':'))
        && let Ok(before) = before.parse()
    {
        return What::Button(Button::Schedules { which: which.to_owned(), before });
    }
    if let Some((what, id)) = custom_id.strip_prefix("restore:").and_then(|rest| rest.split_once(':'))
        && let (Some(what), Ok(id)) = (RestoreWhat::of_word(what), id.parse())
    {
        return What::Button(Button::Restore { what, id });
    }
    let chosen = match &it.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.clone(),
        _ => Vec::new(),
    };
    if let Some(build) = builds::read(custom_id, chosen) {
        return What::Build(build);
    }
    if let Some((notices::BUTTON, id)) = custom_id.split_once(':')
        && is_button_id(id)
    {
        return What::Button(Button::Notice(ButtonId(id.to_owned())));
    }
    match of_card(custom_id) {
        Some((form, id)) => What::Button(Button::Card { form, id, title: title(it) }),
        None => What::Unknown(custom_id.to_owned()),
    }
}

/// `tasks:open:42` or `tasks:open:42:shop`.
fn task_page(custom_id: &str) -> Option<(TaskList, u64)> {
    let mut parts = custom_id.strip_prefix("tasks:")?.splitn(3, ':');
    let (which, before) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
    Some((TaskList { which, group: parts.next().unwrap_or_default().to_owned() }, before))
}

fn of_card(custom_id: &str) -> Option<(Form, ButtonId)> {
    let (form, id) = custom_id.split_once(':')?;
    is_button_id(id).then(|| Some((Form::of_word(form)?, ButtonId(id.to_owned()))))?
}

fn is_button_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// `Reject · T-42`, from the button and the card it is on.
fn title(it: &ComponentInteraction) -> String {
    let label = it.message.components.iter().flat_map(|row| &row.components).find_map(|part| match part {
        ActionRowComponent::Button(button) => match &button.data {
            ButtonKind::NonLink { custom_id, .. } if *custom_id == it.data.custom_id => button.label.clone(),
            _ => None,
        },
        _ => None,
    });
    let card = it.message.embeds.first().and_then(|embed| embed.title.as_deref()).unwrap_or_default();
    let ticket = card.split(" · ").next().unwrap_or_default();
    [label.as_deref().unwrap_or_default(), ticket]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn filled(it: &ModalInteraction) -> What {
    let of = |wanted: &str| {
        let inputs = it.data.components.iter().flat_map(|row| &row.components);
        let mut values = inputs.filter_map(|part| match part {
            ActionRowComponent::InputText(input) if input.custom_id == wanted => input.value.clone(),
            _ => None,
        });
        values.next().unwrap_or_default()
    };
    let inputs = it.data.components.iter().flat_map(|row| &row.components).filter_map(|part| match part {
        ActionRowComponent::InputText(input) => {
            Some((input.custom_id.clone(), input.value.clone().unwrap_or_default()))
        }
        _ => None,
    });
    if let Some(build) = builds::filled(&it.data.custom_id, inputs.collect()) {
        return What::Build(build);
    }
    What::Filled(match it.data.custom_id.as_str() {
        custom_id @ (ids::SUBMIT | ids::SUBMIT_GOES_ON) => {
            let (group, database) = (of(ids::GROUP), of(ids::DATABASE));
            Filled::Submit(
                Submit {
                    group,
                    database,
                    reason: of(ids::REASON),
                    time: of(ids::TIME),
                    goes_on: custom_id == ids::SUBMIT_GOES_ON,
                },
                of(ids::SQL),
            )
        }
        ids::REVIEW => {
            Filled::Review(Review { group: of(ids::GROUP), database: of(ids::DATABASE) }, of(ids::SQL))
        }
        ids::SCHEDULE => Filled::Schedule(recurring(of), of(ids::SQL)),
        custom_id => match of_card(custom_id) {
            Some((form, id)) => {
                let (input, more) = match form {
                    Form::Sql => (ids::SQL, ids::TIME),
                    Form::Name => (ids::NAME, ""),
                    Form::Limits => (ids::LAG, ids::LOAD),
                    Form::Reason | Form::Press => (ids::REASON, ""),
                };
                Filled::Card { form, id, text: of(input), more: of(more) }
            }
            None => return What::Unknown(custom_id.to_owned()),
        },
    })
}

/// A form has five lines: group and database stand in one, expression and time zone in another.
fn recurring(of: impl Fn(&str) -> String) -> Recurring {
    let (place, times) = (of(ids::PLACE), of(ids::TIME));
    let (group, database) = place.split_once('/').unwrap_or((&place, ""));
    let words: Vec<&str> = times.split_whitespace().collect();
    // What is not a zone stays with the expression, whose refusal shows it.
    let (cron, zone) = match words.split_last() {
        Some((last, five)) if five.len() == 5 => (five.join(" "), (*last).to_owned()),
        _ => (words.join(" "), String::new()),
    };
    Recurring {
        name: of(ids::NAME),
        group: group.trim().to_owned(),
        database: database.trim().to_owned(),
        cron,
        zone,
        reason: of(ids::REASON),
    }
}
