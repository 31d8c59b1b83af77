//! Statements that stand in the log as text: changes of structure, and what a server in another format than ROW writes.

use super::bytes::Bytes;
use dbdesk_review::{Statement, effect::touches, shape::Shape};

/// Texts are read up to so many bytes; a longer one is taken for what its first word says.
const READ_BYTES: usize = 256 * 1024;

/// A statement of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logged<'a> {
    /// The connection that ran it.
    pub(super) thread: u32,
    pub(super) database: String,
    pub(super) text: &'a [u8],
}

/// What it means for the rows of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Nothing,
    /// A transaction begins.
    Begins,
    /// What its transaction did is not so.
    RolledBack,
    /// A prepared transaction comes to be, or does not.
    Decided,
    /// The table is another one from here on.
    Restructured,
    /// All its rows are gone, and the log does not say which.
    Emptied,
    /// It changed rows, and the log does not say which.
    Rows,
}

pub(super) fn logged(event: &[u8]) -> Option<Logged<'_>> {
    let mut bytes = Bytes(event);
    let thread = u32::try_from(bytes.low_first(4)?).ok()?;
    bytes.take(4)?;
    let database = usize::from(bytes.byte()?);
    bytes.take(2)?;
    let variables = usize::try_from(bytes.low_first(2)?).ok()?;
    bytes.take(variables)?;
    let database = String::from_utf8_lossy(bytes.take(database)?).into_owned();
    bytes.take(1)?;
    Some(Logged { thread, database, text: bytes.0 })
}

/// Whether it is committed with its preparation, and its name, as [`decided`] gives it.
pub(super) fn prepared(event: &[u8]) -> Option<(bool, String)> {
    let mut bytes = Bytes(event);
    let one_phase = bytes.byte()? != 0;
    let format = bytes.low_first(4)?;
    let (first, second) = (bytes.low_first(4)?, bytes.low_first(4)?);
    let first = hex::encode(bytes.take(usize::try_from(first).ok()?)?);
    let second = hex::encode(bytes.take(usize::try_from(second).ok()?)?);
    Some((one_phase, format!("x'{first}',x'{second}',{format}")))
}

/// Of `XA COMMIT` and `XA ROLLBACK`, as servers log them: the name, and whether it comes to be.
pub(super) fn decided(text: &[u8]) -> Option<(String, bool)> {
    let text = std::str::from_utf8(text).ok()?.trim().to_ascii_lowercase();
    let (commits, name) = match (text.strip_prefix("xa commit "), text.strip_prefix("xa rollback ")) {
        (Some(name), _) => (true, name),
        (None, Some(name)) => (false, name),
        (None, None) => return None,
    };
    Some((name.trim().to_owned(), commits))
}

/// For the table `database.table`, both in lower case.
pub(super) fn means(logged: &Logged<'_>, database: &str, table: &str) -> Means {
    let head = logged.text.get(..READ_BYTES).unwrap_or(logged.text);
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start();
    let first: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    match first.to_ascii_uppercase().as_str() {
        "BEGIN" => return Means::Begins,
        "ROLLBACK" => {
            // Which of the rows before it stay is not worked out.
            let is_part = text.to_ascii_uppercase().contains(" TO ");
            return if is_part { Means::Rows } else { Means::RolledBack };
        }
        "XA" => return if decided(head).is_some() { Means::Decided } else { Means::Nothing },
        "COMMIT" | "SAVEPOINT" | "GRANT" | "REVOKE" | "FLUSH" | "ANALYZE" | "OPTIMIZE" => {
            return Means::Nothing;
        }
        _ => {}
    }
    let lower = text.to_lowercase();
    // Servers write that down for a table of one session alone.
    if ["create temporary", "drop temporary", "drop /*!40005 temporary */"]
        .iter()
        .any(|head| lower.starts_with(head))
    {
        return Means::Nothing;
    }
    if !lower.contains(table) && !lower.contains(database) {
        return Means::Nothing;
    }
    let is_cut = head.len() < logged.text.len();
    match dbdesk_review::read(text).ok().filter(|_| !is_cut) {
        Some(script) => {
            let all = script.statements().iter().map(|one| of(one, logged, (database, table), &lower));
            all.max_by_key(|means| *means as u8).unwrap_or(Means::Nothing)
        }
        None => unread(&lower, table),
    }
}

fn of(statement: &Statement, logged: &Logged<'_>, (database, table): (&str, &str), lower: &str) -> Means {
    let shape = &statement.shape;
    let is_it = touches(shape, Some(&logged.database))
        .map_or_else(|| lower.contains(table), |all| all.contains(&format!("{database}.{table}")));
    match shape {
        Shape::DropDatabase(name) if name.text.to_lowercase() == database => Means::Restructured,
        Shape::StoredObject(_)
        | Shape::Transaction
        | Shape::SetNames
        | Shape::CreateDatabase(_)
        | Shape::DropDatabase(_) => Means::Nothing,
        Shape::Admin(_) if !lower.starts_with("load") => Means::Nothing,
        Shape::Truncate(_) if is_it => Means::Emptied,
        Shape::Insert(_) | Shape::Update(_) | Shape::Delete(_) if is_it => Means::Rows,
        Shape::Admin(_) | Shape::NotAnalysable(..) | Shape::Broken(..) | Shape::OutOfPlace => {
            unread(lower, table)
        }
        _ if is_it => Means::Restructured,
        _ => Means::Nothing,
    }
}

/// What can not be read in full, by its first word.
fn unread(lower: &str, table: &str) -> Means {
    if !lower.contains(table) {
        return Means::Nothing;
    }
    let first: String = lower.chars().take_while(char::is_ascii_alphabetic).collect();
    match first.as_str() {
        "insert" | "replace" | "update" | "delete" | "load" | "with" => Means::Rows,
        "truncate" => Means::Emptied,
        _ => Means::Restructured,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_means_something_for_the_table_it_names() {
        let of = |text: &str| {
            let logged = Logged { thread: 1, database: "shop".into(), text: text.as_bytes() };
            means(&logged, "shop", "orders")
        };
        for (text, expected) in [
            ("BEGIN", Means::Begins),
            ("ROLLBACK", Means::RolledBack),
            ("ALTER TABLE `orders` ADD x INT", Means::Restructured),
            ("ALTER TABLE archive.orders ADD x INT", Means::Nothing),
            ("ALTER TABLE orders_old ADD x INT", Means::Nothing),
            ("CREATE INDEX i ON orders (v)", Means::Restructured),
            ("DROP TABLE `orders` /* generated by server */", Means::Restructured),
            ("RENAME TABLE orders TO a, _orders_new TO orders", Means::Restructured),
            ("TRUNCATE TABLE orders", Means::Emptied),
            ("DELETE FROM orders WHERE id = 1", Means::Rows),
            ("DELETE FROM archive.orders WHERE id = 1", Means::Nothing),
            ("DROP DATABASE shop", Means::Restructured),
            ("CREATE VIEW w AS SELECT * FROM orders", Means::Nothing),
            ("CREATE TABLE other (id INT)", Means::Nothing),
            ("LOAD DATA INFILE 'orders' INTO TABLE orders", Means::Rows),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
