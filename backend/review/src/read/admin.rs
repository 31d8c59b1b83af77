//! Administrative statements: what they are about, and the tables and privileges that rules speak of. The rest of them
//! is not read: they never pass by themselves.

use super::reader::{Read, Reader};
use crate::shape::{Admin, Grant, Shape, Task};
use sqlparser::tokenizer::Token;

/// First words, what they are about, and the kind that the desk shows. Longer ones stand before shorter ones.
const TASKS: &[(&[&str], Task, &str)] = &[
    (&["grant"], Task::Grant, "account"),
    (&["revoke"], Task::Revoke, "account"),
    (&["create", "user"], Task::Account, "account"),
    (&["create", "role"], Task::Account, "account"),
    (&["create", "or", "replace", "user"], Task::Account, "account"),
    (&["create", "or", "replace", "role"], Task::Account, "account"),
    (&["alter", "user"], Task::Account, "account"),
    (&["drop", "user"], Task::Account, "account"),
    (&["drop", "role"], Task::Account, "account"),
    (&["rename", "user"], Task::Account, "account"),
    (&["set", "password"], Task::Account, "account"),
    (&["set", "role"], Task::Account, "account"),
    (&["set", "default", "role"], Task::Account, "account"),
    (&["lock"], Task::Lock, "lock"),
    (&["unlock"], Task::Lock, "lock"),
    (&["backup"], Task::Lock, "lock"),
    (&["flush"], Task::Flush, "administration"),
    (&["kill"], Task::Kill, "administration"),
    (&["reset", "slave"], Task::Replication, "administration"),
    (&["reset", "replica"], Task::Replication, "administration"),
    (&["reset"], Task::Server, "administration"),
    (&["purge"], Task::Server, "administration"),
    (&["shutdown"], Task::Server, "administration"),
    (&["restart"], Task::Server, "administration"),
    (&["clone"], Task::Server, "administration"),
    (&["binlog"], Task::Server, "administration"),
    (&["alter", "instance"], Task::Server, "administration"),
    (&["change"], Task::Replication, "administration"),
    (&["stop"], Task::Replication, "administration"),
    (&["start", "slave"], Task::Replication, "administration"),
    (&["start", "replica"], Task::Replication, "administration"),
    (&["start", "all", "slaves"], Task::Replication, "administration"),
    (&["start", "all", "replicas"], Task::Replication, "administration"),
    (&["start", "group_replication"], Task::Replication, "administration"),
    (&["install"], Task::Plugin, "administration"),
    (&["uninstall"], Task::Plugin, "administration"),
    (&["cache", "index"], Task::Maintenance, "maintenance"),
    (&["load", "index"], Task::Maintenance, "maintenance"),
    (&["create", "server"], Task::ForeignServer, "administration"),
    (&["create", "or", "replace", "server"], Task::ForeignServer, "administration"),
    (&["alter", "server"], Task::ForeignServer, "administration"),
    (&["drop", "server"], Task::ForeignServer, "administration"),
    (&["create", "tablespace"], Task::Tablespace, "tablespace"),
    (&["create", "undo", "tablespace"], Task::Tablespace, "tablespace"),
    (&["create", "logfile", "group"], Task::Tablespace, "tablespace"),
    (&["alter", "tablespace"], Task::Tablespace, "tablespace"),
    (&["alter", "undo", "tablespace"], Task::Tablespace, "tablespace"),
    (&["alter", "logfile", "group"], Task::Tablespace, "tablespace"),
    (&["drop", "tablespace"], Task::Tablespace, "tablespace"),
    (&["drop", "undo", "tablespace"], Task::Tablespace, "tablespace"),
    (&["drop", "logfile", "group"], Task::Tablespace, "tablespace"),
    (&["import"], Task::Tablespace, "tablespace"),
    (&["create", "spatial", "reference"], Task::Dictionary, "administration"),
    (&["create", "or", "replace", "spatial"], Task::Dictionary, "administration"),
    (&["drop", "spatial", "reference"], Task::Dictionary, "administration"),
    (&["create", "resource"], Task::Dictionary, "administration"),
    (&["alter", "resource"], Task::Dictionary, "administration"),
    (&["drop", "resource"], Task::Dictionary, "administration"),
    (&["set", "resource"], Task::Dictionary, "administration"),
    (&["create", "library"], Task::Dictionary, "administration"),
    (&["alter", "library"], Task::Dictionary, "administration"),
    (&["drop", "library"], Task::Dictionary, "administration"),
    (&["drop", "prepare"], Task::Dictionary, "prepare"),
    (&["call"], Task::Call, "call"),
    (&["do"], Task::Call, "do"),
];

/// Work on tables that keeps their rows, and whether `NO_WRITE_TO_BINLOG` may stand behind the word.
const MAINTENANCE: [&str; 5] = ["analyze", "optimize", "repair", "check", "checksum"];

/// An administrative statement; `None`, with nothing read, where it is none.
pub fn admin(reader: &mut Reader<'_>) -> Read<Option<(&'static str, Shape)>> {
    if let Some(known) = maintenance(reader)? {
        return Ok(Some(known));
    }
    if reader.are(&["alter", "database"]) || reader.are(&["alter", "schema"]) {
        return database(reader).map(Some);
    }
    if reader.are(&["load", "data"]) || reader.are(&["load", "xml"]) {
        return load(reader).map(Some);
    }
    let Some((words, task, kind)) = TASKS.iter().find(|(words, ..)| reader.are(words)) else {
        return Ok(None);
    };
    let mut admin = begin(reader, words.len(), *task);
    match task {
        Task::Grant | Task::Revoke => admin.grant = Some(grant(reader)?),
        Task::Lock if reader.take_one(&["tables", "table"]) => {
            admin.words = reader.since(admin.words.start);
            if !reader.is_end() {
                admin.tables = locked(reader)?;
            }
        }
        _ => {}
    }
    reader.rest();
    Ok(Some((kind, Shape::Admin(Box::new(admin)))))
}

fn begin(reader: &mut Reader<'_>, words: usize, task: Task) -> Admin {
    let start = reader.here().start;
    (0..words).for_each(|_| reader.step());
    Admin { task, words: reader.since(start), tables: Vec::new(), database: None, grant: None }
}

/// `OPTIMIZE [LOCAL] TABLE a, b …`.
fn maintenance(reader: &mut Reader<'_>) -> Read<Option<(&'static str, Shape)>> {
    if !MAINTENANCE.iter().any(|word| reader.is(word)) {
        return Ok(None);
    }
    let by = if reader.ahead_is(1, "no_write_to_binlog") || reader.ahead_is(1, "local") { 2 } else { 1 };
    let views = reader.ahead_is(by, "view");
    if !reader.ahead_is(by, "table") && !reader.ahead_is(by, "tables") && !views {
        // MariaDB's `ANALYZE SELECT …` runs a statement and tells how.
        return Ok(None);
    }
    let mut admin = begin(reader, by + 1, Task::Maintenance);
    admin.tables = reader.list(|reader| {
        let table = reader.table()?;
        if reader.take_all(&["persistent", "for"]) {
            while !reader.is_end() && !reader.is_sign(&Token::Comma) {
                if reader.is_sign(&Token::LParen) {
                    reader.balanced()?;
                } else {
                    reader.step();
                }
            }
        }
        Ok(table)
    })?;
    reader.rest();
    Ok(Some(("maintenance", Shape::Admin(Box::new(admin)))))
}

/// `a READ, b AS c WRITE`.
fn locked(reader: &mut Reader<'_>) -> Read<Vec<crate::shape::TableRef>> {
    reader.list(|reader| {
        let table = reader.table()?;
        while !reader.is_end() && !reader.is_sign(&Token::Comma) {
            reader.step();
        }
        Ok(table)
    })
}

/// `ALTER DATABASE [name] …`.
fn database(reader: &mut Reader<'_>) -> Read<(&'static str, Shape)> {
    let mut admin = begin(reader, 2, Task::Database);
    let option = ["default", "character", "charset", "collate", "comment", "encryption", "read"];
    if !option.iter().any(|word| reader.is(word)) {
        admin.database = Some(reader.name()?);
    }
    reader.rest();
    Ok(("alter_database", Shape::Admin(Box::new(admin))))
}

/// `LOAD DATA … INTO TABLE t …`.
fn load(reader: &mut Reader<'_>) -> Read<(&'static str, Shape)> {
    let mut admin = begin(reader, 2, Task::LoadData);
    while !reader.is_end() {
        if reader.take_all(&["into", "table"]) {
            admin.tables.push(reader.table()?);
            break;
        }
        reader.step();
    }
    reader.rest();
    Ok(("load_data", Shape::Admin(Box::new(admin))))
}

/// What stands behind `GRANT` or `REVOKE`.
fn grant(reader: &mut Reader<'_>) -> Read<Grant> {
    let mut grant = Grant::default();
    loop {
        let start = reader.here().start;
        grant.all |= reader.is("all");
        grant.superuser |= reader.is("super");
        while !reader.is_end()
            && !reader.is_sign(&Token::Comma)
            && !["on", "to", "from"].iter().any(|word| reader.is(word))
        {
            if reader.is_sign(&Token::LParen) {
                reader.balanced()?;
            } else {
                reader.step();
            }
        }
        grant.privileges.push(reader.since(start));
        if !reader.take_sign(&Token::Comma) {
            break;
        }
    }
    if reader.take("on") {
        let start = reader.here().start;
        while !reader.is_end() && !reader.is("to") && !reader.is("from") {
            reader.step();
        }
        grant.on = Some(reader.since(start));
    }
    while !reader.is_end() {
        grant.with_grant_option |= reader.are(&["with", "grant", "option"])
            || reader.are(&["grant", "option"])
            || reader.are(&["with", "admin", "option"]);
        reader.step();
    }
    Ok(grant)
}
