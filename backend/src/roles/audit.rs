//! `dbdesk audit verify|list`: whether the audit log is whole, and what stands in it.

use super::{machine, migrate};
use crate::config::Config;
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use dbdesk_commands::{
    id::TicketId,
    wire::audit::{AuditRow, SubjectKind},
};
use dbdesk_store::{
    Pool,
    audit::{self, Filter},
    person, ticket,
};
use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
};

/// What is verified.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Only from this row on; the one before it is believed
    #[arg(long, value_name = "ID", default_value_t = 1)]
    from: u64,
    /// A hash that was printed earlier and written down elsewhere: it must be among the rows
    #[arg(long, value_name = "HASH", value_parser = hash)]
    expect_head: Option<String>,
}

/// Which rows are listed.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only about this ticket
    #[arg(long, value_name = "T-1")]
    ticket: Option<TicketId>,
    /// Only by this person, or in his name
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only of this time until now: 7d, 12h, 10m
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<TimeDelta>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people: a line for each row.
    #[default]
    Text,
    /// For machines: a JSON object on a line for each row.
    Json,
}

fn hash(text: &str) -> Result<String, String> {
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { Ok(text.to_ascii_lowercase()) } else { Err("a hash has 64 hexadecimal digits".to_owned()) }
}

/// So many days at most.
const SINCE_DAYS_MOST: i64 = 36_500;

fn since(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "a time until now is written as 7d, 12h or 10m".to_owned();
    let (at, unit) = text.char_indices().next_back().ok_or_else(wrong)?;
    let number = text.get(..at).and_then(|digits| digits.parse::<u32>().ok()).ok_or_else(wrong)?;
    let length = match unit {
        'd' => TimeDelta::try_days(number.into()),
        'h' => TimeDelta::try_hours(number.into()),
        'm' => TimeDelta::try_minutes(number.into()),
        _ => None,
    };
    let length = length.filter(|length| *length > TimeDelta::zero()).ok_or_else(wrong)?;
    if length > TimeDelta::days(SINCE_DAYS_MOST) {
        return Err(format!("that is more than {SINCE_DAYS_MOST} days; leave --since out for all rows"));
    }
    Ok(length)
}

async fn store(config: &Config) -> Result<Pool> {
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, config).await?;
    Ok(store)
}

/// Looks at every row, and prints the head; exit 1 with the first row that is wrong.
pub async fn verify(config: Config, args: VerifyArgs) -> Result<ExitCode> {
    let store = store(&config).await?;
    let (newest, _) = audit::head(&store).await?;
    ensure!(
        args.from <= newest.max(1),
        "there is no row {}: the newest is {newest}, nothing was looked at",
        args.from
    );
    let verdict = audit::verify(&store, args.from, args.expect_head.as_deref()).await?;
    let (head, hash) = &verdict.head;
    match verdict.wrong {
        None => {
            println!("{} rows are whole. Head: row {head} {hash}", verdict.rows);
            Ok(ExitCode::SUCCESS)
        }
        Some(wrong) => {
            eprintln!("The audit log is not whole: {wrong}.");
            eprintln!("{} rows before that are. Head: row {head} {hash}", verdict.rows);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Rows that are read at a time.
const PAGE: u32 = 500;

/// Prints rows, oldest first.
pub async fn list(config: Config, args: ListArgs) -> Result<()> {
    let store = store(&config).await?;
    let person = match &args.person {
        Some(name) => {
            let person = person::by_name(&store, name).await?;
            Some(person.with_context(|| format!("there is no person “{name}”"))?.id)
        }
        None => None,
    };
    if let Some(id) = args.ticket {
        ensure!(ticket::get(&store, id).await?.is_some(), "there is no ticket {id}");
    }
    let since = args.since.map(|time| machine::clock().now() - time);
    let subject = args.ticket.map(|ticket| (SubjectKind::Ticket, ticket.to_string()));
    let mut filter = Filter { subject, person, since, after: 0, limit: PAGE };
    let mut out = std::io::stdout().lock();
    loop {
        let rows = audit::page(&store, &filter).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        filter.after = last.id;
        for row in &rows {
            match shown(&mut out, row, args.format) {
                // Whoever reads has read enough.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                done => done?,
            }
        }
    }
}

fn shown(out: &mut impl Write, row: &AuditRow, format: Format) -> std::io::Result<()> {
    match format {
        Format::Json => writeln!(out, "{}", serde_json::to_string(row)?),
        Format::Text => writeln!(out, "{}", line(row)),
    }
}

fn line(row: &AuditRow) -> String {
    let as_whom = row.as_whom.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
    let revision = row.revision.map(|revision| format!(" revision {revision}")).unwrap_or_default();
    let bytes = row.content_hash.as_ref().map(|hash| format!(" {hash}")).unwrap_or_default();
    let token = row.token.as_ref().map(|token| format!(" token {token}")).unwrap_or_default();
    let source = row.source.as_ref().map(|source| format!(" from {source}")).unwrap_or_default();
    format!(
        "{}\t{}\t{}\t{}{as_whom}\t{} {}{revision}{bytes}\tvia {}{token}{source}\t{}",
        row.id,
        row.at.format("%Y-%m-%d %H:%M:%S"),
        row.what.word(),
        row.actor,
        row.subject_kind.word(),
        row.subject,
        row.via.word(),
        row.detail
    )
}
