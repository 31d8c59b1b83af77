//! From places in the text written out back to places in the text as it came, for one who sees only that.

use super::{Series, Written};
use crate::{judged::Judged, mend::Edit, span::Span};

/// A place in the text as it came.
struct Back {
    span: Span,
    /// The bytes there are the same in both texts, so that an edit may be made there.
    exact: bool,
}

/// Where a byte of the text written out comes from.
struct Byte {
    /// In the text as it came; of a number, its range; of a database that was put there, the place before the name.
    from: Span,
    /// Which series and which of its statements it lies in.
    home: Option<(usize, usize)>,
    /// How many numbers and databases of the statement begin before it, and how many end at it or before.
    begun_ended: (usize, usize),
}

impl Written<'_> {
    /// Lets a review of the text written out speak of places in the text as it came. A fix that would have to name a
    /// number, or a database that was put there, stays a hint.
    pub fn put_back(&self, judged: &mut Judged) {
        if self.series.is_empty() {
            return;
        }
        for statement in &mut judged.statements {
            statement.span = self.back(statement.span).span;
            for found in &mut statement.findings {
                found.span = self.back(found.span).span;
                found.edits = self.edits(&found.edits).unwrap_or_default();
            }
        }
    }

    /// The edits of a finding, once for all statements of a series; `None` where they can not be made.
    fn edits(&self, edits: &[Edit]) -> Option<Vec<Edit>> {
        let edit = |edit: &Edit| {
            let back = self.back(edit.span);
            back.exact.then(|| Edit::replace(back.span, edit.text.clone()))
        };
        let mut all = edits.iter().map(edit).collect::<Option<Vec<_>>>()?;
        all.sort();
        all.dedup();
        let apart = all.windows(2).all(|two| match two {
            [one, other] => one.span.start < other.span.start && one.span.end <= other.span.start,
            _ => true,
        });
        apart.then_some(all)
    }

    /// Where a place of the text written out is in the text as it came.
    pub(super) fn origin(&self, span: Span) -> Span {
        self.back(span).span
    }

    fn back(&self, span: Span) -> Back {
        let (start, end) = (self.byte(span.start), self.byte(span.end));
        let exact = start.home == end.home && start.begun_ended.1 == end.begun_ended.0;
        Back { span: Span::new(start.from.start, end.from.end), exact }
    }

    fn byte(&self, at: usize) -> Byte {
        let place = self.series.partition_point(|series| series.at <= at);
        let Some((place, series)) =
            place.checked_sub(1).and_then(|place| Some((place, self.series.get(place)?)))
        else {
            return Byte { from: Span::new(at, at), home: None, begun_ended: (0, 0) };
        };
        let into = at - series.at;
        if into > series.total() {
            let from = series.body.end + into - series.total();
            return Byte { from: Span::new(from, from), home: None, begun_ended: (0, 0) };
        }
        let copy = into / series.stride();
        let (from, begun_ended) = in_statement(series, into % series.stride());
        Byte { from, home: Some((place, copy)), begun_ended }
    }
}

/// Where a byte of a statement written out comes from, and how many numbers and databases begin and end before it.
fn in_statement(series: &Series, at: usize) -> (Span, (usize, usize)) {
    let begun = series.ranges.partition_point(|range| range.at < at);
    let ended = series.ranges.partition_point(|range| range.at + range.width <= at);
    let last = begun.checked_sub(1).and_then(|last| series.ranges.get(last));
    let from = match last {
        Some(range) if ended < begun => range.span,
        Some(range) => {
            let byte = range.span.end + at - range.at - range.width;
            Span::new(byte, byte)
        }
        None => Span::new(series.body.start + at, series.body.start + at),
    };
    // Beyond the statement stands the delimiter before the next.
    let from = Span::new(from.start.min(series.body.end), from.end.min(series.body.end));
    (from, (begun, ended))
}
