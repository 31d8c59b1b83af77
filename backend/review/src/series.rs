//! The shorthand for numbered tables: `orders_{0000..0511}` in a statement stands for that many statements, one for each
//! number. A text is written out once, before it is reviewed; what is reviewed, kept and run is the text written out.
//!
//! ```text
//! CREATE TABLE a_{00..15} LIKE b_{00..15};     16 statements: the ranges of a statement go in step
//! UPDATE t SET note = '{0..3}' WHERE id = 1;   as it is: a range is none in quoted text or in a comment
//! ```
//!
//! Where the tables lie in several databases, each statement is written with the database of its own: `shop_03.orders_0100`.

mod back;
mod placed;
mod refused;

use crate::{
    read::MAX_STATEMENTS,
    scan::{self, Lexeme},
    span::Span,
    split::{self, Piece},
    watch::Trouble,
};
use dbdesk_commands::wire::{problem::Refusal, review::MAX_SQL_BYTES};
use refused::{Place, Refused};
use std::{borrow::Cow, collections::BTreeSet, fmt::Write as _};

/// The most digits of a number.
const MAX_DIGITS: usize = 18;
/// A longer name is none of a table.
const MAX_NAME_BYTES: usize = 64 * 4;

/// Where a numbered table lies, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// It is none of a sharded table: it lies where the ticket says.
    Unknown,
    /// It is one by its name, but the sharded table has no such number.
    Missing,
    /// There.
    In {
        /// On whose servers.
        group: String,
        /// In which database.
        database: String,
    },
}

/// Where a statement runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placed {
    /// On whose servers.
    pub group: String,
    /// In which database.
    pub database: String,
    /// The number of its table: statements with the same place and number are of one table.
    pub shard: u64,
}

/// A text written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<'a> {
    /// The text as it is reviewed; borrowed where there is no range in it.
    pub sql: Cow<'a, str>,
    /// Where each of its statements runs, in order; `None` where all run where the ticket says.
    pub placed: Option<Vec<Placed>>,
    /// What was written out, in order.
    series: Vec<Series>,
}

/// A statement that stands for several.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Series {
    /// The statement, in the text as it came.
    body: Span,
    /// What differs, in order.
    ranges: Vec<Range>,
    /// The database before the tables of each statement, with its dot; none where it is not written.
    databases: Vec<String>,
    /// How many statements it stands for.
    count: usize,
    /// The delimiter between them and where it stands in the text as it came; `None` for the semicolon.
    sign: Option<Span>,
    /// Bytes of one statement written out.
    length: usize,
    /// Where the first of them begins in the text written out.
    at: usize,
}

/// Something in a statement that differs from one of a series to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    /// A range with its braces, in the text as it came; empty where a database is put before a name.
    span: Span,
    /// Bytes that stand there in each statement.
    width: usize,
    /// Where they begin, counted from the start of a statement written out.
    at: usize,
    filled: Filled,
}

/// With what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// The number, counted from this one.
    Number(u64),
    /// The database and a dot, after blanks that make all equally long.
    Database,
}

/// A range as it stands in the text.
#[derive(Debug, Clone, Copy)]
struct Spot {
    /// With its braces.
    range: Span,
    /// The name that it is a part of.
    name: Span,
}

impl Written<'_> {
    /// The same with a text of its own.
    #[must_use]
    pub fn into_owned(self) -> Written<'static> {
        Written { sql: Cow::Owned(self.sql.into_owned()), placed: self.placed, series: self.series }
    }
}

impl Series {
    /// Finds where what differs begins, and how long a statement is.
    fn lay_out(&mut self) {
        let (mut length, mut at) = (0, self.body.start);
        for range in &mut self.ranges {
            length += range.span.start - at;
            range.at = length;
            length += range.width;
            at = range.span.end;
        }
        self.length = length + self.body.end - at;
    }

    /// What differs in this part of it.
    fn within(&self, part: Span) -> impl Iterator<Item = &Range> {
        let from = self.ranges.partition_point(|range| range.span.start < part.start);
        self.ranges.iter().skip(from).take_while(move |range| part.holds(range.span))
    }

    /// The first range that was written.
    fn first_range(&self) -> Span {
        let mut ranges = self.ranges.iter().map(|range| range.span);
        ranges.find(|span| span.start < span.end).unwrap_or(self.body)
    }

    /// Bytes from the start of one statement to the start of the next: delimiter and line end lie between.
    fn stride(&self) -> usize {
        self.length.saturating_add(self.sign.map_or(1, |sign| sign.end - sign.start)).saturating_add(1)
    }

    /// Bytes of all of them, without what stands around.
    fn total(&self) -> usize {
        self.stride().saturating_mul(self.count - 1).saturating_add(self.length)
    }
}

/// Writes out every range of numbers in `text`. A text without one comes back as it is, and so does one that is too long for
/// a review. Refuses what is not clear, and what would be too much, before it is written.
pub fn written(text: &str) -> Result<Written<'_>, Refusal> {
    write_out(text, None)
}

/// The same where tables may lie in several databases, which `home` tells by a table's name. A table that is named without its
/// database and lies in one is written with it. Then each statement of the text must lie in one such place, so that it is clear
/// where it runs. Whether the ticket's own place is one of them, the caller sees to: for any other table `home` is unknown.
pub fn written_on<'a>(text: &'a str, home: &dyn Fn(&str) -> Home) -> Result<Written<'a>, Refusal> {
    write_out(text, Some(home))
}

/// The first name of every range, for who looks up whether its tables lie in several databases.
#[must_use]
pub fn first_names(text: &str) -> BTreeSet<String> {
    if !has_ranges(text) {
        return BTreeSet::new();
    }
    let spots = pieces(text)
        .into_iter()
        .filter(|piece| !is_unfinished(piece))
        .flat_map(|piece| spots(text, piece.span));
    let first = |spot: Spot| {
        let first = spot.range.of(text).trim_start_matches('{').split("..").next().unwrap_or_default();
        let before = Span::new(spot.name.start, spot.range.start).of(text).trim_start_matches('`');
        let after = Span::new(spot.range.end, spot.name.end).of(text).trim_end_matches('`');
        let is_name = before.len() + first.len() + after.len() <= MAX_NAME_BYTES;
        is_name.then(|| format!("{before}{first}{after}"))
    };
    spots.filter_map(first).collect()
}

fn has_ranges(text: &str) -> bool {
    text.len() <= MAX_SQL_BYTES && text.contains('{') && text.contains("..")
}

/// The statements.
fn pieces(text: &str) -> Vec<Piece> {
    split::split(text).into_iter().filter(|piece| !piece.is_empty()).collect()
}

/// A quote that never ends swallows what comes after it; the review says so.
fn is_unfinished(piece: &Piece) -> bool {
    matches!(piece.trouble, Some((Trouble::Unfinished, _)))
}

fn write_out<'a>(text: &'a str, home: Option<&dyn Fn(&str) -> Home>) -> Result<Written<'a>, Refusal> {
    let as_it_is = Written { sql: Cow::Borrowed(text), placed: None, series: Vec::new() };
    if !has_ranges(text) {
        return Ok(as_it_is);
    }
    let mut all = Vec::new();
    for piece in pieces(text) {
        all.push(of_piece(text, &piece)?);
    }
    if all.iter().all(Option::is_none) {
        return Ok(as_it_is);
    }
    let mut bytes = lay_out(text, &mut all)?;
    let mut placed = None;
    if let Some(home) = home {
        placed = placed::place(text, &mut all, home)?;
        bytes = lay_out(text, &mut all)?;
    }
    let series: Vec<Series> = all.into_iter().flatten().collect();
    let sql = write(text, &series, bytes);
    if let Some(placed) = &placed {
        placed::check(text, &series, &sql, placed.len())?;
    }
    Ok(Written { sql: Cow::Owned(sql), placed, series })
}

/// Finds where each series begins, and how long the whole text will be.
fn lay_out(text: &str, all: &mut [Option<Series>]) -> Result<usize, Refusal> {
    let (mut statements, mut bytes) = (all.len(), text.len());
    for series in all.iter_mut().flatten() {
        series.lay_out();
        series.at = series.body.start + bytes - text.len();
        statements = statements.saturating_add(series.count - 1);
        bytes = bytes.saturating_add(series.total()) - (series.body.end - series.body.start);
        let place = Place { text, span: series.first_range() };
        if statements > MAX_STATEMENTS {
            return Err(Refused::Statements(place, statements).refusal());
        }
        if bytes > MAX_SQL_BYTES {
            return Err(Refused::Bytes(place, bytes).refusal());
        }
    }
    Ok(bytes)
}

/// The whole text, `bytes` long.
fn write(text: &str, all: &[Series], bytes: usize) -> String {
    let (mut out, mut at) = (String::with_capacity(bytes), 0);
    for series in all {
        out.push_str(Span::new(at, series.body.start).of(text));
        for step in 0..series.count {
            if step > 0 {
                out.push_str(series.sign.map_or(";", |sign| sign.of(text)));
                out.push('\n');
            }
            write_one(&mut out, text, series, series.body, step);
        }
        at = series.body.end;
    }
    out.push_str(Span::new(at, text.len()).of(text));
    out
}

/// What lies in `part` of a statement, as it is in the one of this step.
fn write_one(out: &mut String, text: &str, series: &Series, part: Span, step: usize) {
    let mut at = part.start;
    for range in series.within(part) {
        out.push_str(Span::new(at, range.span.start).of(text));
        match range.filled {
            // Writing to a String does not fail.
            Filled::Number(first) => {
                let _ = write!(out, "{:0width$}", first + step as u64, width = range.width);
            }
            Filled::Database => {
                let database = series.databases.get(step).map(String::as_str).unwrap_or_default();
                out.extend(std::iter::repeat_n(' ', range.width.saturating_sub(database.len())));
                out.push_str(database);
            }
        }
        at = range.span.end;
    }
    out.push_str(Span::new(at, part.end).of(text));
}

/// What a statement stands for, where there is a range in it.
fn of_piece(text: &str, piece: &Piece) -> Result<Option<Series>, Refusal> {
    if is_unfinished(piece) {
        return Ok(None);
    }
    let mut ranges = Vec::new();
    let mut first: Option<(Span, usize)> = None;
    for Spot { range: span, .. } in spots(text, piece.span) {
        let (from, to, width) = numbers(Place { text, span })?;
        let count = usize::try_from(to - from).unwrap_or(usize::MAX).saturating_add(1);
        match first {
            Some((other, others)) if others != count => {
                let place = Place { text, span };
                return Err(Refused::Unequal(place, count, Place { text, span: other }, others).refusal());
            }
            _ => first = Some((span, count)),
        }
        ranges.push(Range { span, width, at: 0, filled: Filled::Number(from) });
    }
    let series = |(_, count)| Series {
        body: piece.span,
        ranges,
        databases: Vec::new(),
        count,
        sign: piece.sign,
        length: 0,
        at: 0,
    };
    Ok(first.map(series))
}

/// The ranges of a statement: outside of quoted text and comments, or within backticks.
fn spots(text: &str, within: Span) -> Vec<Spot> {
    let bytes = text.get(..within.end).unwrap_or_default().as_bytes();
    let (mut all, mut at, mut word) = (Vec::new(), within.start, None);
    while let Some(found) = scan::next(bytes, at) {
        let (start, end) = (at, found.end);
        let braces = match found.lexeme {
            Lexeme::Sign => start..start + 1,
            Lexeme::Name => start..end,
            _ => start..start,
        };
        at = end;
        for brace in braces {
            let from = all.last().map_or(0, |last: &Spot| last.range.end);
            if let Some(range_end) = range_end(bytes, brace).filter(|_| brace >= from) {
                at = at.max(range_end);
                let name = match found.lexeme {
                    Lexeme::Name => Span::new(start, end),
                    _ => Span::new(word.unwrap_or(start), word_end(bytes, range_end)),
                };
                all.push(Spot { range: Span::new(brace, range_end), name });
            }
        }
        word = (found.lexeme == Lexeme::Word).then_some(start);
    }
    all
}

/// Where the word ends that may begin at this byte.
fn word_end(bytes: &[u8], at: usize) -> usize {
    scan::next(bytes, at).filter(|found| found.lexeme == Lexeme::Word).map_or(at, |found| found.end)
}

/// Where the range ends that begins at this byte: `{`, digits, `..`, digits, `}`.
fn range_end(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = |at: usize, sign: &[u8]| bytes.get(at..)?.starts_with(sign).then_some(at + sign.len());
    let first = sign(start, b"{")?;
    let first_end = digits(first);
    let last = sign(first_end, b"..")?;
    let last_end = digits(last);
    (first < first_end && last < last_end).then_some(())?;
    sign(last_end, b"}")
}

/// The first and the last number of a range, and their digits.
fn numbers(place: Place<'_>) -> Result<(u64, u64, usize), Refusal> {
    let inside = place.range().trim_start_matches('{').trim_end_matches('}');
    let (first, last) = inside.split_once("..").unwrap_or_default();
    if first.len() != last.len() {
        return Err(Refused::Widths(place, first, last).refusal());
    }
    let parsed = first.parse().ok().zip(last.parse().ok());
    match parsed.filter(|_| first.len() <= MAX_DIGITS) {
        Some((from, to)) if from <= to => Ok((from, to, first.len())),
        Some(_) => Err(Refused::Reversed(place, first, last).refusal()),
        None => Err(Refused::Digits(place).refusal()),
    }
}
