//! What of a script may be sent to a review server, and how its names are turned towards the shadow's databases: by
//! replacing the bytes of each database's name where it is certain that it is one, never by printing a statement anew.

use super::{
    Left,
    lexemes::{Chain, Piece, chains, pieces},
    suited,
};
use crate::{
    facts::TableName,
    questions::tables_of,
    read::{Script, Statement},
    scan::Lexeme,
    settings::Settings,
    shape::{Action, Shape, TableRef},
    span::Span,
};
use std::collections::{BTreeMap, BTreeSet};

/// A longer statement is not sent.
const MAX_STATEMENT_BYTES: usize = 256 * 1024;
/// Databases of the server itself.
const SYSTEM: [&str; 5] = ["mysql", "information_schema", "performance_schema", "sys", "ndbinfo"];

/// A script as a trial goes through it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the script's order; statements that are no DDL of tables and no DML have none.
    pub steps: Vec<Step>,
    /// Every table that a step names.
    pub tables: BTreeSet<TableName>,
    /// The database of names without one.
    pub database: String,
}

/// A statement as a trial meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which statement of the script.
    pub index: usize,
    /// What is done with it.
    pub what: What,
    /// It changes rows, and so can be explained.
    pub is_dml: bool,
    /// The tables it names.
    pub tables: BTreeSet<TableName>,
    /// The tables whose definition it may change.
    pub changes: Vec<TableName>,
    /// Tables it gives another name: the old, the new.
    pub renames: Vec<(TableName, TableName)>,
    /// As written.
    sql: String,
    /// Places of databases' names in `sql`, and the names, in order.
    databases: Vec<(Span, String)>,
}

/// What is done with a statement on a review server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is run.
    Apply,
    /// It is prepared, which runs nothing.
    Prepare,
    /// It is not sent.
    Leave(Left),
}

impl Step {
    /// The statement for the shadow, `shadows` naming the shadow of each database. `None` where one has none.
    #[must_use]
    pub fn sql(&self, shadows: &BTreeMap<String, String>) -> Option<String> {
        replaced(&self.sql, &self.databases, shadows)
    }
}

/// `sql` with the databases' names in it replaced.
pub(super) fn replaced(
    sql: &str,
    databases: &[(Span, String)],
    shadows: &BTreeMap<String, String>,
) -> Option<String> {
    let (mut out, mut at) = (String::with_capacity(sql.len() + 64), 0);
    for (span, database) in databases {
        out.push_str(sql.get(at..span.start)?);
        out.push('`');
        out.push_str(&shadows.get(database)?.replace('`', "``"));
        out.push('`');
        at = span.end;
    }
    out.push_str(sql.get(at..)?);
    Some(out)
}

impl Script {
    /// How this script is tried, at most `most` statements of it; nothing without a database.
    #[must_use]
    pub fn plan(&self, settings: &Settings, most: usize) -> Plan {
        let Some(database) = &settings.database else { return Plan::default() };
        let mut plan = Plan { database: database.clone(), ..Plan::default() };
        for statement in self.statements() {
            let Some(mut step) = self.step(statement, database) else { continue };
            if plan.steps.len() >= most {
                step.what = What::Leave(Left::TooMany);
            } else if !matches!(step.what, What::Leave(_)) {
                plan.tables.extend(step.tables.iter().cloned());
            }
            plan.steps.push(step);
        }
        plan
    }

    fn step(&self, statement: &Statement, database: &str) -> Option<Step> {
        let shape = &statement.shape;
        let what = match shape {
            Shape::CreateTable(create) if create.select.is_none() => What::Apply,
            Shape::AlterTable(_) | Shape::DropTable(_) | Shape::RenameTable(_) | Shape::Truncate(_) => {
                What::Apply
            }
            Shape::CreateTable(_) | Shape::Insert(_) | Shape::Update(_) | Shape::Delete(_) => What::Prepare,
            _ => return None,
        };
        let named: Vec<TableName> =
            tables_of(shape).into_iter().map(|table| table.named(Some(database))).collect();
        let mut step = Step {
            index: statement.index,
            what,
            is_dml: shape.is_dml(),
            tables: named.into_iter().collect(),
            changes: changes(shape, database),
            renames: renames(shape, database),
            sql: self.text(statement).to_owned(),
            databases: Vec::new(),
        };
        if let Err(left) = self.complete(statement, database, &mut step) {
            step.what = What::Leave(left);
        }
        Some(step)
    }

    /// Finds what the shape does not tell: tables that keys refer to, and the place of every database's name.
    fn complete(&self, statement: &Statement, database: &str, step: &mut Step) -> Result<(), Left> {
        let (shape, span) = (&statement.shape, statement.span);
        if span.end - span.start > MAX_STATEMENT_BYTES {
            return Err(Left::TooMany);
        }
        let pieces = pieces(self.sql(), span).ok_or(Left::Unsuited)?;
        if !suited::is_suited(shape, &pieces) {
            return Err(Left::Unsuited);
        }
        let known = tables_of(shape);
        let mut found: BTreeMap<Span, String> = known
            .iter()
            .filter_map(|table| table.database.as_ref())
            .map(|name| (name.span, name.text.clone()))
            .collect();
        for (other, place) in referred(&pieces, database) {
            step.tables.insert(other.clone());
            if let (Some(place), Some(database)) = (place, other.database) {
                found.insert(place, database);
            }
        }
        let mut databases: BTreeSet<String> = found.values().cloned().collect();
        databases.insert(database.to_owned());
        for chain in chains(&pieces) {
            if let Some((place, name)) = database_of(&chain, &found, &databases, &known)? {
                found.insert(place, name);
            }
        }
        if found.values().any(|name| SYSTEM.iter().any(|system| name.eq_ignore_ascii_case(system))) {
            return Err(Left::Unsuited);
        }
        let from_start = |place: Span| Span::new(place.start - span.start, place.end - span.start);
        step.databases = found
            .into_iter()
            .filter(|(place, _)| span.holds(*place))
            .map(|(place, name)| (from_start(place), name))
            .collect();
        Ok(())
    }
}

/// The database's name at the head of a chain, where one stands there that is not `found` yet.
fn database_of(
    chain: &Chain<'_>,
    found: &BTreeMap<Span, String>,
    databases: &BTreeSet<String>,
    tables: &[&TableRef],
) -> Result<Option<(Span, String)>, Left> {
    let Some((head, name)) = chain.names.first().and_then(|head| Some((head, head.name()?))) else {
        return Ok(None);
    };
    if found.contains_key(&head.span) || chain.before.is_some_and(|before| before.is_sign("@")) {
        return Ok(None);
    }
    if chain.after.is_some_and(|after| after.lexeme == Lexeme::Open) {
        // A stored function of some database; nothing of it is in the shadow. `INSERT INTO d.t (…)` is found already.
        return Err(Left::Names);
    }
    match chain.names.len() {
        3 if databases.contains(&name) => Ok(Some((head.span, name))),
        // `table.column`, unless a database is called so as well.
        2 if !databases.contains(&name) || tables.iter().any(|table| table.table.text == name) => Ok(None),
        _ => Err(Left::Names),
    }
}

/// The tables behind `REFERENCES` and `WITH TABLE`, and the place of each one's database where it is written.
pub(super) fn referred(pieces: &[Piece<'_>], database: &str) -> Vec<(TableName, Option<Span>)> {
    let mut all = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let with_table = piece.is("table")
            && at
                .checked_sub(1)
                .and_then(|before| pieces.get(before))
                .is_some_and(|before| before.is("with"));
        if !piece.is("references") && !with_table {
            continue;
        }
        let Some(rest) = pieces.get(at + 1..) else { break };
        let name = |place: usize| rest.get(place).and_then(Piece::name);
        match (name(0), rest.get(1).is_some_and(|dot| dot.is_sign(".")), name(2)) {
            (Some(other), true, Some(table)) => {
                all.push((TableName { database: Some(other), table }, rest.first().map(|piece| piece.span)));
            }
            (Some(table), ..) => all.push((TableName { database: Some(database.to_owned()), table }, None)),
            _ => {}
        }
    }
    all
}

fn changes(shape: &Shape, database: &str) -> Vec<TableName> {
    let named = |table: &TableRef| table.named(Some(database));
    match shape {
        Shape::CreateTable(create) if create.select.is_none() => vec![named(&create.table)],
        Shape::AlterTable(alter) => vec![named(&alter.table)],
        Shape::DropTable(drop) => drop.tables.iter().map(named).collect(),
        _ => Vec::new(),
    }
}

fn renames(shape: &Shape, database: &str) -> Vec<(TableName, TableName)> {
    let named = |table: &TableRef| table.named(Some(database));
    match shape {
        Shape::RenameTable(pairs) => pairs.iter().map(|(old, new)| (named(old), named(new))).collect(),
        Shape::AlterTable(alter) => {
            let new = alter.ops.iter().filter_map(|op| match &op.action {
                Action::RenameTable(new) => Some((named(&alter.table), named(new))),
                _ => None,
            });
            new.collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(sql: &str) -> Step {
        let settings = Settings { database: Some("shop".into()), ..Settings::default() };
        let plan = crate::read(sql).expect("a script").plan(&settings, 10);
        plan.steps.into_iter().next().unwrap_or_else(|| panic!("nothing is done with {sql}"))
    }

    fn shadows() -> BTreeMap<String, String> {
        [("shop", "s_1"), ("Other db", "s_2")].map(|(name, shadow)| (name.into(), shadow.into())).into()
    }

    fn left(sql: &str) -> Option<Left> {
        match step(sql).what {
            What::Leave(left) => Some(left),
            _ => None,
        }
    }

    #[test]
    fn only_the_bytes_of_a_database_s_name_change() {
        for (sql, sent) in [
            ("ALTER TABLE orders ADD a INT", "ALTER TABLE orders ADD a INT"),
            (
                "ALTER TABLE shop . orders /* shop.x */ ADD a INT COMMENT 'shop.orders'",
                "ALTER TABLE `s_1` . orders /* shop.x */ ADD a INT COMMENT 'shop.orders'",
            ),
            (
                "UPDATE shop.orders o SET o.a = 1.5, shop.orders.b = 2 WHERE `shop`.`orders`.c = 'shop.orders.c'",
                "UPDATE `s_1`.orders o SET o.a = 1.5, `s_1`.orders.b = 2 WHERE `s_1`.`orders`.c = 'shop.orders.c'",
            ),
            (
                "CREATE TABLE t (id INT, p INT, FOREIGN KEY (p) REFERENCES `Other db`.parents (id))",
                "CREATE TABLE t (id INT, p INT, FOREIGN KEY (p) REFERENCES `s_2`.parents (id))",
            ),
            (
                "INSERT INTO shop.t (a) SELECT x.a FROM shop.x",
                "INSERT INTO `s_1`.t (a) SELECT x.a FROM `s_1`.x",
            ),
            ("UPDATE shop SET shop.a = 1 WHERE shop.b = 2", "UPDATE shop SET shop.a = 1 WHERE shop.b = 2"),
        ] {
            assert_eq!(step(sql).sql(&shadows()).as_deref(), Some(sent), "{:?}", step(sql));
        }
    }

    #[test]
    fn where_a_name_may_be_a_database_or_not_nothing_is_sent() {
        assert_eq!(left("UPDATE orders SET a = shop.price(id)"), Some(Left::Names));
        assert_eq!(left("UPDATE orders SET a = 1 WHERE elsewhere.orders.b = 1"), Some(Left::Names));
        assert_eq!(left("UPDATE mysql.user SET a = 1"), Some(Left::Unsuited));
    }

    #[test]
    fn what_reads_files_waits_or_leads_elsewhere_is_never_sent() {
        for sql in [
            "CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://x@10.0.0.1/d/t'",
            "CREATE TABLE t (a INT) ENGINE = `CONNECT`",
            "CREATE TABLE t (a INT) ENGINE 'SPIDER'",
            "CREATE TABLE t (a INT) CONNECTION='mysql://x@10.0.0.1/d/t'",
            "CREATE TABLE t (a INT) DATA DIRECTORY='/etc'",
            "CREATE TABLE t (a INT) PARTITION BY HASH (a) (PARTITION p0 DATA DIRECTORY = '/etc')",
            "CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (1) ENGINE = FEDERATED)",
            "CREATE TABLE t (a INT) TABLESPACE ts1",
            "CREATE TABLE t (a INT) ENCRYPTION = 'Y'",
            "CREATE TEMPORARY TABLE t (a INT)",
            "ALTER TABLE t ENGINE=CONNECT",
            "ALTER TABLE t ADD a INT, ENGINE FEDERATED",
            "ALTER TABLE t IMPORT TABLESPACE",
            "ALTER TABLE t DISCARD PARTITION p0 TABLESPACE",
            "ALTER TABLE t ADD a INT DEFAULT (`sleep`(100))",
            "UPDATE t SET a = SLEEP (100)",
            "INSERT INTO t SELECT LOAD_FILE('/etc/passwd')",
            "UPDATE t SET a = GET_LOCK('x', 10)",
        ] {
            let shown = crate::read(sql).expect("a script");
            let settings = Settings { database: Some("shop".into()), ..Settings::default() };
            let steps = shown.plan(&settings, 10).steps;
            assert!(steps.iter().all(|step| step.what == What::Leave(Left::Unsuited)), "{sql}: {steps:?}");
        }
        for sql in [
            "GRANT ALL ON *.* TO x",
            "SET GLOBAL max_connections = 1",
            "CREATE DATABASE x",
            "DROP DATABASE shop",
            "CREATE PROCEDURE p() SELECT 1",
            "CREATE TABLE t (a INT) /*!50100 ENGINE=FEDERATED */",
            "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
            "ALTER TABLE t ADD a INT // DROP USER x",
        ] {
            let script = crate::read(sql).expect("a script");
            let settings = Settings { database: Some("shop".into()), ..Settings::default() };
            assert_eq!(script.plan(&settings, 10).steps, [], "{sql}");
        }
    }

    #[test]
    fn columns_with_the_names_of_options_are_no_options() {
        for sql in [
            "CREATE TABLE t (engine VARCHAR(20), `connection` TEXT, tablespace INT, directory TEXT)",
            "CREATE TABLE t (a INT, connection TEXT, encryption TEXT) ENGINE=InnoDB",
            "ALTER TABLE t ADD COLUMN engine INT, ADD directory TEXT",
            "UPDATE t SET connection = 'x', engine = 'y', tablespace = 1",
            "UPDATE cars SET sleep_mode = 1",
        ] {
            assert_eq!(left(sql), None, "{sql}");
        }
    }

    #[test]
    fn more_statements_than_are_tried_are_left() {
        let settings = Settings { database: Some("shop".into()), ..Settings::default() };
        let script = crate::read("DROP TABLE a; DROP TABLE b; DROP TABLE c").expect("a script");
        let whats: Vec<What> = script.plan(&settings, 2).steps.iter().map(|step| step.what).collect();
        assert_eq!(whats, [What::Apply, What::Apply, What::Leave(Left::TooMany)]);
    }
}
