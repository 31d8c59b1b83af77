//! What each part of an `ALTER TABLE` gets from the server.

use super::{
    column::{self, definition},
    grant::{Claim, Grant, Server},
    words::Words,
};
use crate::{
    facts::{KeyKind, Table},
    rules::words::{quoted, shown},
    shape::{Action, AlterOp, AlterTable, ColumnDef, KeyDef, Name},
};
use dbdesk_commands::lang::{Said, said};
use std::cell::OnceCell;

/// An `ALTER TABLE` on its way to a server.
pub struct Asked<'a> {
    /// The server.
    pub server: Server,
    /// The table, where it is known.
    pub table: Option<&'a Table>,
    /// The statement.
    pub alter: &'a AlterTable,
    /// The whole script.
    pub sql: &'a str,
    /// Whether a part asks for `ALGORITHM=INPLACE`: looked for once, not for every part anew.
    pub in_place: OnceCell<bool>,
}

/// A server has no more columns; of more parts than these nothing is told.
const MAX_PARTS: usize = 4_096;

impl Asked<'_> {
    /// What each part gets.
    pub fn claims(&self) -> Vec<Claim> {
        let parts = self.alter.ops.iter().take(MAX_PARTS);
        parts.filter_map(|op| self.claim(op)).map(|claim| self.bounded(claim)).collect()
    }

    /// Only InnoDB changes anything in place; and a table with a full-text index is not built anew while writes go on.
    fn bounded(&self, mut claim: Claim) -> Claim {
        let server = self.server;
        let limit = |grant: Grant| match grant {
            _ if self.is_foreign_engine() => Grant::Copy,
            Grant::Rebuild if self.has_full_text() && server.flavour.is_mariadb() => Grant::RebuildBlocked,
            Grant::Rebuild | Grant::RebuildBlocked if self.has_full_text() => Grant::Copy,
            other => other,
        };
        for grant in [&mut claim.alone, &mut claim.with_instant, &mut claim.with_others] {
            *grant = limit(*grant);
        }
        claim
    }

    fn is_foreign_engine(&self) -> bool {
        self.table
            .and_then(|table| table.engine.as_deref())
            .is_some_and(|engine| !engine.eq_ignore_ascii_case("innodb"))
    }

    fn has_full_text(&self) -> bool {
        self.table.is_some_and(|table| table.keys.iter().any(|key| key.kind == KeyKind::FullText))
    }

    /// Where nothing is known of the table, it is not thought of.
    fn has_generated(&self) -> bool {
        self.table.is_some_and(|table| table.columns.iter().any(|column| column.generated.is_some()))
    }

    /// Whether rows can keep an older form beside the new one.
    fn keeps_versions(&self) -> bool {
        let compressed = self
            .table
            .and_then(|table| table.row_format.as_deref())
            .is_some_and(|format| format == "compressed");
        !compressed && !self.has_full_text() && !self.asks_in_place()
    }

    /// Whether the asker himself forbids an instant change.
    fn asks_in_place(&self) -> bool {
        let asks = || {
            self.alter.ops.iter().any(|op| {
                let words = Words::of(op.span.of(self.sql));
                matches!(words.value_of("algorithm"), Some("inplace"))
            })
        };
        !self.server.flavour.is_mariadb() && *self.in_place.get_or_init(asks)
    }

    fn claim(&self, op: &AlterOp) -> Option<Claim> {
        let words = Words::of(op.span.of(self.sql));
        let server = self.server;
        Some(match &op.action {
            Action::AddColumns(columns, _) => return self.add_columns(columns, &words),
            Action::AddKey(key, _) => self.add_key(key),
            Action::DropColumn(name, _) => self.drop_column(name),
            Action::DropKey(name, _) => {
                let index = quoted(&name.text);
                // MariaDB drops it without reading a row, but not in an instant.
                let grant = if server.is_online() { Grant::Metadata } else { Grant::Scan };
                Claim::always(grant, said!("Dropping the index {index}", "删除索引 {index} "))
            }
            Action::DropPrimaryKey => {
                let replaced =
                    self.alter.ops.iter().any(
                        |op| matches!(&op.action, Action::AddKey(key, _) if key.kind == KeyKind::Primary),
                    );
                let grant = if replaced { server.rebuild() } else { Grant::Copy };
                Claim::always(grant, Said::fixed("Dropping the primary key", "删除主键"))
            }
            Action::Modify(new) => self.redefine(&new.name, new, &words),
            Action::Change(old, new) => self.redefine(old, new, &words),
            Action::RenameColumn(old, new) => self.rename_column(old, &new.text),
            Action::RenameTable(_) => instant_definition(server, Said::fixed("The new name", "改表名")),
            Action::RenameKey(old, _) => {
                let grant = if server.flavour.at_least(5, 7) { server.metadata() } else { Grant::Copy };
                Claim::always(
                    grant,
                    said!("Renaming the index {old}", "给索引 {old} 改名", old = quoted(&old.text)),
                )
            }
            Action::Option(option) => {
                let cause = said!("{option}", "{option} ", option = shown(option.span.of(self.sql)));
                Claim::always(self.option(&option.name, &option.value), cause)
            }
            _ => return self.by_words(op, &words),
        })
    }

    fn add_columns(&self, columns: &[ColumnDef], op: &Words) -> Option<Claim> {
        let claims = columns.iter().map(|column| self.add_column(column, op.is_placed())).collect();
        let (count, first) = (columns.len(), columns.first()?);
        let cause = if count == 1 {
            said!("Adding the column {name}", "新增列 {name} ", name = quoted(&first.name.text))
        } else {
            said!("Adding {count} columns", "新增 {count} 列")
        };
        let worst = |grant: fn(&Claim) -> Grant, claims: &[Claim]| claims.iter().map(grant).max();
        let claims: Vec<Claim> = claims;
        let beside = if claims.len() == 1 {
            worst(|claim| claim.alone, &claims)?
        } else {
            worst(|claim| claim.with_instant, &claims)?
        };
        Some(Claim {
            alone: beside,
            with_instant: worst(|claim| claim.with_instant, &claims)?,
            with_others: worst(|claim| claim.with_others, &claims)?,
            cause,
        })
    }

    fn add_column(&self, column: &ColumnDef, placed: bool) -> Claim {
        let (server, words, nothing) =
            (self.server, Words::of(column.span.of(self.sql)), Said::fixed("", ""));
        let always = |grant| Claim::always(grant, nothing.clone());
        if words.has_any(&["stored", "persistent", "references"])
            || (words.has("check") && !server.flavour.is_mariadb())
            || words.has_row(&["default", "("])
            || words.has("compressed")
        {
            return always(Grant::Copy);
        }
        if words.has_any(&["as", "generated"]) && words.has("(") && words.has("as") {
            // A virtual column stands in no row; it bears no company.
            let alone = definition(server);
            let instantly = !server.flavour.is_mariadb() && server.adds_last_instantly();
            let instant = if instantly { Grant::Instant } else { Grant::Copy };
            let partitioned = self.table.is_some_and(|table| table.partitioned);
            let alone = if partitioned { Grant::Copy } else { alone };
            return Claim {
                alone,
                with_instant: instant.max(alone),
                with_others: Grant::Copy,
                cause: nothing,
            };
        }
        if words.has_any(&["auto_increment", "serial"]) {
            return always(if server.is_online() { Grant::RebuildBlocked } else { Grant::Copy });
        }
        if words.has_any(&["primary", "unique", "key"]) {
            return always(server.rebuild());
        }
        // MariaDB counts the places of columns that are worked out from others.
        if placed && server.flavour.is_mariadb() && self.has_generated() {
            return always(Grant::Copy);
        }
        let instant = if placed { server.moves_instantly() } else { server.adds_last_instantly() };
        if instant && self.keeps_versions() {
            Claim::instant_or(server.rebuild(), nothing)
        } else {
            always(server.rebuild())
        }
    }

    fn add_key(&self, key: &KeyDef) -> Claim {
        let online = self.server.is_online();
        let named = key.name.as_ref().map_or_else(String::new, |name| format!(" {}", quoted(&name.text)));
        let (grant, cause) = match key.kind {
            KeyKind::Primary => (self.server.rebuild(), Said::fixed("The new primary key", "新增主键")),
            KeyKind::Foreign => {
                let cause = said!("The new foreign key{named}", "新增外键{named} ");
                (Grant::Copy, cause)
            }
            KeyKind::FullText => {
                let grant = if self.has_full_text() { Grant::ScanBlocked } else { Grant::RebuildBlocked };
                (grant, said!("The new full-text index{named}", "新增全文索引{named} "))
            }
            KeyKind::Spatial => {
                (Grant::ScanBlocked, said!("The new spatial index{named}", "新增空间索引{named} "))
            }
            KeyKind::Plain | KeyKind::Unique => {
                let expression = key.parts.iter().any(|part| part.is_expression);
                let grant = if expression || !online { Grant::ScanBlocked } else { Grant::Scan };
                (grant, said!("The new index{named}", "新增索引{named} "))
            }
        };
        let grant = if online { grant } else { grant.max(Grant::ScanBlocked) };
        Claim::always(grant, cause)
    }

    fn drop_column(&self, name: &Name) -> Claim {
        let server = self.server;
        let cause = said!("Dropping the column {name}", "删除列 {name} ", name = quoted(&name.text));
        let indexed = self.table.is_none_or(|table| column::is_indexed(table, &name.text));
        let primary = self.table.is_some_and(|table| {
            let has = |key: &crate::facts::Key| {
                key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(&name.text))
            };
            table.keys.iter().any(|key| key.kind == KeyKind::Primary && has(key))
        });
        if primary {
            return Claim::always(Grant::Copy, cause);
        }
        if !server.moves_instantly() || !self.keeps_versions() {
            return Claim::always(server.rebuild(), cause);
        }
        if indexed && server.is_new_mariadb() && self.table.is_some() {
            let (alone, with_others) = (Grant::Scan, server.rebuild());
            return Claim { alone, with_instant: alone, with_others, cause };
        }
        if indexed {
            return Claim::always(server.rebuild(), cause);
        }
        Claim::instant_or(server.rebuild(), cause)
    }

    fn redefine(&self, name: &Name, new: &ColumnDef, words: &Words) -> Claim {
        let server = self.server;
        let column = quoted(&name.text);
        let cause = said!("The new definition of {column}", "{column} 的新定义");
        let Some(table) = self.table else { return Claim::always(Grant::Copy, cause) };
        let Some(old) = table.column(&name.text) else { return Claim::always(Grant::Copy, cause) };
        let mut grant = column::redefined(server, table, old, new, &Words::of(new.span.of(self.sql)));
        let mut beside = grant.max(if grant == Grant::Instant { Grant::Metadata } else { grant });
        if words.is_placed() {
            let moved = if self.has_generated() {
                Grant::Copy
            } else if server.is_new_mariadb() && self.keeps_versions() {
                Grant::Instant
            } else {
                server.rebuild()
            };
            (grant, beside) = (grant.max(moved), beside.max(server.rebuild()));
        }
        if !old.name.eq_ignore_ascii_case(&new.name.text) {
            let renamed = self.rename_column(name, &new.name.text);
            (grant, beside) = (grant.max(renamed.alone), beside.max(renamed.with_others));
        }
        Claim { alone: grant, with_instant: grant, with_others: beside, cause }
    }

    fn rename_column(&self, old: &Name, new: &str) -> Claim {
        let server = self.server;
        let cause = said!(
            "Renaming the column {old} to {new}",
            "把列 {old} 改名为 {new} ",
            old = quoted(&old.text),
            new = quoted(new)
        );
        // MySQL is slower where another table's foreign key may refer to the column.
        let referable = self.table.is_none_or(|table| {
            table.keys.iter().any(|key| {
                matches!(key.kind, KeyKind::Primary | KeyKind::Unique)
                    && key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(&old.text))
            })
        });
        if server.moves_instantly() && (server.flavour.is_mariadb() || !referable) {
            Claim::instant_or(Grant::Metadata, cause)
        } else {
            let grant = if server.is_online() { Grant::Metadata } else { Grant::Copy };
            Claim::always(grant, cause)
        }
    }

    fn option(&self, name: &str, value: &str) -> Grant {
        let server = self.server;
        match name {
            "engine" if value.eq_ignore_ascii_case("innodb") && !self.is_foreign_engine() => server.rebuild(),
            "comment" | "auto_increment" | "charset" | "character set" | "collate" | "stats_persistent"
            | "stats_auto_recalc" | "stats_sample_pages" => server.metadata(),
            "row_format" | "key_block_size" | "page_compressed" => server.rebuild(),
            _ => Grant::Copy,
        }
    }

    /// Parts that are known by their first words. What is not known is a copy.
    fn by_words(&self, op: &AlterOp, words: &Words) -> Option<Claim> {
        let server = self.server;
        let cause = said!("{part}", "{part} ", part = shown(op.span.of(self.sql)));
        let is = |row: &[&str]| words.begins(row);
        if is(&["algorithm"]) {
            return (words.value_of("algorithm") == Some("copy")).then(|| Claim::always(Grant::Copy, cause));
        }
        if is(&["lock"]) {
            let waits = matches!(words.value_of("lock"), Some("shared" | "exclusive"));
            return waits.then(|| Claim::always(Grant::ScanBlocked, cause));
        }
        if is(&["with", "validation"]) || is(&["without", "validation"]) {
            return None;
        }
        if is(&["alter", "index"]) || is(&["alter", "key"]) {
            return Some(Claim::always(server.metadata(), cause));
        }
        if is(&["alter"]) && words.has("enforced") {
            let grant = if words.has("not") { definition(server) } else { Grant::Copy };
            return Some(Claim::always(grant, cause));
        }
        if is(&["alter"]) || is(&["rename", "to"]) || is(&["disable", "keys"]) || is(&["enable", "keys"]) {
            return Some(instant_definition(server, cause));
        }
        if is(&["drop", "foreign", "key"]) {
            return Some(Claim::always(server.metadata(), cause));
        }
        if is(&["drop", "check"]) || is(&["drop", "constraint"]) {
            return Some(Claim::always(
                if server.moves_instantly() { Grant::Metadata } else { Grant::Copy },
                cause,
            ));
        }
        if is(&["force"]) {
            return Some(Claim::always(server.rebuild(), cause));
        }
        Some(Claim::always(partition(words), cause))
    }
}

fn instant_definition(server: Server, cause: Said) -> Claim {
    match definition(server) {
        Grant::Instant => Claim::instant_or(Grant::Metadata, cause),
        grant => Claim::always(grant, cause),
    }
}

/// Work on partitions. Those that come empty or go move no rows; the rest is copied, and writes wait.
fn partition(words: &Words) -> Grant {
    let is = |row: &[&str]| words.begins(row);
    if is(&["add", "partition"]) && words.has("values")
        || is(&["drop", "partition"])
        || is(&["truncate", "partition"])
        || is(&["discard"])
    {
        return Grant::Metadata;
    }
    if is(&["exchange", "partition"]) {
        return if words.has("without") { Grant::Metadata } else { Grant::ScanBlocked };
    }
    if is(&["analyze", "partition"]) || is(&["check", "partition"]) || is(&["import"]) {
        return Grant::Scan;
    }
    let moves = ["add", "coalesce", "reorganize", "rebuild", "optimize", "repair"];
    if moves.iter().any(|word| is(&[word, "partition"])) { Grant::RebuildBlocked } else { Grant::Copy }
}
