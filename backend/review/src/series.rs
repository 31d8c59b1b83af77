//! The shorthand for numbered tables: `orders_{0000..0511}` in a statement stands for that many statements, one for each
//! number. A text is written out once, before it is reviewed; what is reviewed, kept and run is the text written out.
//!
//! ```text
//! CREATE TABLE a_{00..15} LIKE b_{00..15};     16 statements: the ranges of a statement go in step
//! UPDATE t SET note = '{0..3}' WHERE id = 1;   as it is: a range is none in quoted text or in a comment
//! ```

mod back;
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
use std::{borrow::Cow, fmt::Write as _};

/// The most digits of a number.
const MAX_DIGITS: usize = 18;

/// A text written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<'a> {
    /// The text as it is reviewed; borrowed where there is no range in it.
    pub sql: Cow<'a, str>,
    /// What was written out, in order.
    series: Vec<Series>,
}

/// A statement that stands for several.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Series {
    /// The statement, in the text as it came.
    body: Span,
    /// Its ranges, in order.
    ranges: Vec<Range>,
    /// How many statements it stands for.
    count: usize,
    /// The delimiter between them and where it stands in the text as it came; `None` for the semicolon.
    sign: Option<Span>,
    /// Where the first of them begins in the text written out.
    at: usize,
}

/// A range in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    /// With its braces, in the text as it came.
    span: Span,
    first: u64,
    /// Digits of each number.
    width: usize,
    /// Where its number begins, counted from the start of a statement written out.
    at: usize,
}

impl Written<'_> {
    /// The same with a text of its own.
    #[must_use]
    pub fn into_owned(self) -> Written<'static> {
        Written { sql: Cow::Owned(self.sql.into_owned()), series: self.series }
    }
}

impl Series {
    /// Bytes of one statement written out.
    fn length(&self) -> usize {
        let digits: usize = self.ranges.iter().map(|range| range.width).sum();
        let braces: usize = self.ranges.iter().map(|range| range.span.end - range.span.start).sum();
        self.body.end - self.body.start - braces + digits
    }

    /// Bytes from the start of one statement to the start of the next: delimiter and line end lie between.
    fn stride(&self) -> usize {
        self.length().saturating_add(self.sign.map_or(1, |sign| sign.end - sign.start)).saturating_add(1)
    }

    /// Bytes of all of them, without what stands around.
    fn total(&self) -> usize {
        self.stride().saturating_mul(self.count - 1).saturating_add(self.length())
    }
}

/// Writes out every range of numbers in `text`. A text without one comes back as it is, and so does one that is too long for
/// a review. Refuses what is not clear, and what would be too much, before it is written.
pub fn written(text: &str) -> Result<Written<'_>, Refusal> {
    let as_it_is = Written { sql: Cow::Borrowed(text), series: Vec::new() };
    if text.len() > MAX_SQL_BYTES || !(text.contains('{') && text.contains("..")) {
        return Ok(as_it_is);
    }
    let pieces: Vec<Piece> = split::split(text).into_iter().filter(|piece| !piece.is_empty()).collect();
    let (mut series, mut statements, mut bytes) = (Vec::new(), pieces.len(), text.len());
    for piece in &pieces {
        let Some(mut found) = of_piece(text, piece)? else { continue };
        found.at = found.body.start + bytes - text.len();
        statements = statements.saturating_add(found.count - 1);
        bytes = bytes.saturating_add(found.total()) - (found.body.end - found.body.start);
        let place = Place { text, span: found.ranges.first().map_or(found.body, |range| range.span) };
        if statements > MAX_STATEMENTS {
            return Err(Refused::Statements(place, statements).refusal());
        }
        if bytes > MAX_SQL_BYTES {
            return Err(Refused::Bytes(place, bytes).refusal());
        }
        series.push(found);
    }
    if series.is_empty() {
        return Ok(as_it_is);
    }
    Ok(Written { sql: Cow::Owned(write(text, &series, bytes)), series })
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
            write_one(&mut out, text, series, step as u64);
        }
        at = series.body.end;
    }
    out.push_str(Span::new(at, text.len()).of(text));
    out
}

fn write_one(out: &mut String, text: &str, series: &Series, step: u64) {
    let mut at = series.body.start;
    for range in &series.ranges {
        out.push_str(Span::new(at, range.span.start).of(text));
        // Writing to a String does not fail.
        let _ = write!(out, "{:0width$}", range.first + step, width = range.width);
        at = range.span.end;
    }
    out.push_str(Span::new(at, series.body.end).of(text));
}

/// What a statement stands for, where there is a range in it.
fn of_piece(text: &str, piece: &Piece) -> Result<Option<Series>, Refusal> {
    // A quote that never ends swallows what comes after it; the review says so.
    if matches!(piece.trouble, Some((Trouble::Unfinished, _))) {
        return Ok(None);
    }
    let (mut ranges, mut length, mut at) = (Vec::new(), 0, piece.span.start);
    let mut first: Option<(Span, usize)> = None;
    for span in spans(text, piece.span) {
        let (from, to, width) = numbers(Place { text, span })?;
        let count = usize::try_from(to - from).unwrap_or(usize::MAX).saturating_add(1);
        match first {
            Some((other, others)) if others != count => {
                let place = Place { text, span };
                return Err(Refused::Unequal(place, count, Place { text, span: other }, others).refusal());
            }
            _ => first = Some((span, count)),
        }
        length += span.start - at;
        ranges.push(Range { span, first: from, width, at: length });
        length += width;
        at = span.end;
    }
    let series = |(_, count)| Series { body: piece.span, ranges, count, sign: piece.sign, at: 0 };
    Ok(first.map(series))
}

/// The ranges of a statement: outside of quoted text and comments, or within backticks.
fn spans(text: &str, within: Span) -> Vec<Span> {
    let bytes = text.get(..within.end).unwrap_or_default().as_bytes();
    let (mut all, mut at) = (Vec::new(), within.start);
    while let Some(found) = scan::next(bytes, at) {
        let braces = match found.lexeme {
            Lexeme::Sign => at..at + 1,
            Lexeme::Name => at..found.end,
            _ => at..at,
        };
        at = found.end;
        for start in braces {
            let from = all.last().map_or(0, |last: &Span| last.end);
            if let Some(end) = range_end(bytes, start).filter(|_| start >= from) {
                all.push(Span::new(start, end));
                at = at.max(end);
            }
        }
    }
    all
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
