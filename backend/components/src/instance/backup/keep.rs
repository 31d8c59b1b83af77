//! What of a server's content is kept beside its backup.

use super::manifest::Content;
use crate::instance::{InstanceError, client::Client};
use dbdesk_undo::field::full_name;
use std::{collections::BTreeMap, time::Duration};

/// Names of so many tables are kept.
const MOST_TABLES: usize = 20_000;
/// So many have a checksum: the largest that are not larger than this.
const CHECKSUMS: usize = 20;
const MOST_CHECKSUM_BYTES: u64 = 16 << 20;
/// So many tables are named in one statement.
const TABLES_AT_ONCE: usize = 50;
/// Reading so many.
const READ_LIMIT: Duration = Duration::from_hours(4);

/// Tables of people's databases, and checksums of some.
pub(super) async fn content(client: &Client<'_>) -> Result<Content, InstanceError> {
    let tables = tables(client).await?;
    let largest = client
        .rows(&format!(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND \
             table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') \
             AND COALESCE(data_length, 0) <= {MOST_CHECKSUM_BYTES} \
             ORDER BY data_length DESC, table_schema, table_name LIMIT {CHECKSUMS}"
        ))
        .await?;
    let names: Vec<String> =
        largest.iter().filter_map(|row| Some(full_name(row.first()?, row.get(1)?))).collect();
    Ok(Content { tables, checksums: checksums(client, &names).await? })
}

pub(super) async fn tables(client: &Client<'_>) -> Result<Vec<(String, String)>, InstanceError> {
    let rows = client
        .rows(&format!(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND \
             table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') \
             ORDER BY 1, 2 LIMIT {MOST_TABLES}"
        ))
        .await?;
    let pair = |row: Vec<String>| {
        let mut row = row.into_iter();
        Some((row.next()?, row.next()?))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

/// Those that there are of these, by the names that were given.
pub(in crate::instance) async fn checksums(
    client: &Client<'_>,
    names: &[String],
) -> Result<BTreeMap<String, String>, InstanceError> {
    let mut all = BTreeMap::new();
    for name in names {
        // One at a time: the answer names a table so that a point in its name is one of the name's own.
        let rows = client.rows_within(&format!("CHECKSUM TABLE {name}"), READ_LIMIT).await?;
        let sum = rows.into_iter().next().and_then(|row| row.into_iter().nth(1));
        if let Some(sum) = sum.filter(|sum| sum != "NULL") {
            all.insert(name.clone(), sum);
        }
    }
    Ok(all)
}

/// What is there of both, with the checksum that both have.
pub(super) fn stood_still(before: Content, after: &Content) -> Content {
    let tables = before.tables.into_iter().filter(|table| after.tables.contains(table)).collect();
    let same = |(name, sum): &(String, String)| after.checksums.get(name) == Some(sum);
    Content { tables, checksums: before.checksums.into_iter().filter(same).collect() }
}

/// # Errors
/// What a table is damaged by.
pub(super) async fn whole(client: &Client<'_>, tables: &[(String, String)]) -> Result<(), InstanceError> {
    for some in tables.chunks(TABLES_AT_ONCE) {
        let names: Vec<String> = some.iter().map(|(database, table)| full_name(database, table)).collect();
        let rows = client.rows_within(&format!("CHECK TABLE {}", names.join(", ")), READ_LIMIT).await?;
        // Table, operation, kind of message, message.
        let is_bad = |row: &&Vec<String>| {
            let (kind, text) = (row.get(2).map_or("", String::as_str), row.get(3).map_or("", String::as_str));
            kind.eq_ignore_ascii_case("error")
                || (kind == "status" && text != "OK" && !text.starts_with("Table is already"))
        };
        if let Some(row) = rows.iter().find(is_bad) {
            return Err(InstanceError::Damaged(row.join(" ")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_to_meanwhile_is_not_held_against_a_backup() {
        let of = |tables: &[&str], sums: &[(&str, &str)]| Content {
            tables: tables.iter().map(|table| ("a".to_owned(), (*table).to_owned())).collect(),
            checksums: sums.iter().map(|(name, sum)| ((*name).to_owned(), (*sum).to_owned())).collect(),
        };
        let before = of(&["t", "u", "gone"], &[("t", "1"), ("u", "2")]);
        let after = of(&["new", "t", "u"], &[("t", "1"), ("u", "3")]);
        assert_eq!(stood_still(before, &after), of(&["t", "u"], &[("t", "1")]));
    }
}
