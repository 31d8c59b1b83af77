//! The thresholds in [`Limits`]: which rules measure by each, and what it may be.

use crate::settings::Limits;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// What is known of a threshold beside its value.
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Its field in [`Limits`], and its key in the configuration.
    pub name: &'static str,
    /// The rules that measure by it.
    pub rules: &'static [&'static str],
    /// What it may be, where it is a number.
    pub range: RangeInclusive<u64>,
}

const fn threshold(
    name: &'static str,
    rules: &'static [&'static str],
    range: RangeInclusive<u64>,
) -> Threshold {
    Threshold { name, rules, range }
}

/// More rows than a bounded count could look at in its time.
const ROWS: RangeInclusive<u64> = 1..=1_000_000;
/// Of what is counted on one table or in one statement.
const FEW: RangeInclusive<u64> = 1..=1_000;
/// Sizes of tables, to a petabyte.
const BYTES: RangeInclusive<u64> = 0..=(1 << 50);
/// For thresholds that are no numbers.
const WORDS: RangeInclusive<u64> = 0..=0;

/// Every threshold, in the order of [`Limits`].
pub static ALL: &[Threshold] = &[
    threshold("affected_rows", &["too-many-affected-rows"], ROWS),
    threshold("indexes_per_table", &["too-many-indexes"], FEW),
    threshold("name_chars", &["name-too-long"], 1..=64),
    threshold("index_prefix", &["index-name-without-prefix", "usual-column-without-index"], WORDS),
    threshold("unique_prefixes", &["index-name-without-prefix"], WORDS),
    threshold("engines", &["engine-not-innodb"], WORDS),
    threshold("mixing", &["ddl-mixed-with-dml"], WORDS),
    threshold("copy_bytes", &[], BYTES),
    threshold("online_tool_bytes", &[], BYTES),
    threshold("busy_bytes", &[], BYTES),
    threshold("insert_rows", &["many-rows-inserted"], ROWS),
    threshold(
        "big_table_bytes",
        &["change-of-big-table", "type-change-on-big-table", "instant-change-mixed"],
        1..=1 << 50,
    ),
    threshold("in_list", &["long-in-list"], 1..=100_000),
    threshold("or_conditions", &["many-or-conditions"], FEW),
    threshold("joined_tables", &["many-joined-tables"], 1..=61),
    threshold("query_depth", &["deeply-nested-query"], 1..=48),
    threshold("offset", &["big-offset"], ROWS),
    threshold(
        "scanned_rows",
        &["full-table-scan", "plan-without-index", "full-index-scan", "select-without-where"],
        1..=1 << 40,
    ),
    threshold("examined_rows", &["many-rows-examined"], 1..=1 << 40),
    threshold("char_chars", &["char-too-long"], 1..=255),
    threshold("varchar_chars", &["varchar-too-long"], 1..=65_535),
    threshold("primary_key_columns", &["primary-key-of-many-columns"], 1..=32),
    threshold("index_columns", &["index-of-many-columns"], 1..=32),
    threshold("indexes_per_column", &["column-in-many-indexes"], FEW),
    threshold("charsets", &["charset-not-utf8mb4", "unusual-collation"], WORDS),
    threshold("collations", &["unusual-collation"], WORDS),
    threshold("columns_per_table", &["too-many-columns"], FEW),
    threshold("text_columns_per_table", &["too-many-text-columns"], FEW),
    threshold("required_columns", &["table-without-required-columns"], WORDS),
    threshold("indexed_columns", &["usual-column-without-index"], WORDS),
    threshold("auto_increment_column", &["auto-increment-not-id"], WORDS),
    threshold("table_prefix", &["table-name-without-prefix"], WORDS),
    threshold("temporary_prefix", &["temporary-table-without-prefix"], WORDS),
    threshold("database_suffix", &["database-name-without-suffix"], WORDS),
    threshold("dropped_suffix", &["drop-table-not-set-aside"], WORDS),
    threshold("statements", &["too-many-statements"], 1..=50_000),
    threshold("statement_bytes", &["statement-too-long"], 100..=2_097_152),
];

/// The threshold with this name, where something is known of it.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Threshold> {
    ALL.iter().find(|threshold| threshold.name == name)
}

/// Thresholds by name, as the configuration writes them.
#[must_use]
pub fn written(limits: &Limits) -> Map<String, Value> {
    match serde_json::to_value(limits) {
        Ok(Value::Object(map)) => map,
        // A struct of plain fields is an object.
        _ => Map::new(),
    }
}

/// `limits` with one threshold changed.
///
/// # Errors
/// Why the value can not be taken, and what to write instead.
pub fn with(limits: &Limits, name: &str, value: &Value) -> Result<Limits, String> {
    let mut map = written(limits);
    let usual = map.get(name).cloned().unwrap_or_default();
    if usual.is_number() != value.is_number() || usual.is_array() != value.is_array() {
        return Err(format!("{value} is not what belongs here; write {}", kind(&usual)));
    }
    if let Some(number) = value.as_number() {
        let range = by_name(name).map_or(0..=u64::MAX, |threshold| threshold.range.clone());
        if !number.as_u64().is_some_and(|number| range.contains(&number)) {
            return Err(format!(
                "{number} is out of its range; write a number from {} to {}",
                range.start(),
                range.end()
            ));
        }
    }
    if value.as_array().is_some_and(Vec::is_empty) && usual.as_array().is_some_and(|list| !list.is_empty()) {
        return Err(format!(
            "an empty list would find fault with everything; write words such as {usual}, or switch the rule off"
        ));
    }
    map.insert(name.to_owned(), value.clone());
    serde_json::from_value(Value::Object(map)).map_err(|error| format!("{error}; the default is {usual}"))
}

fn kind(usual: &Value) -> String {
    match usual {
        Value::Number(_) => format!("a number such as {usual}"),
        Value::Array(_) => format!("a list such as {usual}"),
        usual => format!("a value such as {usual}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_threshold_is_changed_alone_and_only_to_what_it_may_be() {
        let usual = Limits::default();
        let more = with(&usual, "affected_rows", &json!(50)).expect("fifty rows");
        assert_eq!(more, Limits { affected_rows: 50, ..usual.clone() });
        let told = |name: &str, value: Value| with(&usual, name, &value).expect_err("it is refused");
        assert_eq!(told("name_chars", json!(65)), "65 is out of its range; write a number from 1 to 64");
        assert!(told("affected_rows", json!(-1)).contains("from 1 to 1000000"));
        assert!(told("affected_rows", json!("many")).contains("a number such as 1000"));
        assert!(told("engines", json!("innodb")).contains("a list such as [\"innodb\"]"));
        assert!(told("engines", json!([])).contains("an empty list"));
        assert!(told("mixing", json!("never")).contains("expected `ticket` or `table`"));
    }
}
