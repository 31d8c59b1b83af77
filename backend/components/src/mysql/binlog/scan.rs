//! What is kept of the events as they come by: the changes of one table in a time, by transaction.

use super::{
    BinlogError, Bounds, Transaction, Wanted,
    bytes::Bytes,
    compressed,
    rows::{self, Reader, Shape},
    statement::{self, Logged, Means},
    table_map::{self, Kept},
};
use dbdesk_undo::Row;
use std::collections::HashMap;

/// One event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event<'a> {
    /// The server's number of its kind.
    pub(super) code: u8,
    /// Seconds since 1970.
    pub(super) at: u32,
    /// The server that wrote it.
    pub(super) server: u32,
    /// Where it begins in its file.
    pub(super) position: u64,
    pub(super) data: &'a [u8],
}

/// What has come by so far.
#[derive(Debug)]
pub(super) struct Scan {
    wanted: Wanted,
    reader: Reader,
    bounds: Bounds,
    /// Names of tables mean the same whatever their case.
    ignores_case: bool,
    file: String,
    has_begun: bool,
    /// Tables that the next rows are of; `None`: another one than the one that is wanted.
    maps: HashMap<u64, Option<Vec<Kept>>>,
    open: Option<Transaction>,
    /// Those of XA that are prepared, by their names: whether they come to be is told later, if ever.
    prepared: HashMap<String, Transaction>,
    done: Vec<Transaction>,
    rows: usize,
    bytes: usize,
}

impl Scan {
    /// From the beginning of `file`.
    pub(super) fn new(
        (file, wanted): (&str, Wanted),
        reader: Reader,
        bounds: Bounds,
        ignores_case: bool,
    ) -> Self {
        Self {
            wanted,
            reader,
            bounds,
            ignores_case,
            file: file.to_owned(),
            has_begun: false,
            maps: HashMap::new(),
            open: None,
            prepared: HashMap::new(),
            done: Vec::new(),
            rows: 0,
            bytes: 0,
        }
    }

    pub(super) fn event(&mut self, event: Event<'_>) -> Result<(), BinlogError> {
        match event.code {
            2 => return self.statement(statement::logged(event.data), &event),
            165 => return self.packed_statement(&event),
            4 => {
                // The first one comes before it is known whether events have checksums, so its name may have one at its end.
                if let Some(name) = event.data.get(8..).filter(|_| self.has_begun) {
                    self.file = String::from_utf8_lossy(name).into_owned();
                }
                self.maps.clear();
            }
            // Numbers of tables count anew after a restart.
            15 => {
                self.has_begun = true;
                self.maps.clear();
            }
            33 | 34 | 42 | 162 => {
                self.close();
                let gtid = gtid(&event);
                self.open = Some(self.transaction(&event, gtid));
            }
            16 => self.close(),
            38 => self.prepare(event.data)?,
            19 => self.table_map(event.data)?,
            39 => {
                let is_it = rows::table(event.data).is_some_and(|table| self.is_wanted(table));
                if is_it && self.is_within(event.at) {
                    return Err(BinlogError::Partial);
                }
            }
            code => {
                if let Some(shape) = Shape::of(code) {
                    self.rows(&event, shape)?;
                }
            }
        }
        Ok(())
    }

    /// Everything has come by.
    pub(super) fn end(mut self) -> Vec<Transaction> {
        self.close();
        self.done
    }

    fn transaction(&self, event: &Event<'_>, gtid: Option<String>) -> Transaction {
        Transaction {
            at: event.at,
            gtid,
            thread: None,
            file: self.file.clone(),
            position: event.position,
            statement: None,
            who: None,
            rows: Vec::new(),
        }
    }

    fn close(&mut self) {
        self.done.extend(self.open.take().filter(|open| !open.rows.is_empty()));
    }

    /// The end of a transaction of XA, unless it is its commit as well.
    fn prepare(&mut self, event: &[u8]) -> Result<(), BinlogError> {
        let broken = || BinlogError::Broken("a prepared transaction is not told in full".into());
        let (one_phase, name) = statement::prepared(event).ok_or_else(broken)?;
        if one_phase {
            self.close();
        } else if let Some(open) = self.open.take().filter(|open| !open.rows.is_empty()) {
            self.prepared.insert(name, open);
        }
        Ok(())
    }

    fn is_within(&self, at: u32) -> bool {
        (self.wanted.from..=self.wanted.until).contains(&at)
    }

    fn is_wanted(&self, table: u64) -> bool {
        self.maps.get(&table).is_some_and(Option::is_some)
    }

    fn table_map(&mut self, event: &[u8]) -> Result<(), BinlogError> {
        let broken = || BinlogError::Broken("a table is not told in full".into());
        let (number, map) = table_map::read(event).ok_or_else(broken)?;
        let same = |logged: &[u8], wanted: &str| {
            logged == wanted.as_bytes()
                || self.ignores_case
                    && String::from_utf8_lossy(logged).to_lowercase() == wanted.to_lowercase()
        };
        let layout = &self.wanted.layout;
        let is_it = same(map.database, &layout.database) && same(map.table, &layout.table);
        // A type that is not known fits no column, which is told where its rows are wanted.
        let kept = is_it.then(|| map.columns().unwrap_or_default());
        self.maps.insert(number, kept);
        Ok(())
    }

    fn rows(&mut self, event: &Event<'_>, shape: Shape) -> Result<(), BinlogError> {
        let Some(Some(kept)) = rows::table(event.data).and_then(|table| self.maps.get(&table)) else {
            return Ok(());
        };
        if !self.is_within(event.at) {
            return Ok(());
        }
        let columns = &self.reader.columns;
        let mut both = kept.iter().zip(columns);
        if kept.len() != columns.len()
            || !both.all(|(kept, (column, _))| kept.fits(column, self.wanted.is_mariadb))
        {
            return Err(BinlogError::Restructured { at: None });
        }
        let rows = rows::read(event.data, shape, (kept, &self.reader), self.bounds.bytes)?;
        self.rows += rows.len();
        self.bytes += rows.iter().map(Row::bytes).sum::<usize>();
        if self.rows > self.bounds.rows {
            return Err(BinlogError::TooManyRows);
        }
        if self.bytes > self.bounds.bytes {
            return Err(BinlogError::TooManyBytes);
        }
        let open = match self.open.take() {
            Some(open) => open,
            None => self.transaction(event, None),
        };
        let open = self.open.insert(open);
        if open.rows.is_empty() {
            open.at = event.at;
        }
        open.rows.extend(rows);
        Ok(())
    }

    fn packed_statement(&mut self, event: &Event<'_>) -> Result<(), BinlogError> {
        let Some(logged) = statement::logged(event.data) else { return self.statement(None, event) };
        let text = compressed::unpacked(logged.text, self.bounds.bytes)?;
        self.statement(Some(Logged { text: &text, ..logged }), event)
    }

    fn statement(&mut self, logged: Option<Logged<'_>>, event: &Event<'_>) -> Result<(), BinlogError> {
        let broken = || BinlogError::Broken("a statement is not told in full".into());
        let logged = logged.ok_or_else(broken)?;
        let layout = &self.wanted.layout;
        let (database, table) = (layout.database.to_lowercase(), layout.table.to_lowercase());
        let has_rows = !self.done.is_empty()
            || !self.prepared.is_empty()
            || self.open.as_ref().is_some_and(|open| !open.rows.is_empty());
        let at = event.at;
        match statement::means(&logged, &database, &table) {
            Means::Begins => {
                if self.open.as_ref().is_none_or(|open| !open.rows.is_empty()) {
                    self.close();
                    self.open = Some(self.transaction(event, None));
                }
                if let Some(open) = &mut self.open {
                    open.thread = Some(logged.thread);
                }
            }
            Means::RolledBack => self.open = None,
            Means::Decided => {
                let prepared = statement::decided(logged.text);
                let one = prepared.and_then(|(name, commits)| Some((self.prepared.remove(&name)?, commits)));
                self.done.extend(one.filter(|(_, commits)| *commits).map(|(one, _)| one));
            }
            // What happened before it is of another table.
            Means::Restructured if has_rows => return Err(BinlogError::Restructured { at: Some(at) }),
            Means::Emptied if self.is_within(at) => return Err(BinlogError::Emptied { at }),
            Means::Rows if self.is_within(at) => return Err(BinlogError::NotRows { at }),
            Means::Nothing | Means::Restructured | Means::Emptied | Means::Rows => {}
        }
        Ok(())
    }
}

/// What the server calls the transaction.
fn gtid(event: &Event<'_>) -> Option<String> {
    let mut bytes = Bytes(event.data);
    match event.code {
        33 => {
            bytes.take(1)?;
            let source = hex::encode(bytes.take(16)?);
            let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
            let parts: Vec<&str> = parts.into_iter().map(|part| source.get(part)).collect::<Option<_>>()?;
            Some(format!("{}:{}", parts.join("-"), bytes.low_first(8)?))
        }
        162 => {
            let (number, domain) = (bytes.low_first(8)?, bytes.low_first(4)?);
            Some(format!("{domain}-{}-{number}", event.server))
        }
        _ => None,
    }
}
