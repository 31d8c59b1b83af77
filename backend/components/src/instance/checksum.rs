//! Whether replicas have what their primary has, by pt-table-checksum of the Percona Toolkit.

use super::{InstanceError, Login, Place, client::Client};
use crate::host::{Command, HostError};
use dbdesk_commands::lang::{Said, said};
use std::{fmt::Write as _, time::Duration};

const LIMIT: Duration = Duration::from_hours(12);
/// The database in which the tool keeps its sums, on the primary and through replication on each replica.
const DATABASE: &str = "dbdesk_checksum";
/// So long one chunk may take.
const CHUNK_S: &str = "0.5";
/// It waits while a replica lags more than so long.
const MOST_LAG_S: &str = "5";
/// It waits while more sessions run.
const MOST_RUNNING: u32 = 50;
const MOST_DIFFERENCES: u32 = 1_000;
/// How the tool ends that has done its work: chunks differ, or it left out a chunk or a table.
const DONE: i32 = 16 | 32 | 64;

/// What was compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Tables that were looked at.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Chunks that were left out: too large, or locked.
    pub skipped: u64,
    /// Tables at which the tool met errors, and what it said.
    pub errors: Vec<String>,
    /// Chunks that differ, the first so many of each replica.
    pub differences: Vec<Difference>,
}

/// A chunk of a table that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The replica, `host:port`.
    pub replica: String,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The chunk's number.
    pub chunk: u32,
    /// From this key; nothing: from the first, or all of it.
    pub from: Option<String>,
    /// To this key.
    pub to: Option<String>,
    /// Rows of the primary less those of the replica.
    pub rows: i64,
}

/// Compares these databases. `login` may look at the replicas ([`Role::Review`](super::Role)); the tool is on the primary's host.
///
/// # Errors
/// The tool is not there, or could not do its work: a replica does not follow, an account is refused.
pub async fn checksum(
    primary: &Place<'_>,
    replicas: &[Place<'_>],
    databases: &[String],
    login: &Login,
) -> Result<Compared, InstanceError> {
    let plain = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte))
    };
    if replicas.is_empty() || databases.is_empty() || !databases.iter().all(plain) || !login.is_plain() {
        return Err(InstanceError::Unusable(Said::fixed(
            "there are no replicas or databases, or their names are not usable",
            "没有从库或数据库，或名称不可用",
        )));
    }
    let client = Client::of(primary).await?;
    if client.value("SELECT @@read_only").await? != "0" {
        let (address, port) = (&primary.address, primary.port);
        return Err(InstanceError::Unusable(said!(
            "{address}:{port} takes no writes: it is no primary",
            "{address}:{port} 不接受写入，不是主库"
        )));
    }
    let secret = primary.at("checksum.cnf");
    let file = format!("[client]\nuser={}\npassword={}\n", login.user, login.password);
    client.rows(&table(replicas, login, &secret)).await?;
    primary.write(&secret, file.as_bytes(), 0o600).await?;
    let done = ran(&client, databases).await;
    let gone = primary.remove_file(&secret).await;
    let mut compared = done?;
    gone?;
    for replica in replicas {
        compared.differences.extend(differences(replica).await?);
    }
    Ok(compared)
}

/// Where the tool finds the replicas, whatever they report of themselves.
fn table(replicas: &[Place<'_>], login: &Login, secret: &str) -> String {
    let mut sql = format!(
        "CREATE DATABASE IF NOT EXISTS {DATABASE};\n\
         CREATE TABLE IF NOT EXISTS {DATABASE}.dsns (id INT AUTO_INCREMENT PRIMARY KEY, parent_id INT, dsn VARCHAR(255) NOT NULL);\n\
         DELETE FROM {DATABASE}.dsns;\n"
    );
    for replica in replicas {
        let (host, port, user) = (&replica.address, replica.port, &login.user);
        let _ = writeln!(
            sql,
            "INSERT INTO {DATABASE}.dsns (dsn) VALUES ('h={host},P={port},u={user},F={secret}');"
        );
    }
    sql
}

async fn ran(client: &Client<'_>, databases: &[String]) -> Result<Compared, InstanceError> {
    let primary = client.place;
    let command = Command::new([
        client.programs.of("pt-table-checksum", "pt-table-checksum"),
        "--config=/dev/null".to_owned(),
        "--no-version-check".to_owned(),
        "--no-check-binlog-format".to_owned(),
        format!("--replicate={DATABASE}.checksums"),
        format!("--recursion-method=dsn=D={DATABASE},t=dsns"),
        format!("--databases={}", databases.join(",")),
        format!("--chunk-time={CHUNK_S}"),
        format!("--max-lag={MOST_LAG_S}"),
        format!("--max-load=Threads_running={MOST_RUNNING}"),
        format!("S={},u=root", primary.socket()),
    ]);
    let command = command.limit(LIMIT);
    let done = primary.ran(&command).await?;
    if done.code & !DONE != 0 {
        return Err(primary.failed(HostError::failed(&command, &done)));
    }
    read(&done.text()).ok_or_else(|| InstanceError::Nonsense(done.text().chars().take(200).collect()))
}

/// The tool's table: a line of headings, and one for each table.
fn read(text: &str) -> Option<Compared> {
    let mut lines = text.lines().skip_while(|line| !line.contains(" ERRORS "));
    let Some(headings) = lines.next() else {
        // There was no table to look at.
        return text.trim().is_empty().then(Compared::default);
    };
    let headings: Vec<&str> = headings.split_whitespace().collect();
    let at = |name: &str| headings.iter().position(|heading| *heading == name);
    let (errors, rows, skipped, table) = (at("ERRORS")?, at("ROWS")?, at("SKIPPED")?, at("TABLE")?);
    let mut compared = Compared::default();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
        let (Some(failed), Some(some), Some(left), Some(name)) =
            (number(errors), number(rows), number(skipped), words.get(table))
        else {
            continue;
        };
        compared.tables += 1;
        compared.rows += some;
        compared.skipped += left;
        if failed > 0 {
            compared.errors.push(format!("{name}: {failed}"));
        }
    }
    Some(compared)
}

async fn differences(replica: &Place<'_>) -> Result<Vec<Difference>, InstanceError> {
    let rows = Client::of(replica)
        .await?
        .rows(&format!(
            "SELECT db, tbl, chunk, CAST(master_cnt AS SIGNED) - CAST(this_cnt AS SIGNED), lower_boundary, upper_boundary \
             FROM {DATABASE}.checksums WHERE master_cnt <> this_cnt OR master_crc <> this_crc OR \
             ISNULL(master_crc) <> ISNULL(this_crc) ORDER BY db, tbl, chunk LIMIT {MOST_DIFFERENCES}"
        ))
        .await?;
    let address = format!("{}:{}", replica.address, replica.port);
    let one = |row: Vec<String>| {
        let [database, table, chunk, rows, from, to] = <[String; 6]>::try_from(row).ok()?;
        let key = |key: String| (key != "NULL").then_some(key);
        let (chunk, rows) = (chunk.parse().ok()?, rows.parse().ok()?);
        Some(Difference {
            replica: address.clone(),
            database,
            table,
            chunk,
            from: key(from),
            to: key(to),
            rows,
        })
    };
    let all: Option<Vec<_>> = rows.into_iter().map(one).collect();
    all.ok_or_else(|| InstanceError::Nonsense(format!("{DATABASE}.checksums of {address}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_table_is_read_by_its_headings() {
        let text = "Checking if all tables can be checksummed ...\nStarting checksum ...\n            TS ERRORS  DIFFS     ROWS  DIFF_ROWS  CHUNKS SKIPPED    TIME TABLE\n\
                    11-28T14:00:00      0      1     5000          1       5       0   0.521 shop.orders\n\
                    11-28T14:00:01      2      0        7          0       1       1   0.020 shop.customers\n";
        let compared = Compared {
            tables: 2,
            rows: 5_007,
            skipped: 1,
            errors: vec!["shop.customers: 2".to_owned()],
            differences: Vec::new(),
        };
        assert_eq!(read(text), Some(compared));
        assert_eq!(read(""), Some(Compared::default()));
        assert_eq!(read("TS ERRORS ROWS\n1 0 0"), None);
    }
}
