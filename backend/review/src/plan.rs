//! A plan as EXPLAIN tells it, of MySQL and MariaDB alike. Its figures are estimates: they are shown, and may hold a
//! statement back; they never let one pass.

use serde::{Deserialize, Serialize};

/// The most lines of a plan that are kept.
pub const MAX_SCANS: usize = 64;

/// How the server would run a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// One for each table, in the order in which they are read.
    pub scans: Vec<Scan>,
}

/// How one table is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is said of a table or not")]
pub struct Scan {
    /// The table, or what it is called in the statement.
    pub table: String,
    /// `ALL`, `index`, `range`, `ref`, `eq_ref`, `const` …
    pub access: String,
    /// Indexes that could serve.
    pub possible: Vec<String>,
    /// The index that is used.
    pub key: Option<String>,
    /// How many bytes of it.
    pub key_bytes: Option<u64>,
    /// Rows that are looked at each time.
    pub rows: Option<u64>,
    /// Of a hundred rows so many are left by the condition.
    pub filtered: Option<u64>,
    /// `Using filesort`: rows are sorted.
    pub sorts: bool,
    /// `Using temporary`: rows are kept in a temporary table.
    pub temporary: bool,
    /// `Using index`: the index holds all that is needed.
    pub covered: bool,
    /// It is read once for every row of the query around it.
    pub dependent: bool,
}

impl Scan {
    /// What stands in `EXPLAIN`'s column `Extra`, in either family's words.
    #[must_use]
    pub fn with_extra(mut self, extra: &str) -> Self {
        let has = |words: &str| extra.split(';').any(|part| part.trim().starts_with(words));
        self.sorts = has("Using filesort");
        self.temporary = has("Using temporary");
        self.covered = extra.split(';').any(|part| part.trim() == "Using index");
        self
    }

    /// Whether all rows of the table are read.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.access.eq_ignore_ascii_case("all")
    }

    /// Whether all of an index is read.
    #[must_use]
    pub fn is_full_index(&self) -> bool {
        self.access.eq_ignore_ascii_case("index")
    }

    /// Whether it is a table, not a result inside the server such as `<derived2>`.
    #[must_use]
    pub fn is_table(&self) -> bool {
        !self.table.is_empty() && !self.table.starts_with('<')
    }
}

impl Plan {
    /// Rows looked at in all: the product over all tables.
    #[must_use]
    pub fn examined(&self) -> Option<u64> {
        let rows: Vec<u64> =
            self.scans.iter().filter(|scan| scan.is_table()).filter_map(|scan| scan.rows).collect();
        (!rows.is_empty()).then(|| rows.into_iter().fold(1, u64::saturating_mul))
    }

    /// What `EXPLAIN FORMAT=JSON` says, whichever family wrote it: the tables lie at any depth, and what is done around
    /// them is told by the names of the objects. `None` where it is no JSON.
    #[must_use]
    pub fn of_json(text: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let mut plan = Self::default();
        // `(value, sorted, temporary, dependent)`; serde_json bounds the depth.
        let mut waiting = vec![(&value, false, false, false)];
        while let Some((value, sorts, temporary, dependent)) = waiting.pop() {
            match value {
                serde_json::Value::Array(all) => {
                    waiting.extend(all.iter().rev().map(|one| (one, sorts, temporary, dependent)));
                }
                serde_json::Value::Object(object) => {
                    let is = |name: &str| object.get(name).and_then(serde_json::Value::as_bool) == Some(true);
                    let sorts = sorts || is("using_filesort");
                    let temporary = temporary || is("using_temporary_table");
                    let dependent = dependent || is("dependent");
                    if object.contains_key("access_type") && plan.scans.len() < MAX_SCANS {
                        plan.scans.push(scan_of(object, sorts, temporary, dependent));
                    }
                    let inner = object.iter().map(|(name, inner)| {
                        // MariaDB names the objects; MySQL says `using_…` within them.
                        let (sorts, temporary) =
                            (sorts || name == "filesort", temporary || name == "temporary_table");
                        (inner, sorts, temporary, dependent || name == "expression_cache")
                    });
                    let inner: Vec<_> =
                        inner.filter(|(inner, ..)| inner.is_object() || inner.is_array()).collect();
                    waiting.extend(inner.into_iter().rev());
                }
                _ => {}
            }
        }
        Some(plan)
    }
}

fn scan_of(
    object: &serde_json::Map<String, serde_json::Value>,
    sorts: bool,
    temporary: bool,
    dependent: bool,
) -> Scan {
    let text = |name: &str| object.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let number = |names: &[&str]| {
        names.iter().find_map(|name| {
            let value = object.get(*name)?;
            value.as_u64().or_else(|| whole(value.as_f64()?)).or_else(|| whole(value.as_str()?.parse().ok()?))
        })
    };
    let possible = object.get("possible_keys").and_then(serde_json::Value::as_array);
    Scan {
        table: text("table_name").unwrap_or_default(),
        access: text("access_type").unwrap_or_default(),
        possible: possible
            .into_iter()
            .flatten()
            .filter_map(|key| Some(key.as_str()?.to_owned()))
            .take(MAX_SCANS)
            .collect(),
        key: text("key"),
        key_bytes: number(&["key_length"]),
        rows: number(&["rows_examined_per_scan", "rows"]),
        filtered: number(&["filtered"]),
        sorts,
        temporary,
        covered: object.get("using_index").and_then(serde_json::Value::as_bool) == Some(true),
        dependent,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
fn whole(number: f64) -> Option<u64> {
    (0.0..1e18).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mysql_s_json_is_read() {
        let plan = Plan::of_json(
            r#"{"query_block": {"select_id": 1, "cost_info": {"query_cost": "2051.35"}, "ordering_operation": {
                "using_filesort": true, "using_temporary_table": true, "nested_loop": [
                {"table": {"table_name": "o", "access_type": "ALL", "possible_keys": ["idx_user"],
                    "rows_examined_per_scan": 20000, "rows_produced_per_join": 2000, "filtered": "10.00"}},
                {"table": {"table_name": "u", "access_type": "eq_ref", "possible_keys": ["PRIMARY"], "key": "PRIMARY",
                    "used_key_parts": ["id"], "key_length": "8", "rows_examined_per_scan": 1, "filtered": "100.00",
                    "using_index": true}}]}}}"#,
        )
        .expect("JSON");
        let [orders, users] = plan.scans.as_slice() else { panic!("{plan:?}") };
        assert!(
            orders.is_full() && orders.sorts && orders.temporary && orders.filtered == Some(10),
            "{orders:?}"
        );
        assert_eq!((users.key.as_deref(), users.key_bytes, users.covered), (Some("PRIMARY"), Some(8), true));
        assert_eq!(plan.examined(), Some(20_000));
    }

    #[test]
    fn mariadb_s_json_is_read() {
        let plan = Plan::of_json(
            r#"{"query_block": {"select_id": 1, "filesort": {"sort_key": "o.made", "temporary_table": {"nested_loop": [
                {"table": {"table_name": "o", "access_type": "range", "possible_keys": ["PRIMARY"], "key": "PRIMARY",
                    "key_length": "4", "used_key_parts": ["id"], "rows": 50, "filtered": 100}},
                {"table": {"table_name": "<derived2>", "access_type": "ALL", "rows": 3, "filtered": 100,
                    "materialized": {"query_block": {"select_id": 2, "table": {"table_name": "u",
                    "access_type": "index", "rows": 7, "filtered": 100}}}}}]}}}}"#,
        )
        .expect("JSON");
        let names: Vec<&str> = plan.scans.iter().map(|scan| scan.table.as_str()).collect();
        assert_eq!(names, ["o", "<derived2>", "u"]);
        assert!(plan.scans.iter().all(|scan| scan.sorts && scan.temporary));
        assert_eq!(plan.examined(), Some(350));
    }

    #[test]
    fn what_is_no_plan_is_no_plan() {
        assert_eq!(Plan::of_json("-> Table scan on o"), None);
        assert_eq!(Plan::of_json("{}"), Some(Plan::default()));
        assert_eq!(Plan::of_json("[1, {\"access_type\": 5}]").expect("JSON").examined(), None);
    }

    #[test]
    fn extra_is_read_in_either_family_s_words() {
        let scan = Scan::default().with_extra("Using where; Using temporary; Using filesort");
        assert!(scan.sorts && scan.temporary && !scan.covered);
        assert!(Scan::default().with_extra("Using where; Using index").covered);
        assert!(!Scan::default().with_extra("Using index condition").covered);
    }
}
