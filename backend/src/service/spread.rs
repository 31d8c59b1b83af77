//! Where the statements of a ticket run that names sharded tables: the inventory says on whose servers each of them lies.

use super::{
    Failure,
    refuse::{invalid, quoted},
    reviewing::size,
};
use crate::desk::Desk;
use dbdesk_cmdb::{
    GroupId, ServiceGroup, ShardedTable,
    sharded::{Shards, parent_of},
};
use dbdesk_commands::{
    lang::said,
    wire::problem::{Code, Refusal},
};
use dbdesk_review::{
    Script, Statement,
    questions::{changed_tables, tables_of},
    series::{self, Written},
    shape::{Shape, TableRef},
};
use dbdesk_store::{service_group, sharded_table};
use dbdesk_ticket::spread::{Shard, Spread};
use std::collections::{BTreeMap, BTreeSet};

/// A script on sharded tables of several service groups.
pub(super) struct Placed {
    /// Which statement runs where.
    pub(super) spread: Spread,
    /// The groups.
    pub(super) groups: BTreeMap<GroupId, ServiceGroup>,
}

/// Where one statement runs.
struct Home<'a> {
    shards: &'a Shards,
    number: &'a str,
    /// What it names besides, and is not clear as soon as others run elsewhere.
    unclear: Option<Unclear<'a>>,
}

#[derive(Clone, Copy)]
enum Unclear<'a> {
    /// A table without its database.
    Bare(&'a str),
    /// It changes one that is not sharded.
    Unsharded(&'a str),
}

/// The SQL with every `orders_{0000..0511}` written out to a statement for each number: what is reviewed, kept and run. A table of a
/// sharded table that has a place in the ticket's database is written with its own.
pub(super) async fn written(
    desk: &Desk,
    sql: String,
    place: Option<(&ServiceGroup, &str)>,
) -> Result<Written<'static>, Failure> {
    size(&sql)?;
    let names = if place.is_some() { series::first_names(&sql) } else { BTreeSet::new() };
    let parents = names.iter().filter_map(|name| parent_of(name)).map(str::to_owned).collect();
    let tables = match place {
        Some(place) => tables(desk, &parents, place).await?,
        None => BTreeMap::new(),
    };
    let home = move |name: &str| {
        let Some(table) = parent_of(name).and_then(|parent| tables.get(parent)) else {
            return series::Home::Unknown;
        };
        match table.place_of(name) {
            Some(Shards { group, database, .. }) => {
                series::Home::In { group: group.clone(), database: database.clone() }
            }
            None if table.names(name) => series::Home::Missing,
            None => series::Home::Unknown,
        }
    };
    let written =
        tokio::task::spawn_blocking(move || series::written_on(&sql, &home).map(Written::into_owned));
    Ok(written.await.map_err(anyhow::Error::from)??)
}

/// Those of these names that have a place in the ticket's database.
async fn tables(
    desk: &Desk,
    parents: &BTreeSet<String>,
    (group, database): (&ServiceGroup, &str),
) -> Result<BTreeMap<String, ShardedTable>, Failure> {
    if parents.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = sharded_table::named(&desk.store, parents).await?.into_iter();
    let here = found.filter(|table| table.lies_in(&group.name, database));
    Ok(here.map(|table| (table.name.clone(), table)).collect())
}

/// Where the statements run, where that is not all in the ticket's own group. Only tables count whose parent has a place in the ticket's
/// database, and that are named with theirs: so they are written out ([`written`]).
pub(super) async fn of(
    desk: &Desk,
    script: &Script,
    (group, database): (&ServiceGroup, &str),
) -> Result<Option<Placed>, Failure> {
    let names = script.statements().iter().flat_map(named);
    let parents = names.filter(|table| table.database.is_some());
    let parents: BTreeSet<String> =
        parents.filter_map(|table| parent_of(&table.table.text)).map(str::to_owned).collect();
    let tables = tables(desk, &parents, (group, database)).await?;
    if tables.is_empty() {
        return Ok(None);
    }
    let homes: Vec<Option<Home<'_>>> = script
        .statements()
        .iter()
        .map(|statement| home(script, statement, &tables))
        .collect::<Result<_, Refusal>>()?;
    if homes.iter().flatten().all(|home| home.shards.group == group.name) {
        return Ok(None);
    }
    let groups: BTreeSet<&str> = homes.iter().flatten().map(|home| home.shards.group.as_str()).collect();
    let groups = of_names(desk, group, &groups).await?;
    let spread = dealt(script, &homes, &groups)?;
    let groups = groups.into_values().collect();
    Ok(Some(Placed { spread, groups }))
}

fn named(statement: &Statement) -> impl Iterator<Item = &TableRef> {
    tables_of(&statement.shape).into_iter().chain(statement.queries.tables())
}

/// The place of the sharded tables that a statement names.
fn home<'a>(
    script: &'a Script,
    statement: &'a Statement,
    tables: &'a BTreeMap<String, ShardedTable>,
) -> Result<Option<Home<'a>>, Refusal> {
    let mut home: Option<Home<'a>> = None;
    for table in named(statement) {
        let Some(found) = lies(table, tables) else { continue };
        match &home {
            Some(known) if known.shards.group != found.shards.group => {
                return Err(apart(script, statement, (&known.shards.group, &found.shards.group)));
            }
            Some(_) => {}
            None => home = Some(found),
        }
    }
    if let Some(home) = &mut home {
        home.unclear = unclear(statement, tables);
    }
    Ok(home)
}

fn unclear<'a>(statement: &'a Statement, tables: &BTreeMap<String, ShardedTable>) -> Option<Unclear<'a>> {
    let bare = named(statement).find(|table| table.database.is_none());
    let bare = bare.map(|table| Unclear::Bare(&table.table.text));
    // What was set aside comes back by another name.
    let changed = match statement.shape {
        Shape::RenameTable(_) => Vec::new(),
        _ => changed_tables(&statement.shape),
    };
    let other = changed.into_iter().find(|table| lies(table, tables).is_none());
    bare.or(other.map(|table| Unclear::Unsharded(&table.table.text)))
}

fn lies<'a>(table: &'a TableRef, tables: &'a BTreeMap<String, ShardedTable>) -> Option<Home<'a>> {
    let (database, name) = (&table.database.as_ref()?.text, table.table.text.as_str());
    let shards = tables.get(parent_of(name)?)?.place_of(name)?;
    let number = name.strip_prefix(shards.stem.as_str())?;
    (shards.database == *database).then_some(Home { shards, number, unclear: None })
}

/// The groups with these names; all of the ticket's kind, since one review is made of all.
async fn of_names(
    desk: &Desk,
    own: &ServiceGroup,
    names: &BTreeSet<&str>,
) -> Result<BTreeMap<String, (GroupId, ServiceGroup)>, Failure> {
    let mut groups = BTreeMap::new();
    for name in names {
        let row = service_group::by_name(&desk.store, name).await?;
        let row = row.ok_or_else(|| anyhow::anyhow!("a sharded table lies in {name}, which is no group"))?;
        if row.group.flavour != own.flavour || row.group.environment != own.environment {
            return Err(unlike(own, &row.group).into());
        }
        groups.insert((*name).to_owned(), (row.id, row.group));
    }
    Ok(groups)
}

/// All statements of one number and group together, in the order in which their first one stands.
fn dealt(
    script: &Script,
    homes: &[Option<Home<'_>>],
    groups: &BTreeMap<String, (GroupId, ServiceGroup)>,
) -> Result<Spread, Refusal> {
    let (mut shards, mut at): (Vec<Shard>, BTreeMap<(GroupId, &str), usize>) = (Vec::new(), BTreeMap::new());
    for (statement, home) in script.statements().iter().zip(homes) {
        let Some(Home { shards: place, number, unclear }) = home else {
            return Err(elsewhere(script, statement));
        };
        match unclear {
            Some(Unclear::Bare(table)) => return Err(bare(script, statement, table)),
            Some(Unclear::Unsharded(table)) => return Err(unsharded(script, statement, table)),
            None => {}
        }
        let Some((group, _)) = groups.get(&place.group) else { continue };
        let index = u32::try_from(statement.index).unwrap_or(u32::MAX);
        let next = shards.len();
        let shard = *at.entry((*group, number)).or_insert(next);
        if let Some(shard) = shards.get_mut(shard) {
            shard.statements.push(index);
        } else {
            let database = place.database.clone();
            shards.push(Shard { group: *group, database, statements: vec![index] });
        }
    }
    Ok(Spread { shards })
}

fn line(script: &Script, statement: &Statement) -> usize {
    script.sql().get(..statement.span.start).map_or(1, |before| before.matches('\n').count() + 1)
}

fn apart(script: &Script, statement: &Statement, (one, other): (&str, &str)) -> Refusal {
    let (number, line) = (statement.index + 1, line(script, statement));
    invalid(said!(
        "Statement {number} (line {line}) names tables of “{one}” and of “{other}”; no server has both. Write a statement for the tables \
         of each.",
        "第 {number} 条语句（第 {line} 行）同时用到“{one}”和“{other}”的表，没有一台服务器同时有它们。请按服务组分别写语句。"
    ))
}

fn unsharded(script: &Script, statement: &Statement, table: &str) -> Refusal {
    let (number, line, table) = (statement.index + 1, line(script, statement), quoted(table));
    invalid(said!(
        "Statement {number} (line {line}) runs where a sharded table lies, and changes “{table}”, which is none: each of the servers may have \
         one of that name. File it as a ticket of its own on the service group that is meant.",
        "第 {number} 条语句（第 {line} 行）在分表所在的服务器上执行，却修改不是分表的“{table}”，各台服务器上可能都有同名的表。请在对应的服务组单独提交。"
    ))
}

fn bare(script: &Script, statement: &Statement, table: &str) -> Refusal {
    let (number, line, table) = (statement.index + 1, line(script, statement), quoted(table));
    invalid(said!(
        "Statement {number} (line {line}) runs beside a sharded table, in that one's database, and names “{table}” without a database. \
         Write it with its own, as `database.table`.",
        "第 {number} 条语句（第 {line} 行）在分表所在的库中执行，但“{table}”没有写库名。请写成 `库名.表名`。"
    ))
}

fn elsewhere(script: &Script, statement: &Statement) -> Refusal {
    let (number, line) = (statement.index + 1, line(script, statement));
    invalid(said!(
        "Other statements of this ticket change sharded tables in several service groups, beside each other; statement {number} (line {line}) \
         changes none of them, so when it would run is not clear. File it as a ticket of its own.",
        "本工单的其他语句修改分布在多个服务组的分表，会并行执行；第 {number} 条语句（第 {line} 行）不涉及这些分表，执行顺序无法确定。请单独提交。"
    ))
}

fn unlike(own: &ServiceGroup, other: &ServiceGroup) -> Refusal {
    Refusal::new(
        Code::Invalid,
        said!(
            "Some of the tables lie in “{name}” ({flavour}, {environment}), which is of another kind than “{own}” ({own_flavour}, \
             {own_environment}): one review can not speak for both. File a ticket for the tables of each.",
            "部分分表在“{name}”（{flavour}，{environment}）中，与“{own}”（{own_flavour}，{own_environment}）的类型不同，不能一起审核。请按服务组分别提交工单。",
            name = other.name,
            flavour = other.flavour,
            environment = other.environment,
            own = own.name,
            own_flavour = own.flavour,
            own_environment = own.environment
        ),
    )
}
