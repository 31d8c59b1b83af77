//! EXPLAIN's lines, as both families answer them, into one plan. The traditional format is asked: it is the same in all
//! versions, and the session sets it where a server has another for its own.

use dbdesk_review::{
    facts::Explained,
    plan::{MAX_SCANS, Plan, Scan},
};
use sqlx::{
    AssertSqlSafe, Row as _,
    mysql::{MySqlConnection, MySqlRow},
};

/// The plan of a statement; `None` where the server tells none.
pub(super) async fn explain(connection: &mut MySqlConnection, sql: &str) -> Option<Explained> {
    let text = AssertSqlSafe(format!("EXPLAIN {sql}"));
    match sqlx::raw_sql(text).fetch_all(connection).await {
        Ok(rows) => Some(explained(&rows)),
        Err(error) => {
            tracing::debug!(%error, "a plan could not be had");
            None
        }
    }
}

fn explained(rows: &[MySqlRow]) -> Explained {
    // A server that answers in one cell was told to speak JSON.
    let json =
        rows.first().filter(|_| rows.len() == 1).and_then(|row| Plan::of_json(&text_of(row, "EXPLAIN")?));
    let plan = json.unwrap_or_else(|| Plan { scans: rows.iter().take(MAX_SCANS).map(scan).collect() });
    // `<derived2>` is the frame of a counting SELECT, not a table.
    let first = plan.scans.iter().find(|scan| !scan.table.starts_with('<'));
    Explained {
        rows: plan.examined(),
        access: first.map(|scan| scan.access.clone()).filter(|access| !access.is_empty()),
        key: first.and_then(|scan| scan.key.clone()),
        plan,
    }
}

fn scan(row: &MySqlRow) -> Scan {
    let possible = text_of(row, "possible_keys").unwrap_or_default();
    let scan = Scan {
        table: text_of(row, "table").unwrap_or_default(),
        access: text_of(row, "type").unwrap_or_default(),
        possible: possible
            .split(',')
            .filter(|key| !key.is_empty())
            .take(MAX_SCANS)
            .map(str::to_owned)
            .collect(),
        key: text_of(row, "key"),
        key_bytes: number(row, "key_len"),
        rows: number(row, "rows"),
        filtered: number(row, "filtered"),
        dependent: text_of(row, "select_type").is_some_and(|kind| kind.starts_with("DEPENDENT")),
        ..Scan::default()
    };
    scan.with_extra(&text_of(row, "Extra").unwrap_or_default())
}

/// EXPLAIN's types differ between the flavours (BIGINT, DOUBLE or text), so all are tried.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a hundred")]
fn number(row: &MySqlRow, column: &str) -> Option<u64> {
    row.try_get::<Option<u64>, _>(column)
        .or_else(|_| {
            row.try_get::<Option<i64>, _>(column).map(|value| value.and_then(|value| value.try_into().ok()))
        })
        .or_else(|_| {
            let share = |value: f64| (0.0..=1e15).contains(&value).then_some(value as u64);
            row.try_get::<Option<f64>, _>(column).map(|value| value.and_then(share))
        })
        .ok()
        .flatten()
        .or_else(|| text_of(row, column)?.parse().ok())
}

fn text_of(row: &MySqlRow, column: &str) -> Option<String> {
    row.try_get_unchecked::<Option<String>, _>(column).ok().flatten()
}
