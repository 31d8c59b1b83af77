//! How a statement should run, and why: what the server grants it, and the size of what it touches.
//!
//! The server's own word is the measure: a test beside `dbdesk_components` asks real servers for every algorithm of some
//! 170 statements, and no verdict may be better than what they grant.

mod column;
mod grant;
mod op;
mod said;
mod words;

use crate::{
    facts::KeyKind,
    judge::See,
    questions::changed_tables,
    shape::{Shape, TableRef},
};
use dbdesk_commands::{
    lang::Said,
    wire::review::{AffectedRows, Way},
};
use grant::{Grant, Server};
use op::Asked;
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;

/// A way to run, and the reason in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayJudged {
    /// The way.
    pub way: Way,
    /// Why.
    pub reason: Said,
    /// It is too much for the way in which the server itself would do it; a person looks at it.
    #[serde(default)]
    pub heavy: bool,
    /// It keeps the server busy for a while: a quiet window is the better time.
    #[serde(default)]
    pub busy: bool,
}

/// How the statement should run; `None` where nothing is known that would tell.
#[must_use]
pub fn of(see: &See<'_>) -> Option<WayJudged> {
    let judged = alone(see)?;
    let changed = changed_tables(&see.statement.shape).into_iter().next();
    let bytes = changed.and_then(|table| see.world.table(table)?.bytes);
    let large = bytes.is_some_and(|bytes| bytes > see.settings.limits.busy_bytes);
    let busy = match judged.way {
        Way::OnlineTool => true,
        Way::Direct | Way::MetadataOnly => false,
        Way::InPlace { .. } | Way::Copy | Way::Batch => large,
    };
    Some(WayJudged { busy, ..judged })
}

/// The way, whatever else the server has to do.
fn alone(see: &See<'_>) -> Option<WayJudged> {
    let shape = &see.statement.shape;
    match shape {
        Shape::AlterTable(alter) => {
            if see.world.made_by(&alter.table).is_some() {
                return Some(said::new_table(&alter.table));
            }
            let table = see.world.table(&alter.table);
            let server = Server { flavour: see.settings.flavour, patch: see.facts.patch };
            let asked = Asked { server, table, alter, sql: see.script.sql(), in_place: OnceCell::new() };
            let (grant, cause) = grant::together(asked.claims())?;
            Some(sized(see, &alter.table, grant, &cause))
        }
        Shape::CreateTable(create) if create.select.is_none() => Some(said::new_table(&create.table)),
        Shape::RenameTable(pairs) => pairs.first().map(|(old, _)| said::only_name(old)),
        Shape::Update(_) | Shape::Delete(_) | Shape::Insert(_) => rows(see),
        _ => None,
    }
}

/// How rows are changed: at once, or, where they are more than the limit, in batches.
fn rows(see: &See<'_>) -> Option<WayJudged> {
    let table = changed_tables(&see.statement.shape).into_iter().next()?;
    let most = see.settings.limits.affected_rows;
    match see.affected_rows()? {
        AffectedRows::Exactly(rows) if rows <= most => Some(said::direct(table, rows)),
        AffectedRows::Exactly(_) | AffectedRows::MoreThan(_) => Some(said::batch(table, most)),
    }
}

/// What the server grants, and what the table's size makes of it.
fn sized(see: &See<'_>, name: &TableRef, grant: Grant, cause: &Said) -> WayJudged {
    let limits = &see.settings.limits;
    let known = see.world.table(name);
    let bytes = known.and_then(|table| table.bytes);
    let most = match grant {
        Grant::Instant | Grant::Metadata => None,
        Grant::Scan | Grant::Rebuild => Some(limits.online_tool_bytes),
        Grant::ScanBlocked | Grant::RebuildBlocked | Grant::Copy => Some(limits.copy_bytes),
    };
    let about = said::About {
        table: name,
        cause,
        bytes,
        rows: known.and_then(|table| table.rows),
        flavour: see.settings.flavour,
    };
    let big = bytes.zip(most).is_some_and(|(bytes, most)| bytes > most);
    // The tool copies by the primary key or a unique one.
    let has_key = known.is_none_or(|table| {
        table.keys.iter().any(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique))
    });
    if big && has_key { about.tool(grant) } else { WayJudged { heavy: big, ..about.server(grant) } }
}

impl Grant {
    /// As a way to run.
    fn way(self) -> Way {
        match self {
            Self::Instant | Self::Metadata => Way::MetadataOnly,
            Self::Scan => Way::InPlace { rebuilds: false, permits_writes: true },
            Self::ScanBlocked => Way::InPlace { rebuilds: false, permits_writes: false },
            Self::Rebuild => Way::InPlace { rebuilds: true, permits_writes: true },
            Self::RebuildBlocked => Way::InPlace { rebuilds: true, permits_writes: false },
            Self::Copy => Way::Copy,
        }
    }
}
