//! Looking up tables in `information_schema`: one query a kind and database, however many tables are asked.

use dbdesk_review::{
    Flavour,
    facts::{Along, Column, Key, KeyKind, KeyPart, Looked, References, Referrer, Table, TableName},
    types::{ColumnType, DefaultValue, ForeignAction, Generated, Method, TypeKind, charset_of},
};
use sqlx::{
    AssertSqlSafe, Row as _,
    mysql::{MySqlConnection, MySqlRow},
};
use std::collections::{BTreeMap, BTreeSet};

/// Tables asked in one query.
const BATCH: usize = 500;

/// What the server knows of `names`. A name without a database is left out.
pub(super) async fn look_up(
    connection: &mut MySqlConnection,
    flavour: Flavour,
    names: &BTreeSet<TableName>,
) -> Result<BTreeMap<TableName, Looked>, sqlx::Error> {
    let mut by_database: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        if let Some(database) = &name.database {
            by_database.entry(database).or_default().push(&name.table);
        }
    }
    let folds = folds_case(connection).await?;
    let mut looked = BTreeMap::new();
    for (database, tables) in by_database {
        for batch in tables.chunks(BATCH) {
            let found = in_database(connection, flavour, database, batch).await?;
            for table in batch {
                let known =
                    found.iter().find(|(name, _)| same(name, table, folds)).map(|(_, known)| known.clone());
                let name = TableName { database: Some(database.to_owned()), table: (*table).to_owned() };
                looked.insert(name, known.map_or(Looked::Absent, Looked::Found));
            }
        }
    }
    Ok(looked)
}

/// `lower_case_table_names`: 0 tells `Orders` from `orders`.
async fn folds_case(connection: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
    let row =
        sqlx::raw_sql("SELECT CAST(@@lower_case_table_names AS UNSIGNED)").fetch_one(connection).await?;
    Ok(row.try_get_unchecked::<u64, _>(0)? != 0)
}

fn same(left: &str, right: &str, folds: bool) -> bool {
    left == right || (folds && left.to_lowercase() == right.to_lowercase())
}

async fn in_database(
    connection: &mut MySqlConnection,
    flavour: Flavour,
    database: &str,
    tables: &[&str],
) -> Result<BTreeMap<String, Table>, sqlx::Error> {
    let mut found = BTreeMap::new();
    let sql = "SELECT table_name, table_type, engine, table_comment, CAST(table_rows AS UNSIGNED), \
               CAST(data_length + index_length AS UNSIGNED), row_format, table_collation, create_options, CAST(auto_increment AS UNSIGNED) FROM information_schema.tables";
    for row in ask(connection, sql, "", database, tables).await? {
        found.insert(text(&row, 0)?, table(&row)?);
    }
    let sql = "SELECT table_name, column_name, column_type, is_nullable, column_default IS NOT NULL, extra, \
               character_set_name, collation_name, column_default, column_comment FROM information_schema.columns";
    for row in ask(connection, sql, "ORDER BY table_name, ordinal_position", database, tables).await? {
        if let Some(table) = found.get_mut(&text(&row, 0)?) {
            table.columns.push(column(&row, flavour)?);
        }
    }
    let expression = if flavour.is_mariadb() || !flavour.at_least(8, 0) { "NULL" } else { "expression" };
    let hidden = match flavour.is_mariadb() {
        true if flavour.at_least(10, 6) => "ignored = 'YES'",
        false if flavour.at_least(8, 0) => "is_visible = 'NO'",
        _ => "0",
    };
    let sql = format!(
        "SELECT table_name, index_name, CAST(non_unique AS UNSIGNED), column_name, CAST(sub_part AS UNSIGNED), index_type, \
         collation, {expression}, index_comment, {hidden} FROM information_schema.statistics"
    );
    for row in ask(
        connection,
        &sql,
        "ORDER BY table_name, index_name <> 'PRIMARY', index_name, seq_in_index",
        database,
        tables,
    )
    .await?
    {
        if let Some(table) = found.get_mut(&text(&row, 0)?) {
            add_part(&mut table.keys, &row)?;
        }
    }
    foreign_keys(connection, database, tables, &mut found).await?;
    Ok(found)
}

/// What changes along with the rows of `names`, put into those that were found: one query a kind and database.
pub(super) async fn look_along(
    connection: &mut MySqlConnection,
    names: &BTreeSet<TableName>,
    found: &mut BTreeMap<TableName, Looked>,
) -> Result<(), sqlx::Error> {
    let mut by_database: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        if let (Some(database), Some(Looked::Found(_))) = (&name.database, found.get(name)) {
            by_database.entry(database).or_default().push(&name.table);
        }
    }
    if by_database.is_empty() {
        return Ok(());
    }
    let folds = folds_case(connection).await?;
    for (database, tables) in by_database {
        for batch in tables.chunks(BATCH) {
            let triggers = triggers(connection, database, batch).await?;
            let referrers = referrers(connection, database, batch).await?;
            for asked in batch {
                let name = TableName { database: Some(database.to_owned()), table: (*asked).to_owned() };
                let Some(Looked::Found(table)) = found.get_mut(&name) else { continue };
                let triggers = triggers.iter().filter(|(table, _)| same(table, asked, folds));
                let referrers = referrers.iter().filter(|(table, _)| same(table, asked, folds));
                table.along = Some(Along {
                    triggers: triggers.map(|(_, trigger)| trigger.clone()).collect(),
                    referrers: referrers.map(|(_, referrer)| referrer.clone()).collect(),
                });
            }
        }
    }
    Ok(())
}

/// Each with its table.
async fn triggers(
    connection: &mut MySqlConnection,
    database: &str,
    tables: &[&str],
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let sql = "SELECT event_object_table, trigger_name FROM information_schema.triggers";
    let columns = ("event_object_schema", "event_object_table");
    let rows = ask_by(connection, (sql, columns), "ORDER BY trigger_name", database, tables).await?;
    rows.iter().map(|row| Ok((text(row, 0)?, text(row, 1)?))).collect()
}

/// Each with the table that it refers to.
async fn referrers(
    connection: &mut MySqlConnection,
    database: &str,
    tables: &[&str],
) -> Result<Vec<(String, Referrer)>, sqlx::Error> {
    let sql = "SELECT k.table_schema, k.table_name, k.constraint_name, k.referenced_column_name, r.delete_rule, r.update_rule, \
               k.column_name, k.referenced_table_name \
               FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
               ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name";
    let columns = ("k.referenced_table_schema", "k.referenced_table_name");
    let end = "ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position";
    let mut found: Vec<(String, Referrer)> = Vec::new();
    let mut last = None;
    for row in ask_by(connection, (sql, columns), end, database, tables).await? {
        let name = (text(&row, 0)?, text(&row, 1)?, text(&row, 2)?);
        if last.as_ref() != Some(&name) {
            let referrer = Referrer {
                table: TableName { database: Some(name.0.clone()), table: name.1.clone() },
                by: Vec::new(),
                columns: Vec::new(),
                on_delete: foreign_action(&text(&row, 4)?),
                on_update: foreign_action(&text(&row, 5)?),
            };
            found.push((text(&row, 7)?, referrer));
            last = Some(name);
        }
        if let Some((_, referrer)) = found.last_mut() {
            referrer.columns.push(text(&row, 3)?);
            referrer.by.push(text(&row, 6)?);
        }
    }
    Ok(found)
}

/// Foreign keys: their columns come from one view, what becomes of the rows from another.
async fn foreign_keys(
    connection: &mut MySqlConnection,
    database: &str,
    tables: &[&str],
    found: &mut BTreeMap<String, Table>,
) -> Result<(), sqlx::Error> {
    let sql = "SELECT table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name, \
               referenced_column_name FROM information_schema.key_column_usage";
    let end = "AND referenced_table_name IS NOT NULL ORDER BY table_name, constraint_name, ordinal_position";
    for row in ask(connection, sql, end, database, tables).await? {
        let Some(table) = found.get_mut(&text(&row, 0)?) else { continue };
        let part = KeyPart { column: text(&row, 2)?, ..KeyPart::default() };
        push_part(&mut table.keys, text(&row, 1)?, KeyKind::Foreign, part);
        let Some(key) = table.keys.last_mut() else { continue };
        let database = maybe(&row, 3)?.filter(|referenced| referenced != database);
        let table = TableName { database, table: text(&row, 4)? };
        let new = || References {
            table,
            columns: Vec::new(),
            on_delete: ForeignAction::Restrict,
            on_update: ForeignAction::Restrict,
        };
        key.references.get_or_insert_with(new).columns.push(text(&row, 5)?);
    }
    let sql = "SELECT table_name, constraint_name, delete_rule, update_rule FROM (SELECT constraint_schema AS table_schema, \
               table_name, constraint_name, delete_rule, update_rule FROM information_schema.referential_constraints) referring";
    for row in ask(connection, sql, "", database, tables).await? {
        let (name, of) = (text(&row, 1)?, (foreign_action(&text(&row, 2)?), foreign_action(&text(&row, 3)?)));
        let keys = found.get_mut(&text(&row, 0)?).map(|table| table.keys.iter_mut()).into_iter().flatten();
        for key in keys.filter(|key| key.kind == KeyKind::Foreign && key.name.as_ref() == Some(&name)) {
            if let Some(references) = &mut key.references {
                (references.on_delete, references.on_update) = of;
            }
        }
    }
    Ok(())
}

fn foreign_action(rule: &str) -> ForeignAction {
    match rule {
        "CASCADE" => ForeignAction::Cascade,
        "SET NULL" => ForeignAction::SetNull,
        "SET DEFAULT" => ForeignAction::SetDefault,
        _ => ForeignAction::Restrict,
    }
}

/// Runs `sql` for the tables of one database; names are bound.
async fn ask(
    connection: &mut MySqlConnection,
    sql: &str,
    end: &str,
    database: &str,
    tables: &[&str],
) -> Result<Vec<MySqlRow>, sqlx::Error> {
    ask_by(connection, (sql, ("table_schema", "table_name")), end, database, tables).await
}

/// The same, where these columns name the database and the table.
async fn ask_by(
    connection: &mut MySqlConnection,
    (sql, (schema, name)): (&str, (&str, &str)),
    end: &str,
    database: &str,
    tables: &[&str],
) -> Result<Vec<MySqlRow>, sqlx::Error> {
    let marks = vec!["?"; tables.len()].join(", ");
    let text = format!("{sql} WHERE {schema} = ? AND {name} IN ({marks}) {end}");
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(database);
    for table in tables {
        query = query.bind(*table);
    }
    query.fetch_all(connection).await
}

fn table(row: &MySqlRow) -> Result<Table, sqlx::Error> {
    let collation = maybe(row, 7)?.map(|collation| collation.to_lowercase());
    Ok(Table {
        is_view: text(row, 1)?.contains("VIEW"),
        engine: maybe(row, 2)?,
        comment: maybe(row, 3)?.filter(|comment| !comment.is_empty()),
        rows: row.try_get_unchecked(4)?,
        bytes: row.try_get_unchecked(5)?,
        row_format: maybe(row, 6)?.map(|format| format.to_lowercase()),
        charset: collation.as_deref().and_then(charset_of).map(str::to_owned),
        collation,
        auto_increment: row.try_get_unchecked(9)?,
        partitioned: maybe(row, 8)?.is_some_and(|options| options.contains("partitioned")),
        ..Table::default()
    })
}

fn column(row: &MySqlRow, flavour: Flavour) -> Result<Column, sqlx::Error> {
    let extra = text(row, 5)?.to_ascii_lowercase();
    let by_itself = extra.contains("auto_increment") || extra.contains("generated");
    let written = text(row, 2)?;
    let mut column_type = ColumnType::of(&written).unwrap_or_default();
    column_type.charset = maybe(row, 6)?.map(|charset| charset.to_lowercase());
    column_type.collation = maybe(row, 7)?.map(|collation| collation.to_lowercase());
    let generated = match extra.as_str() {
        extra if extra.contains("stored generated") || extra.contains("persistent") => {
            Some(Generated::Stored)
        }
        extra if extra.contains("virtual") => Some(Generated::Virtual),
        _ => None,
    };
    let default = maybe(row, 8)?;
    let default = default.and_then(|told| default_of(&told, column_type.kind, &extra, flavour));
    Ok(Column {
        name: text(row, 1)?,
        default: default.filter(|_| generated.is_none()),
        comment: maybe(row, 9)?.filter(|comment| !comment.is_empty()),
        invisible: extra.contains("invisible"),
        column_type,
        data_type: written.to_lowercase(),
        nullable: text(row, 3)? == "YES",
        has_default: by_itself || row.try_get_unchecked::<i64, _>(4)? != 0,
        auto_increment: extra.contains("auto_increment"),
        on_update: extra.contains("on update"),
        generated,
    })
}

/// MariaDB tells a default as it would be written, MySQL as the value itself.
fn default_of(told: &str, kind: TypeKind, extra: &str, flavour: Flavour) -> Option<DefaultValue> {
    let is_expression =
        flavour.is_mariadb() && flavour.at_least(10, 3) || extra.contains("default_generated");
    let is_time =
        matches!(kind, TypeKind::DateTime | TypeKind::Timestamp) && told.starts_with("CURRENT_TIMESTAMP");
    let value = if is_expression || is_time {
        DefaultValue::of(told).unwrap_or_else(|| DefaultValue::Expression(told.to_owned()))
    } else if kind.is_number() || kind == TypeKind::Bit {
        DefaultValue::Bare(told.to_owned())
    } else {
        DefaultValue::Text(told.to_owned())
    };
    Some(value).filter(|value| *value != DefaultValue::Null)
}

fn add_part(keys: &mut Vec<Key>, row: &MySqlRow) -> Result<(), sqlx::Error> {
    let name = text(row, 1)?;
    let kind = match (name.as_str(), text(row, 5)?.as_str()) {
        ("PRIMARY", _) => KeyKind::Primary,
        (_, "FULLTEXT") => KeyKind::FullText,
        (_, "SPATIAL") => KeyKind::Spatial,
        _ if row.try_get_unchecked::<u64, _>(2)? == 0 => KeyKind::Unique,
        _ => KeyKind::Plain,
    };
    let expression = maybe(row, 7)?;
    let part = KeyPart {
        is_expression: expression.is_some(),
        column: expression.or(maybe(row, 3)?).unwrap_or_default(),
        prefix: row.try_get_unchecked::<Option<u64>, _>(4)?.and_then(|prefix| prefix.try_into().ok()),
        descending: maybe(row, 6)?.as_deref() == Some("D"),
    };
    push_part(keys, name, kind, part);
    if let Some(key) = keys.last_mut() {
        key.comment = maybe(row, 8)?.filter(|comment| !comment.is_empty());
        key.invisible = row.try_get_unchecked::<i64, _>(9)? != 0;
        key.method = match text(row, 5)?.as_str() {
            "BTREE" => Some(Method::BTree),
            "HASH" => Some(Method::Hash),
            "RTREE" => Some(Method::RTree),
            _ => None,
        };
    }
    Ok(())
}

/// Rows come in the order of index and place, so a part belongs to the last index or begins a new one.
fn push_part(keys: &mut Vec<Key>, name: String, kind: KeyKind, part: KeyPart) {
    match keys.last_mut() {
        Some(key) if key.kind == kind && key.name.as_deref() == Some(name.as_str()) => key.parts.push(part),
        _ => keys.push(Key { name: Some(name), kind, parts: vec![part], ..Key::default() }),
    }
}

/// Text columns of `information_schema` come as VARCHAR, TEXT or VARBINARY by flavour and version.
fn text(row: &MySqlRow, index: usize) -> Result<String, sqlx::Error> {
    row.try_get_unchecked(index)
}

fn maybe(row: &MySqlRow, index: usize) -> Result<Option<String>, sqlx::Error> {
    row.try_get_unchecked(index)
}
