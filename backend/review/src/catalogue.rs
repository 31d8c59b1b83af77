//! Tables as the server keeps them: what `CREATE TABLE` makes and `ALTER TABLE` changes, without a server. A property test
//! beside `dbdesk_components` holds it against real ones.

use crate::{
    facts::{Column, KeyKind, References, Table},
    flavour::{Family, Flavour},
    shape::{Action, AlterOp, ColumnChange, ColumnDef, CreateTable, Name, Position, Reference, TableOption},
    types::{DefaultValue, TypeKind, Written, bytes_per_char, charset_of},
};
use std::collections::HashMap;

mod keys;

pub use keys::column_keys;

/// InnoDB takes no more columns; nor does the catalogue.
const MAX_COLUMNS: usize = 1_017;

/// The table that a `CREATE TABLE` makes on a server of this flavour.
#[must_use]
pub fn created(create: &CreateTable, flavour: Flavour) -> Table {
    let mut table = Table::default();
    for option in &create.options {
        set_option(&mut table, option);
    }
    let mut new = Vec::new();
    for column in create.columns.iter().take(MAX_COLUMNS) {
        let kept = column_in(&table, column, flavour);
        table.columns.push(kept);
        new.extend(keys::of_column(column, flavour).map(|key| (column.span.start, key)));
    }
    new.extend(create.keys.iter().map(|key| (key.span.start, key.key())));
    new.sort_by_key(|(at, _)| *at);
    let name = &create.table.table.text;
    keys::add(&mut table, name, new.into_iter().map(|(_, key)| key));
    if create.select.is_some() {
        // More columns may come from the query: which is not known.
        table.columns.clear();
    }
    table
}

/// The character set that a `CREATE TABLE` gives to columns without one of their own, where it is written.
#[must_use]
pub fn charset_of_new(create: &CreateTable) -> Option<String> {
    let mut table = Table::default();
    create.options.iter().for_each(|option| set_option(&mut table, option));
    table.charset
}

/// What `CREATE TABLE … LIKE` makes of this table: no rows, no foreign keys.
#[must_use]
pub fn like(other: &Table) -> Table {
    let mut table = Table { rows: None, bytes: None, auto_increment: None, ..other.clone() };
    table.keys.retain(|key| key.kind != KeyKind::Foreign);
    table
}

/// A column definition as the catalogue keeps it.
#[must_use]
pub fn column_of(def: &ColumnDef) -> Column {
    let default = def.default.as_ref().map(|default| default.value.clone());
    Column {
        name: def.name.text.clone(),
        data_type: def.data_type.clone(),
        nullable: def.nullable,
        has_default: def.has_default,
        column_type: def.column_type.clone(),
        default: default.filter(|default| *default != DefaultValue::Null),
        on_update: def.on_update.is_some(),
        auto_increment: def.auto_increment.is_some(),
        generated: def.generated,
        comment: def
            .comment
            .as_ref()
            .map(|comment| comment.value.clone())
            .filter(|comment| !comment.is_empty()),
        invisible: def.invisible,
    }
}

/// The same, with what it takes from its table.
#[must_use]
pub fn column_in(table: &Table, def: &ColumnDef, flavour: Flavour) -> Column {
    let mut column = column_of(def);
    let of = &mut column.column_type;
    if of.kind.has_charset() && of.charset.is_none() {
        of.charset.clone_from(&table.charset);
        if of.collation.is_none() {
            of.collation.clone_from(&table.collation);
        }
    }
    // `TEXT(100)` is the smallest type that holds so many characters.
    if matches!(of.kind, TypeKind::Text | TypeKind::Blob)
        && let Some(length) = of.length.take().filter(|length| *length > 0)
        && let Some(each) = of.charset.as_deref().or((of.kind == TypeKind::Blob).then_some("binary"))
    {
        of.kind = smallest(of.kind, length.saturating_mul(bytes_per_char(each)));
    }
    if of.kind == TypeKind::Timestamp && def.null.is_none() && !explicit_timestamps(flavour) {
        column.nullable = false;
        column.has_default = true;
    }
    column
}

/// Whether a `TIMESTAMP` without `NOT NULL` may be NULL, by the server's own default.
#[must_use]
pub fn explicit_timestamps(flavour: Flavour) -> bool {
    match flavour.family {
        Family::MySql => flavour.at_least(8, 0),
        Family::MariaDb => flavour.at_least(10, 10),
    }
}

/// The smallest `TEXT` or `BLOB` that holds so many bytes.
fn smallest(kind: TypeKind, bytes: u64) -> TypeKind {
    let (texts, blobs) = (
        [TypeKind::TinyText, TypeKind::Text, TypeKind::MediumText, TypeKind::LongText],
        [TypeKind::TinyBlob, TypeKind::Blob, TypeKind::MediumBlob, TypeKind::LongBlob],
    );
    let all = if kind.is_blob() { blobs } else { texts };
    all.into_iter().find(|kind| kind.most_bytes() >= Some(bytes)).unwrap_or(kind)
}

fn set_option(table: &mut Table, option: &TableOption) {
    let lower = || option.value.to_ascii_lowercase();
    match option.name.as_str() {
        "engine" => table.engine = Some(option.value.clone()),
        "comment" => table.comment = Some(option.value.clone()).filter(|comment| !comment.is_empty()),
        "charset" => {
            let charset = if lower() == "utf8" { "utf8mb3".to_owned() } else { lower() };
            if table.charset.as_ref() != Some(&charset) {
                // `COLLATE` may stand before it.
                let fits = table.collation.as_deref().and_then(charset_of) == Some(charset.as_str());
                table.collation = table.collation.take().filter(|_| fits);
            }
            table.charset = Some(charset);
        }
        "collate" => {
            let charset = charset_of(&option.value).map(str::to_ascii_lowercase);
            table.charset = charset
                .map(|name| if name == "utf8" { "utf8mb3".to_owned() } else { name })
                .or(table.charset.take());
            table.collation = Some(lower());
        }
        "row_format" => table.row_format = Some(lower()).filter(|format| format != "default"),
        "auto_increment" => table.auto_increment = option.value.parse().ok(),
        _ => {}
    }
}

/// What `ALTER TABLE` does to the table called `name`. As on the server, all parts name what was there before: things go
/// first, then change, then come.
pub fn alter(table: &mut Table, name: &str, ops: &[AlterOp], flavour: Flavour) {
    for op in ops {
        match &op.action {
            Action::Option(option) => set_option(table, option),
            Action::Convert(charset, collation) => {
                let lower = |name: &Name| name.text.to_ascii_lowercase();
                let charset = Some(lower(charset)).filter(|charset| charset != "default");
                convert(table, charset.as_deref(), collation.as_ref().map(lower).as_deref());
            }
            _ => {}
        }
    }
    keys::drop(table, ops);
    // Where nothing is known of the columns, one more does not make them known.
    if !table.columns.is_empty() {
        columns(table, ops, flavour);
    }
    keys::rename(table, ops);
    let mut new = Vec::new();
    for op in ops {
        match &op.action {
            Action::AddColumns(columns, _) => {
                new.extend(columns.iter().flat_map(|column| keys::of_column(column, flavour)));
            }
            Action::Modify(column) | Action::Change(_, column) => {
                new.extend(keys::of_column(column, flavour));
            }
            Action::AddKey(key, true)
                if key.name.as_ref().is_some_and(|name| table.key(&name.text).is_some()) => {}
            Action::AddKey(key, _) => new.push(key.key()),
            _ => {}
        }
    }
    keys::add(table, name, new.into_iter());
}

fn columns(table: &mut Table, ops: &[AlterOp], flavour: Flavour) {
    let only_adds =
        ops.iter().all(|op| matches!(op.action, Action::AddColumns(..) | Action::AddKey(..) | Action::Other));
    if !only_adds {
        old_columns(table, ops, flavour);
    }
    for op in ops {
        let new = match &op.action {
            Action::Modify(new) | Action::Change(_, new) if new.position.is_some() => {
                std::slice::from_ref(new)
            }
            Action::AddColumns(new, _) => new,
            _ => continue,
        };
        for new in new {
            if table.columns.len() < MAX_COLUMNS && table.column(&new.name.text).is_none() {
                let at = place(&table.columns, new.position.as_ref());
                table.columns.insert(at, column_in(table, new, flavour));
            }
        }
    }
}

/// Columns go and change; those that are put elsewhere are taken out.
fn old_columns(table: &mut Table, ops: &[AlterOp], flavour: Flavour) {
    let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    let goes = |name: &str| {
        ops.iter().any(|op| matches!(&op.action, Action::DropColumn(gone, _) if same(&gone.text, name)))
    };
    let mut before = std::mem::take(&mut table.columns);
    before.retain(|column| !goes(&column.name));
    let mut renamed: HashMap<String, String> = HashMap::new();
    let mut there: Vec<Column> = Vec::with_capacity(before.len());
    let mut elsewhere: Vec<Column> = Vec::new();
    for mut column in before {
        let mut stays = true;
        for op in ops {
            match &op.action {
                Action::Modify(new) if same(&new.name.text, &column.name) => {
                    (column, stays) = (column_in(table, new, flavour), new.position.is_none());
                }
                Action::Change(old, new) if same(&old.text, &column.name) => {
                    renamed.insert(old.text.to_lowercase(), new.name.text.clone());
                    (column, stays) = (column_in(table, new, flavour), new.position.is_none());
                    break;
                }
                Action::RenameColumn(old, new) if same(&old.text, &column.name) => {
                    renamed.insert(old.text.to_lowercase(), new.text.clone());
                    column.name.clone_from(&new.text);
                    break;
                }
                Action::AlterColumn(name, change) if same(&name.text, &column.name) => {
                    change_column(&mut column, change);
                }
                Action::DropDefault(name) if same(&name.text, &column.name) => {
                    column.default = None;
                    column.has_default = column.auto_increment || column.generated.is_some();
                    // MariaDB keeps both in one attribute.
                    column.on_update &= !flavour.is_mariadb();
                }
                _ => {}
            }
        }
        let to = if stays { &mut there } else { &mut elsewhere };
        to.push(column);
    }
    table.columns = there;
    keys::follow(table, &elsewhere, &renamed, goes);
    whole_numbers(table, &elsewhere);
}

/// Of a column that became a number the index takes the whole.
fn whole_numbers(table: &mut Table, elsewhere: &[Column]) {
    for part in table.keys.iter_mut().flat_map(|key| &mut key.parts).filter(|part| part.prefix.is_some()) {
        let mut columns = table.columns.iter().chain(elsewhere);
        let column = columns.find(|column| column.name.eq_ignore_ascii_case(&part.column));
        if column.is_some_and(|column| column.column_type.kind.is_number()) {
            part.prefix = None;
        }
    }
}

fn place(columns: &[Column], position: Option<&Written<Position>>) -> usize {
    match position.map(|position| &position.value) {
        Some(Position::First) => 0,
        Some(Position::After(name)) => {
            let at = columns.iter().position(|column| column.name.eq_ignore_ascii_case(&name.text));
            at.map_or(columns.len(), |at| at + 1)
        }
        None => columns.len(),
    }
}

fn change_column(column: &mut Column, change: &ColumnChange) {
    match change {
        // MariaDB takes it and keeps counting.
        ColumnChange::SetDefault(_) if column.auto_increment => {}
        ColumnChange::SetDefault(default) => {
            column.default = Some(default.value.clone()).filter(|default| *default != DefaultValue::Null);
            column.has_default = true;
        }
        ColumnChange::SetInvisible(invisible) => column.invisible = *invisible,
    }
}

/// `CONVERT TO CHARACTER SET`: every column of characters changes, and a `TEXT` grows where its bytes may become more.
fn convert(table: &mut Table, charset: Option<&str>, collation: Option<&str>) {
    let charset =
        charset.or(collation.and_then(charset_of)).map(|name| if name == "utf8" { "utf8mb3" } else { name });
    for column in &mut table.columns {
        let of = &mut column.column_type;
        if !of.kind.has_charset() {
            continue;
        }
        if let (Some(old), Some(new), Some(bytes)) = (of.charset.as_deref(), charset, of.kind.most_bytes()) {
            of.kind = smallest(of.kind, bytes / bytes_per_char(old) * bytes_per_char(new));
        }
        of.charset = charset.map(str::to_owned);
        of.collation = collation.map(str::to_owned);
    }
    table.charset = charset.map(str::to_owned);
    table.collation = collation.map(str::to_owned);
}

/// A reference as the catalogue keeps it.
fn references(reference: &Reference) -> References {
    References {
        table: reference.table.named(None),
        columns: reference.columns.iter().map(|name| name.text.clone()).collect(),
        on_delete: reference.on_delete,
        on_update: reference.on_update,
    }
}
