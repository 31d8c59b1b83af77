//! Where what a statement touched is kept: in our own database, or in a bucket with a row that says where.

use super::keep::{Backup, KEEP_LIMIT, Keeping, NotKept};
use dbdesk_commands::{
    clock::Clock,
    id::{TaskId, TicketId},
};
use dbdesk_components::s3::{Objects, S3Error, sha256_of};
use dbdesk_store::{
    Pool,
    backup::{self, Bytes, Object, Part},
    backup_object::{self, Planned},
    chunk::{self, Next},
    run::Lease,
};
use dbdesk_undo::{Images, Row, sealed::seal};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Bytes of values in one part of a backup.
const PART_BYTES: usize = 1 << 20;
const AGAIN: Duration = Duration::from_millis(300);

/// Where sealed bytes go. What is kept elsewhere by then stays there.
#[derive(Debug, Clone)]
pub enum Shelf {
    /// Into the row.
    Database,
    /// Into a bucket.
    Bucket(Arc<Objects>),
}

/// Where a part of a backup belongs: it opens nowhere else.
#[must_use]
pub fn place(ticket: TicketId, task: TaskId, statement: u32, part: u32) -> String {
    format!("{ticket}/{task}/{statement}/{part}")
}

/// Seals what a statement did and keeps it, with a limit. An object is written down, then put, then told by its part: what is put is
/// always known, and what is told is there. Gives how many parts that made.
pub(super) async fn keep(
    (store, clock): (&Pool, &Clock),
    Keeping { backup, chunk, .. }: &Keeping,
    (lease, statement): (&Lease, u32),
    images: &[Images],
) -> Result<u32, NotKept> {
    let first = chunk.as_ref().map_or(0, |chunk| chunk.parts);
    let mut parts = sealed(backup, (lease, statement, first), images)?;
    let since = Instant::now();
    if let (Some(chunk), false) = (chunk, parts.is_empty()) {
        let rows = images.iter().map(|images| images.rows.len() as u64).sum::<u64>();
        let next =
            Next { upto: chunk.upto.clone(), parts: first + parts.len() as u32, rows: chunk.rows + rows };
        let send = || async {
            let sent = chunk::sending(store, lease.task, statement, &next).await;
            sent.map_err(NotKept::Store)
        };
        insist(since, || NotKept::Time, send).await?;
    }
    if let Shelf::Bucket(objects) = &backup.shelf {
        let contents = moved(objects, lease, &mut parts);
        let planned: Vec<Planned<'_>> = parts.iter().filter_map(planned).collect();
        let plan = || async {
            let planned = backup_object::plan(store, lease.task, &planned, clock.now()).await;
            planned.map_err(NotKept::Store)
        };
        insist(since, || NotKept::Time, plan).await?;
        for (object, content) in planned.iter().zip(contents) {
            let put = || async {
                let put = objects.put(object.name, content.clone(), clock.now()).await;
                put.map_err(NotKept::Bucket)
            };
            insist(since, || NotKept::Bucket(S3Error::Time), put).await?;
        }
    }
    for part in &parts {
        let put = || async {
            let put = backup::put(store, (lease.ticket, lease.task), part, clock.now()).await;
            put.map_err(NotKept::Store)
        };
        insist(since, || NotKept::Time, put).await?;
    }
    Ok(parts.len() as u32)
}

/// Again and again while it may succeed later, until [`KEEP_LIMIT`] after `since`.
async fn insist<F: Future<Output = Result<(), NotKept>>>(
    since: Instant,
    late: impl Fn() -> NotKept,
    mut once: impl FnMut() -> F,
) -> Result<(), NotKept> {
    let mut last = late();
    loop {
        let Some(left) = KEEP_LIMIT.checked_sub(since.elapsed()) else { return Err(last) };
        match tokio::time::timeout(left, once()).await {
            Ok(Err(error)) if error.passes() => last = error,
            Ok(done) => return done,
            Err(_) => return Err(late()),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Takes the bytes out of the parts, which then say where they will be.
fn moved(objects: &Objects, lease: &Lease, parts: &mut [Part]) -> Vec<Vec<u8>> {
    let mut contents = Vec::new();
    for part in parts {
        let Bytes::Here(sealed) = &mut part.bytes else { continue };
        let content = std::mem::take(sealed);
        let sha256 = sha256_of(&content);
        part.bytes = Bytes::Away(Object {
            bucket: objects.bucket().to_owned(),
            name: objects.name(&place(lease.ticket, lease.task, part.statement, part.part), &sha256),
            size: content.len() as u32,
            sha256,
        });
        contents.push(content);
    }
    contents
}

fn planned(part: &Part) -> Option<Planned<'_>> {
    let Bytes::Away(Object { bucket, name, .. }) = &part.bytes else { return None };
    Some(Planned { statement: part.statement, part: part.part, bucket, name })
}

fn sealed(
    backup: &Backup,
    (lease, statement, first): (&Lease, u32, u32),
    images: &[Images],
) -> Result<Vec<Part>, NotKept> {
    let mut parts = Vec::new();
    for images in images {
        for rows in cut(&images.rows) {
            let part = first + parts.len() as u32;
            let images = Images { layout: images.layout.clone(), rows: rows.to_vec() };
            let place = place(lease.ticket, lease.task, statement, part);
            let nonce = (backup.chance)().ok_or(NotKept::NoChance)?;
            parts.push(Part {
                statement,
                part,
                table_name: format!("{}.{}", images.layout.database, images.layout.table),
                row_count: images.rows.len() as u32,
                key_name: backup.key.name().to_owned(),
                bytes: Bytes::Here(seal(&images, &backup.key, nonce, &place).map_err(NotKept::Closed)?),
            });
        }
    }
    Ok(parts)
}

/// Rows in pieces of about [`PART_BYTES`].
fn cut(rows: &[Row]) -> Vec<&[Row]> {
    let (mut pieces, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, row) in rows.iter().enumerate() {
        let size = row.bytes();
        if bytes > 0 && bytes + size > PART_BYTES {
            pieces.extend(rows.get(start..at));
            (start, bytes) = (at, 0);
        }
        bytes += size;
    }
    pieces.extend(rows.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}
