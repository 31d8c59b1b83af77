//! What the live servers say of a script: one service group's, or those of all groups that it is spread over.

use super::{reviewing::options, shadow, spread::Placed};
use crate::desk::Desk;
use dbdesk_cmdb::{GroupId, ServiceGroup};
use dbdesk_commands::wire::group::InstanceRole;
use dbdesk_components::mysql::{OpenError, facts};
use dbdesk_review::{
    Facts, Script,
    facts::{Question, TableName},
    questions::tables_of,
    shadow::Plan,
};
use futures_util::{StreamExt as _, stream};
use std::{collections::BTreeMap, time::Duration};

/// Groups that are asked at a time.
const AT_ONCE: usize = 8;

/// The groups that could not be asked, and why.
pub(super) type Unreachable = Vec<(String, OpenError)>;

/// Of one group, and what came of a trial of the script.
pub(super) async fn of_group(
    desk: &Desk,
    group: &ServiceGroup,
    (questions, plan): (Vec<Question>, Plan),
) -> (Facts, Unreachable) {
    let Some(primary) = group.primary() else { return (Facts::default(), vec![no_primary(group)]) };
    let (gathered, tried) =
        tokio::join!(gathered(desk, group, &questions), shadow::tried(desk, group, primary, plan));
    match gathered {
        Ok(live) => (Facts { shadow: tried, ..live }, Vec::new()),
        Err(error) => (Facts::default(), vec![(group.name.clone(), error)]),
    }
}

/// Of all groups, each asked about its own statements and tables. No trial is made: a review server has one group's tables.
pub(super) async fn of_all(
    desk: &Desk,
    first: &ServiceGroup,
    placed: &Placed,
    (script, questions): (&Script, Vec<Question>),
) -> (Facts, Unreachable) {
    let mut asked = dealt(placed, script, questions);
    let mut asking = Vec::new();
    for (id, group) in &placed.groups {
        if let Some(questions) = asked.remove(id) {
            asking.push(answered(desk, group, questions));
        }
    }
    let answers: Vec<_> = stream::iter(asking).buffer_unordered(AT_ONCE).collect().await;
    let (mut facts, mut unreachable) = (Facts { live: true, ..Facts::default() }, Vec::new());
    for (group, answer) in answers {
        match answer {
            Ok(live) => merge(&mut facts, live, group.name == first.name),
            Err(error) => unreachable.push((group.name.clone(), error)),
        }
    }
    facts.live = unreachable.is_empty();
    (facts, unreachable)
}

async fn answered<'a>(
    desk: &Desk,
    group: &'a ServiceGroup,
    questions: Vec<Question>,
) -> (&'a ServiceGroup, Result<Facts, OpenError>) {
    (group, gathered(desk, group, &questions).await)
}

/// To each group what is about its statements and their tables, in the database of its tables.
fn dealt(placed: &Placed, script: &Script, questions: Vec<Question>) -> BTreeMap<GroupId, Vec<Question>> {
    let home = placed.spread.groups();
    let database: BTreeMap<u32, &str> = placed
        .spread
        .shards
        .iter()
        .flat_map(|shard| shard.statements.iter().map(|index| (*index, shard.database.as_str())))
        .collect();
    let at = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let mut tables: BTreeMap<TableName, GroupId> = BTreeMap::new();
    for statement in script.statements() {
        if let Some(group) = home.get(&at(statement.index)) {
            tables.extend(tables_of(&statement.shape).into_iter().map(|table| (table.named(None), *group)));
        }
    }
    let mut dealt: BTreeMap<GroupId, Vec<Question>> = BTreeMap::new();
    for mut question in questions {
        let group = match &mut question {
            Question::Table(name) | Question::Along(name) => tables.get(name),
            Question::Syntax(ask)
            | Question::Explain(ask)
            | Question::Count(ask)
            | Question::Repeats(ask, _) => {
                ask.database = database.get(&at(ask.index)).map(|name| (*name).to_owned());
                home.get(&at(ask.index))
            }
        };
        if let Some(group) = group {
            dealt.entry(*group).or_default().push(question);
        }
    }
    dealt
}

fn merge(facts: &mut Facts, live: Facts, is_first: bool) {
    if is_first || facts.flavour.is_none() {
        (facts.flavour, facts.patch) = (live.flavour, live.patch);
    }
    facts.tables.extend(live.tables);
    facts.syntax.extend(live.syntax);
    facts.explained.extend(live.explained);
    facts.counted.extend(live.counted);
    facts.repeats.extend(live.repeats);
}

async fn gathered(desk: &Desk, group: &ServiceGroup, questions: &[Question]) -> Result<Facts, OpenError> {
    let Some(primary) = group.primary() else { return Err(no_primary(group).1) };
    let limits = facts::Limits {
        connect: Duration::from_millis(desk.config.target.connect_timeout_ms),
        total: Duration::from_millis(desk.config.review.live_timeout_ms),
        ..facts::Limits::default()
    };
    let live = options(desk, group, primary);
    // Counts and plans cost a server something: a replica bears it, where one follows closely.
    let replica = group.instances.iter().find(|instance| instance.role == InstanceRole::Replica);
    let replica = replica.map(|instance| options(desk, group, instance));
    let gathered = facts::gather_beside(&live, replica.as_ref(), questions, &limits).await;
    gathered.inspect_err(|error| {
        tracing::warn!(group = group.name, instance = %primary, %error, "a review could not ask the live server");
    })
}

fn no_primary(group: &ServiceGroup) -> (String, OpenError) {
    (group.name.clone(), OpenError::Unreachable("the inventory names no primary".to_owned()))
}
