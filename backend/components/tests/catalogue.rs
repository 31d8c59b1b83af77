//! The in-memory tables are those that a real server would have: random `CREATE` and `ALTER` statements run on one, and what
//! it accepts is applied to the catalogue; in the end the two must agree on every column and key.

use anyhow::{Context as _, Result, bail};
use dbdesk_components::mysql::facts::{Limits, gather};
use dbdesk_review::{
    Facts, Flavour, Question, Settings,
    facts::{Column, Key, KeyKind, Looked, Table, TableName},
    types::DefaultValue,
    world::World,
};
use lab::{MariaDb, MySql, Server};
use proptest::{
    collection::vec,
    prelude::any,
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::fmt::Write as _;

#[path = "catalogue/random.rs"]
mod random;

/// Tables that are made and changed on one server: always the same ones, so that a run can be repeated.
const TABLES: usize = 48;
/// The fewest statements that must have been compared for the test to say anything.
const ENOUGH: usize = 30;

fn name() -> TableName {
    TableName { database: Some("wild".into()), table: "t".into() }
}

/// What the server says of the table.
async fn told(options: &MySqlConnectOptions) -> Result<Option<Table>> {
    let facts = gather(options, &[Question::Table(name())], &Limits::default()).await?;
    Ok(match facts.tables.get(&name()) {
        Some(Looked::Found(table)) => Some(table.clone()),
        _ => None,
    })
}

/// What the catalogue says after these statements.
fn kept(statements: &[String], flavour: Flavour) -> Option<Table> {
    let script = dbdesk_review::read(&statements.join(";\n")).ok()?;
    let (facts, settings) =
        (Facts::default(), Settings { flavour, database: Some("wild".into()), ..Settings::default() });
    let mut world = World::new(&facts, &settings);
    for statement in script.statements() {
        world.apply(statement.index, &statement.shape);
    }
    match world.into_tables().remove(&name()) {
        Some(Looked::Found(table)) => Some(table),
        _ => None,
    }
}

/// A table as text, without what may differ: `int(11)` is `int`, `1.50` is `1.5`.
fn plain(table: &Table) -> String {
    let mut text = String::new();
    for column in &table.columns {
        _ = writeln!(text, "{}", plain_column(column));
    }
    let mut keys: Vec<String> = table.keys.iter().map(plain_key).collect();
    keys.sort();
    _ = write!(text, "{}\ncomment {:?}", keys.join("\n"), table.comment);
    text
}

fn plain_column(column: &Column) -> String {
    let of = &column.column_type;
    let length = of.length.filter(|length| *length > 0 && !of.kind.is_integer());
    let default = match &column.default {
        None | Some(DefaultValue::Null) => String::new(),
        Some(DefaultValue::Text(text) | DefaultValue::Bare(text)) => {
            text.parse::<f64>().map_or_else(|_| text.clone(), |number| number.to_string())
        }
        Some(DefaultValue::Now(digits)) => format!("now({digits})"),
        Some(DefaultValue::Expression(_)) => "expression".to_owned(),
    };
    format!(
        "{} {:?} {length:?} {:?} unsigned={} zerofill={} {:?} charset={:?} null={} default={default} update={} counts={} {:?} {:?} invisible={}",
        column.name,
        of.kind,
        of.decimals.unwrap_or(0),
        of.unsigned,
        of.zerofill,
        of.members,
        of.charset,
        column.nullable,
        column.on_update,
        column.auto_increment,
        column.generated,
        column.comment,
        column.invisible,
    )
}

fn plain_key(key: &Key) -> String {
    let parts: Vec<String> = key
        .parts
        .iter()
        .map(|part| {
            format!("{}({:?}){}", part.column, part.prefix, if part.descending { " desc" } else { "" })
        })
        .collect();
    let refers = key
        .references
        .as_ref()
        .map(|to| (to.table.table.clone(), to.columns.clone(), to.on_delete, to.on_update));
    let name = if key.kind == KeyKind::Foreign { "" } else { key.name.as_deref().unwrap_or("?") };
    format!(
        "{:?} {name} {} {refers:?} {:?} invisible={}",
        key.kind,
        parts.join(","),
        key.comment,
        key.invisible
    )
}

/// The lines that only one of the two has.
fn differing(real: &str, ours: &str) -> String {
    let only = |of: &str, other: &str| -> Vec<String> {
        of.lines().filter(|line| !other.lines().any(|known| known == *line)).map(str::to_owned).collect()
    };
    format!(
        "server: {:#?}\ncatalogue: {:#?}\nall of the server's:\n{real}",
        only(real, ours),
        only(ours, real)
    )
}

/// Random tables, the same in each run; gives the number of statements that were compared.
async fn compare(server: &Server, flavour: Flavour) -> Result<usize> {
    server
        .sql("CREATE DATABASE wild CHARACTER SET utf8mb4; CREATE TABLE wild.p (id INT PRIMARY KEY)")
        .await?;
    let options: MySqlConnectOptions = server.url("wild").parse()?;
    let mut connection = MySqlConnection::connect_with(&options).await?;
    let mut runner = TestRunner::deterministic();
    let strategy = vec(vec(any::<u16>(), 24), 4..12);
    let mut compared = 0;
    for _ in 0..TABLES {
        let tree = strategy.new_tree(&mut runner).map_err(anyhow::Error::msg)?;
        connection.execute("DROP TABLE IF EXISTS t").await?;
        let mut accepted: Vec<String> = Vec::new();
        for numbers in tree.current() {
            let table = if accepted.is_empty() { None } else { kept(&accepted, flavour) };
            let statement = random::statement(&mut random::Dice::new(&numbers), table.as_ref());
            if connection.execute(AssertSqlSafe(statement.clone())).await.is_err() {
                continue;
            }
            accepted.push(statement);
        }
        if accepted.is_empty() {
            continue;
        }
        let real = plain(&told(&options).await?.context("the server has no table")?);
        let ours = plain(&kept(&accepted, flavour).context("the catalogue has no table")?);
        if real != ours {
            bail!("{flavour}\n{};\n{}", accepted.join(";\n"), differing(&real, &ours));
        }
        compared += accepted.len();
    }
    Ok(compared)
}

#[tokio::test]
async fn random_changes_leave_the_tables_of_the_catalogue_as_those_of_a_mariadb() -> Result<()> {
    let compared = compare(&*MariaDb::start().await?, Flavour::mariadb(10, 11)).await?;
    assert!(compared >= ENOUGH, "only {compared} statements were compared");
    Ok(())
}

#[tokio::test]
async fn random_changes_leave_the_tables_of_the_catalogue_as_those_of_a_mysql() -> Result<()> {
    let compared = compare(&*MySql::start().await?, Flavour::mysql(9, 7)).await?;
    assert!(compared >= ENOUGH, "only {compared} statements were compared");
    Ok(())
}
