//! What became of a statement whose process vanished: the desk looks at what was kept before it was sent, beside how things are now, and
//! removes what a tool left. It never guesses: where neither fits, it says so.

use crate::{config::Config, kept};
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::{Clock, Time},
    id::TaskId,
    wire::entry::{Event, Ran, Seen},
};
use dbdesk_components::{
    mysql::{
        self,
        definition::definitions,
        online::{clean, is_free},
        rows,
        seen::last_seen,
    },
    osc::Job,
};
use dbdesk_executor::run::{copy_name, old_name};
use dbdesk_review::{
    facts::TableName,
    shape::{Action, Shape},
};
use dbdesk_store::{
    Pool, backup,
    chunk::{self, Course},
    definition::{self, Definition},
    entry,
    lost::{self, Lost},
    revision, service_group,
    set_aside::{self, SetAside},
    task,
};
use dbdesk_undo::definition::comparable;
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// In one look.
const BATCH: u32 = 20;
/// What was lost longer ago is a person's matter.
const LASTS: TimeDelta = TimeDelta::days(3);
const LIMIT: Duration = Duration::from_secs(10);
/// A tool may take so long to begin; one whose steering process is gone ends at its next chunk.
const TOOL_BEGINS: TimeDelta = TimeDelta::seconds(4);

/// Never ends.
pub(super) async fn settle(config: Config, store: Pool, clock: Clock) {
    loop {
        let since = clock.now() - LASTS;
        match lost::unsettled(&store, since, BATCH).await {
            Ok(all) => {
                for lost in all {
                    if let Err(error) = one(&config, &store, &clock, &lost).await {
                        tracing::debug!(task = %lost.task(), %error, "what became of its statement is not known yet");
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "lost tasks can not be looked for"),
        }
        if let Err(error) = folders(&config, &store).await {
            tracing::warn!(%error, "folders of online tools can not be looked through");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Removes the folders of tools whose process vanished: the account is written there.
async fn folders(config: &Config, store: &Pool) -> anyhow::Result<()> {
    let Ok(all) = std::fs::read_dir(config.control.state_dir.join("online")) else { return Ok(()) };
    for folder in all.flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        let task = name.strip_prefix('k').and_then(|name| name.split('_').next()?.parse().ok());
        let Some(task) = task else { continue };
        let over = task::get(store, TaskId(task)).await?.is_none_or(|task| task.state.is_final());
        if over {
            std::fs::remove_dir_all(folder.path())?;
        }
    }
    Ok(())
}

async fn one(config: &Config, store: &Pool, clock: &Clock, lost: &Lost) -> anyhow::Result<()> {
    let group = service_group::by_id(store, lost.group()).await?;
    let group = group.ok_or_else(|| anyhow::anyhow!("its group is gone"))?.group;
    let (host, port) = lost.instance.rsplit_once(':').ok_or_else(|| anyhow::anyhow!("no address"))?;
    let account = config.target.run_account(&group.name);
    let server = account.options(host, port.parse()?);
    // As long as the server still works on it, nothing is decided.
    match last_seen(&server, lost.connection_id, LIMIT).await.0 {
        Seen::Gone => {}
        seen => anyhow::bail!("its connection: {seen:?}"),
    }
    let cleaned = cleaned(config, store, clock, lost, &server).await?;
    let course = chunk::of_task(store, lost.task(), lost.in_flight).await?;
    let ran = found(config, store, clock.now(), (lost, course.as_ref(), &server)).await?;
    let event = Event::Found { index: lost.in_flight, ran, chunk: course.is_some(), cleaned };
    Ok(lost::found(store, lost, &event, clock.now()).await?)
}

/// Removes what a tool left, once it has had the time to do so itself.
async fn cleaned(
    config: &Config,
    store: &Pool,
    clock: &Clock,
    lost: &Lost,
    server: &MySqlConnectOptions,
) -> anyhow::Result<Vec<String>> {
    let is_online = revision::sql(store, lost.ticket(), lost.revision)
        .await?
        .is_some_and(|sql| sql.online.contains(&lost.in_flight));
    let kept = definition::of_statement(store, lost.task(), lost.in_flight).await?;
    let Some(table) = kept.first().filter(|_| is_online) else { return Ok(Vec::new()) };
    let tool = config.ddl.of_tasks().tool;
    let job = Job {
        database: table.database_name.clone(),
        table: table.table_name.clone(),
        copy: copy_name(lost.ticket().0, lost.task().0, lost.in_flight),
        ..Job::default()
    };
    let begins = clock.now() - lost.ended_at < TOOL_BEGINS;
    if begins || !is_free(server, &job.copy, LIMIT).await? {
        anyhow::bail!("its tool may still be at it");
    }
    let mut cleared = clean(server, &job.database, &tool.leavings(&job), LIMIT).await?;
    cleared.extend(old_set_aside(config, store, clock, (lost, table), server).await?);
    Ok(cleared)
}

/// The table as it was, if the tool came as far as to give it another name: known by its definition.
async fn old_set_aside(
    config: &Config,
    store: &Pool,
    clock: &Clock,
    (lost, table): (&Lost, &Definition),
    server: &MySqlConnectOptions,
) -> anyhow::Result<Option<String>> {
    let Some(schema) = config.ddl.set_aside_in() else { return Ok(None) };
    let old = format!("_{}_old", table.table_name);
    let name = |table: &str, database: &str| TableName {
        database: Some(database.to_owned()),
        table: table.to_owned(),
    };
    let both = [name(&table.table_name, &table.database_name), name(&old, &table.database_name)];
    let found = definitions(server, &both, LIMIT).await?;
    let body = |text: Option<&str>| {
        text.and_then(|text| comparable(text).split_once('\n').map(|(_, body)| body.to_owned()))
    };
    let [now, then] = [0, 1].map(|at| body(found.get(at).and_then(Option::as_deref)));
    let before = body(table.before_sql.as_deref());
    if then.is_none() || then != before || now == before {
        return Ok(None);
    }
    let aside = SetAside {
        task_id: lost.task().0,
        statement: lost.in_flight,
        kept_as: old_name((lost.ticket().0, lost.task().0), lost.in_flight, &table.table_name),
        kept_in: schema,
        database_name: table.database_name.clone(),
        table_name: table.table_name.clone(),
        back: String::new(),
    };
    set_aside::put(store, (lost.ticket(), lost.group()), &aside, clock.now()).await?;
    mysql::aside::keep(server, (&table.database_name, &old), (&aside.kept_in, &aside.kept_as), LIMIT).await?;
    Ok(Some(old))
}

/// By what was kept before it was sent.
async fn found(
    config: &Config,
    store: &Pool,
    now: Time,
    (lost, course, server): (&Lost, Option<&Course>, &MySqlConnectOptions),
) -> anyhow::Result<Ran> {
    let kept = definition::of_statement(store, lost.task(), lost.in_flight).await?;
    let asides = set_aside::of_statement(store, lost.task(), lost.in_flight).await?;
    let name = |database: &str, table: &str| TableName {
        database: Some(database.to_owned()),
        table: table.to_owned(),
    };
    if !asides.is_empty() && kept.is_empty() {
        let there: Vec<TableName> = asides.iter().map(|aside| name(&aside.kept_in, &aside.kept_as)).collect();
        let found = definitions(server, &there, LIMIT).await?;
        return Ok(of(found.iter().map(|found| (found.is_none(), found.is_some()))));
    }
    if !kept.is_empty() {
        let tables: Vec<TableName> =
            kept.iter().map(|kept| name(&kept.database_name, &kept.table_name)).collect();
        let found = definitions(server, &tables, LIMIT).await?;
        let same = kept
            .iter()
            .zip(&found)
            .all(|(kept, now)| kept.before_sql.as_deref().map(comparable) == now.as_deref().map(comparable));
        return Ok(match same {
            false => Ran::Yes,
            true if shows(store, lost).await? => Ran::No,
            // A table that is built anew looks as before.
            true => Ran::Unknown,
        });
    }
    rows_found(config, store, now, (lost, course, server)).await
}

/// Whether the statement, where it ran, shows in a definition for certain.
async fn shows(store: &Pool, lost: &Lost) -> anyhow::Result<bool> {
    let Some(sql) = revision::sql(store, lost.ticket(), lost.revision).await? else { return Ok(false) };
    let Ok(script) = dbdesk_review::read(&sql.text) else { return Ok(false) };
    // What takes back counts parts, not statements.
    let statement = script.statements().get(lost.in_flight as usize).filter(|_| !sql.takes_back);
    Ok(match statement.map(|statement| &statement.shape) {
        Some(Shape::RenameTable(_)) => true,
        Some(Shape::CreateTable(create)) => !create.if_not_exists && !create.or_replace,
        Some(Shape::AlterTable(alter)) => alter.ops.iter().any(|op| {
            matches!(
                op.action,
                Action::AddColumns(_, false)
                    | Action::AddKey(_, false)
                    | Action::DropColumn(_, false)
                    | Action::DropKey(_, false)
                    | Action::DropPrimaryKey
                    | Action::DropForeignKey(_)
                    | Action::DropConstraint(_)
                    | Action::RenameColumn(..)
                    | Action::RenameTable(_)
                    | Action::RenameKey(..)
            )
        }),
        _ => false,
    })
}

async fn rows_found(
    config: &Config,
    store: &Pool,
    now: Time,
    (lost, course, server): (&Lost, Option<&Course>, &MySqlConnectOptions),
) -> anyhow::Result<Ran> {
    if !entry::was_to_be_kept(store, (lost.ticket(), lost.task()), lost.in_flight).await? {
        return Ok(Ran::Unknown);
    }
    // Those of the chunks before it are committed.
    let first = course.map_or(0, |course| course.parts);
    let parts = backup::of_statement(store, lost.task(), (lost.in_flight, first)).await?;
    let images = match kept::images(&config.backup, lost.ticket(), parts, now).await {
        Ok(images) => images,
        Err(unread) if unread.passes() => return Err(unread.into()),
        Err(unread) => {
            tracing::warn!(task = %lost.task(), %unread, "what was kept of its statement can not be read");
            return Ok(Ran::Unknown);
        }
    };
    if images.is_empty() {
        // What is to be kept is kept before it is committed: it was not, or it touched nothing.
        return Ok(Ran::No);
    }
    let found = rows::now(server, &images, (LIMIT, LIMIT)).await?;
    let all = images.iter().zip(&found).flat_map(|(images, now)| {
        images.rows.iter().zip(now).map(|(row, now)| (*now == row.before, *now == row.after))
    });
    Ok(of(all))
}

/// Of each: whether it is as before, and whether it is as after.
fn of(all: impl Iterator<Item = (bool, bool)>) -> Ran {
    match all
        .fold((true, true), |(before, after), (is_before, is_after)| (before && is_before, after && is_after))
    {
        (true, false) => Ran::No,
        (false, true) => Ran::Yes,
        _ => Ran::Unknown,
    }
}
