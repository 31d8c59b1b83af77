//! A table as it was at a moment, beside the one that is there.

use super::{
    InstanceError, Place,
    backup::{BackupPlace, restored, whole, within},
    client::{Client, text},
    copy::{COPY_LIMIT, files::piped},
};
use crate::host::Command;
use chrono::{DateTime, Utc};
use dbdesk_commands::lang::{Said, said};
use dbdesk_undo::field::{full_name, quoted};
use sha2::{Digest as _, Sha256};
use std::{fmt::Write as _, time::Duration};

const MOST_NAME_CHARS: usize = 64;
/// Reading a table through.
const READ_LIMIT: Duration = Duration::from_hours(4);

/// Which table, as of when, and what it is called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
    /// The name it gets in the same database; there is none of that name.
    pub becomes: String,
    /// What was done before this moment is in it, to the second.
    pub until: DateTime<Utc>,
    /// By which ticket; it stands in the table's comment.
    pub by: String,
}

/// Restores a verified backup into a server of its own at `scratch`, has it do what `live`'s binary logs say up to the moment, and loads the
/// table into `live`, the primary, beside the original and never over it. Gives the number of rows. All that the logs say is done again, of
/// every table: what changes a table need not name its database. Foreign keys and triggers of the table stay behind.
///
/// # Errors
/// The backup is not verified, the logs do not reach back to it, the name is taken, or there was no such table then.
pub async fn restore_table(
    target: &BackupPlace<'_>,
    id: &str,
    live: &Place<'_>,
    scratch: &Place<'_>,
    restore: &Restore,
) -> Result<u64, InstanceError> {
    checked(restore)?;
    let client = Client::of(live).await?;
    if client.value("SELECT @@read_only").await? != "0" {
        return Err(InstanceError::Unusable(Said::fixed(
            "the server takes no writes: it is no primary",
            "这台服务器不接受写入，不是主库",
        )));
    }
    let becomes = full_name(&restore.database, &restore.becomes);
    if let Some(comment) = comment(&client, restore, &restore.becomes).await? {
        // What was done already is not done again.
        return if comment == restore.comment() {
            rows(&client, &becomes).await
        } else {
            Err(InstanceError::Exists(restore.becomes.clone()))
        };
    }
    let backup = whole(target, id).await?;
    if backup.verified_at.is_none() {
        return Err(InstanceError::Unusable(Said::fixed(
            "the backup was not verified",
            "该备份没有经过恢复验证",
        )));
    }
    if restore.until < backup.taken_at {
        return Err(InstanceError::Unusable(said!(
            "the backup {id} was taken after that moment",
            "备份 {id} 是在该时刻之后做的"
        )));
    }
    let part = restore.part();
    within(scratch, &backup, async |old, owner| {
        let gtid = restored(target, &backup, old, owner).await?;
        let first =
            (backup.source == format!("{}:{}", live.address, live.port)).then_some(backup.binlog.as_deref());
        replayed(&client, old, &gtid, first.flatten(), restore.until).await?;
        renamed(old, restore, &part).await?;
        loaded(old, &client, restore, &part).await
    })
    .await?;
    let part = full_name(&restore.database, &part);
    client.rows(&format!("RENAME TABLE {part} TO {becomes}")).await?;
    rows(&client, &becomes).await
}

impl Restore {
    /// What it is called until it is whole.
    fn part(&self) -> String {
        format!("_dbdesk_part_{}", hex::encode(&Sha256::digest(&self.becomes)[..8]))
    }

    fn comment(&self) -> String {
        let until = self.until.format("%Y-%m-%dT%H:%M:%SZ");
        format!("dbdesk {}: {} as of {until}", self.by, self.table)
    }
}

fn checked(restore: &Restore) -> Result<(), InstanceError> {
    let plain = |name: &str| {
        (1..=MOST_NAME_CHARS).contains(&name.chars().count())
            && !name.chars().any(|c| c.is_control() || "\\/'`".contains(c))
            && !name.ends_with(' ')
    };
    let own = ["mysql", "sys", "performance_schema", "information_schema"];
    let all = [&restore.database, &restore.table, &restore.becomes, &restore.by];
    if !all.into_iter().all(|name| plain(name))
        || own.contains(&&*restore.database.to_ascii_lowercase())
        || restore.table.to_lowercase() == restore.becomes.to_lowercase()
    {
        return Err(InstanceError::Unusable(Said::fixed(
            "the names are not usable: the table gets another name, in a database of people's",
            "名称不可用：恢复出的表须另取名称，且不能在系统库中",
        )));
    }
    Ok(())
}

/// The comment of a table; nothing, where it is not there.
async fn comment(
    client: &Client<'_>,
    restore: &Restore,
    table: &str,
) -> Result<Option<String>, InstanceError> {
    let ask = format!(
        "SELECT table_comment FROM information_schema.tables WHERE table_schema = {} AND table_name = {}",
        text(&restore.database),
        text(table)
    );
    let rows = client.rows(&ask).await?;
    Ok(rows.into_iter().next().map(|row| row.into_iter().next().unwrap_or_default()))
}

async fn rows(client: &Client<'_>, table: &str) -> Result<u64, InstanceError> {
    let rows = client.rows_within(&format!("SELECT COUNT(*) FROM {table}"), READ_LIMIT).await?;
    let count = rows.first().and_then(|row| row.first()?.parse().ok());
    count.ok_or_else(|| InstanceError::Nonsense("it does not say how many rows there are".to_owned()))
}

/// What the live server has done since the backup, up to the moment, is done by the old one.
async fn replayed(
    live: &Client<'_>,
    old: &Client<'_>,
    gtid: &str,
    first: Option<&str>,
    until: DateTime<Utc>,
) -> Result<(), InstanceError> {
    // What is written now is in a file that nobody writes to any more.
    live.rows("FLUSH LOCAL BINARY LOGS").await?;
    let logs = live.rows("SHOW BINARY LOGS").await?;
    let names: Vec<String> = logs.into_iter().filter_map(|row| row.into_iter().next()).collect();
    let skipped = first.and_then(|first| names.iter().position(|name| name == first)).unwrap_or_default();
    let place = live.place;
    let mut words = vec!["env".to_owned(), "TZ=UTC".to_owned()];
    words.push(live.programs.of("mariadb-binlog", "mysqlbinlog"));
    words.push("--no-defaults".to_owned());
    words.push("--disable-log-bin".to_owned());
    words.push(format!("--stop-datetime={}", until.format("%Y-%m-%d %H:%M:%S")));
    if live.programs.flavour.is_mariadb() {
        if !gtid.is_empty() {
            words.push(format!("--start-position={gtid}"));
        }
    } else {
        let lost = format!("SELECT GTID_SUBTRACT(@@gtid_purged, {})", text(gtid));
        if !live.value(&lost).await?.is_empty() {
            return Err(InstanceError::Gone("binary log that begins where the backup ends".to_owned()));
        }
        words.push("--skip-gtids".to_owned());
        words.push(format!("--exclude-gtids={gtid}"));
    }
    words.extend(names.iter().skip(skipped).map(|name| place.at(&format!("data/{name}"))));
    let says = Command::new(words).limit(COPY_LIMIT);
    let reads = Command::new(old.reads()).limit(COPY_LIMIT);
    let done = piped((place.host, &says), (old.place.host, &reads)).await;
    done.map_err(|error| place.failed(error))
}

/// The old server's table gets the name under which it comes, and leaves behind what names others.
async fn renamed(old: &Client<'_>, restore: &Restore, part: &str) -> Result<(), InstanceError> {
    let (database, table) = (&restore.database, &restore.table);
    if comment(old, restore, table).await?.is_none() {
        return Err(InstanceError::Gone(format!("{database}.{table} at that moment")));
    }
    let keys = old
        .rows(&format!(
            "SELECT constraint_name FROM information_schema.table_constraints WHERE constraint_type = 'FOREIGN KEY' \
             AND table_schema = {} AND table_name = {}",
            text(database),
            text(table)
        ))
        .await?;
    let name = full_name(database, table);
    let mut sql = "SET SESSION sql_log_bin = 0, foreign_key_checks = 0;\n".to_owned();
    for key in keys.iter().filter_map(|row| row.first()) {
        let _ = writeln!(sql, "ALTER TABLE {name} DROP FOREIGN KEY {};", quoted(key));
    }
    let _ = writeln!(sql, "ALTER TABLE {name} COMMENT = {};", text(&restore.comment()));
    let _ = writeln!(sql, "RENAME TABLE {name} TO {};", full_name(database, part));
    old.rows_within(&sql, READ_LIMIT).await.map(drop)
}

/// The old server's table comes to the live one, and is there what it was.
async fn loaded(
    old: &Client<'_>,
    live: &Client<'_>,
    restore: &Restore,
    part: &str,
) -> Result<(), InstanceError> {
    let mut words = old.words(old.programs.of("mariadb-dump", "mysqldump"));
    words.extend(
        ["--single-transaction", "--quick", "--skip-triggers", "--hex-blob", "--skip-lock-tables"]
            .map(String::from),
    );
    words.push("--default-character-set=utf8mb4".to_owned());
    if !old.programs.flavour.is_mariadb() {
        words.push("--set-gtid-purged=OFF".to_owned());
    }
    words.extend(["--".to_owned(), restore.database.clone(), part.to_owned()]);
    let says = Command::new(words).limit(COPY_LIMIT);
    let mut reads = live.reads();
    reads.extend(["--".to_owned(), restore.database.clone()]);
    let reads = Command::new(reads).limit(COPY_LIMIT);
    let done = piped((old.place.host, &says), (live.place.host, &reads)).await;
    done.map_err(|error| live.place.failed(error))?;
    let ask = format!("CHECKSUM TABLE {}", full_name(&restore.database, part));
    let (was, is) = (old.rows_within(&ask, READ_LIMIT).await?, live.rows_within(&ask, READ_LIMIT).await?);
    if was == is { Ok(()) } else { Err(InstanceError::NotTaken(format!("its rows are {is:?}, not {was:?}"))) }
}
