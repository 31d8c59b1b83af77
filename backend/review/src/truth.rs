//! Conditions that hold for every row, or for none, however they are dressed: `1=1`, `NOT 0`, `id = id`,
//! `id > 0 OR id < 5`, `age >= 0` on an unsigned column, `a = 1 AND a = 2` … A condition is kept as sets of values of its
//! columns, so that it can be judged again when the tables are known. What can not be told is [`Truth::Open`].

use crate::shape::ColumnUse;

/// What is known of a condition without looking at a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Holds for every row (at least where its column is not NULL).
    Always,
    /// Holds for none.
    Never,
    /// Depends on the row, or is beyond us.
    Open,
}

/// A condition without `NOT`: it was pushed down to the tests. A test that is `NULL` does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logic {
    /// Holds.
    True,
    /// Does not hold.
    False,
    /// Depends on the row, or is beyond us.
    Open,
    /// All must hold.
    All(Vec<Logic>),
    /// One must hold.
    Any(Vec<Logic>),
    /// Holds where a column's value lies in a set.
    Within(Within),
}

/// A column's value lies in a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Which column.
    pub column: ColumnUse,
    /// The set.
    pub values: Values,
    /// It holds for `NULL` too.
    pub null: bool,
    /// It is `IS NOT NULL` and nothing more: on a column that may be NULL that is a real condition.
    pub only_not_null: bool,
}

/// A set of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Every value.
    Full,
    /// No value.
    Empty,
    /// Numbers, in ranges that are in order and apart.
    Numbers(Vec<Range>),
    /// Points in time as ISO text, as days; ranges likewise.
    Times(Vec<Range>),
    /// These texts in lower case (true), or all others (false).
    Texts(Vec<String>, bool),
}

/// One end of a range, and whether it belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// Where.
    pub at: f64,
    /// It belongs to the range.
    pub closed: bool,
}

impl PartialEq for End {
    fn eq(&self, other: &Self) -> bool {
        self.at.total_cmp(&other.at).is_eq() && self.closed == other.closed
    }
}

impl Eq for End {}

/// From the one end to the other; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Lower end.
    pub low: End,
    /// Upper end.
    pub high: End,
}

impl Range {
    /// `low..high`, or `None` where nothing is in it.
    #[must_use]
    pub fn new(low: End, high: End) -> Option<Self> {
        let some = low.at < high.at || low.at.total_cmp(&high.at).is_eq() && low.closed && high.closed;
        some.then_some(Self { low, high })
    }

    /// One number.
    #[must_use]
    pub fn point(at: f64) -> Self {
        let end = End { at, closed: true };
        Self { low: end, high: end }
    }

    /// From `low` to `high`, both in it.
    #[must_use]
    pub fn closed(low: f64, high: f64) -> Option<Self> {
        Self::new(End { at: low, closed: true }, End { at: high, closed: true })
    }
}

/// More ranges or texts than this in one set are not reckoned with.
const MAX_RANGES: usize = 300;

/// What is known of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knowledge {
    /// It may be `NULL`.
    pub nullable: bool,
    /// All values that its type allows.
    pub range: Option<Range>,
}

/// Judges a condition by what is known of its columns.
#[must_use]
pub fn of(logic: &Logic, know: &dyn Fn(&ColumnUse) -> Option<Knowledge>) -> Truth {
    match reduce(logic, know) {
        Logic::True => Truth::Always,
        Logic::False => Truth::Never,
        _ => Truth::Open,
    }
}

/// Judges a condition of which no column is known.
#[must_use]
pub fn unseen(logic: &Logic) -> Truth {
    of(logic, &|_| None)
}

fn reduce(logic: &Logic, know: &dyn Fn(&ColumnUse) -> Option<Knowledge>) -> Logic {
    match logic {
        Logic::True | Logic::False | Logic::Open => logic.clone(),
        Logic::Within(within) => settle(within.clone(), know),
        Logic::All(parts) => all(parts, know),
        Logic::Any(parts) => any(parts, know),
    }
}

/// A set that is all or nothing of what the column can be is no set any more.
fn settle(within: Within, know: &dyn Fn(&ColumnUse) -> Option<Knowledge>) -> Logic {
    let known = know(&within.column);
    let universe = known.and_then(|known| known.range);
    let nullable = known.is_none_or(|known| known.nullable);
    let (full, empty) = match (&within.values, universe) {
        (Values::Full, _) => (true, false),
        (Values::Empty, _) => (false, true),
        (Values::Numbers(ranges), Some(universe)) => {
            let outside = intersect(&complement(ranges), &[universe]);
            (outside.is_empty(), intersect(ranges, &[universe]).is_empty())
        }
        _ => (false, false),
    };
    if full && (within.null || !nullable || !within.only_not_null) {
        Logic::True
    } else if empty && (!within.null || !nullable) {
        Logic::False
    } else {
        Logic::Within(within)
    }
}

fn all(parts: &[Logic], know: &dyn Fn(&ColumnUse) -> Option<Knowledge>) -> Logic {
    let mut sets: Vec<Within> = Vec::new();
    let mut open = false;
    for part in parts {
        match reduce(part, know) {
            Logic::True => {}
            Logic::False => return Logic::False,
            Logic::Within(next) => match sets.iter_mut().find(|set| is_same(&set.column, &next.column)) {
                Some(set) => match both(&set.values, &next.values) {
                    Some(values) => {
                        set.values = values;
                        set.null &= next.null;
                        set.only_not_null &= next.only_not_null;
                    }
                    None => open = true,
                },
                None => sets.push(next),
            },
            _ => open = true,
        }
    }
    let settled: Vec<Logic> = sets.into_iter().map(|set| settle(set, know)).collect();
    if settled.contains(&Logic::False) {
        return Logic::False;
    }
    let mut left = settled.into_iter().filter(|part| *part != Logic::True);
    match (left.next(), left.next(), open) {
        (None, _, false) => Logic::True,
        (Some(only), None, false) => only,
        _ => Logic::Open,
    }
}

fn any(parts: &[Logic], know: &dyn Fn(&ColumnUse) -> Option<Knowledge>) -> Logic {
    let mut sets: Vec<Within> = Vec::new();
    let mut open = false;
    for part in parts {
        match reduce(part, know) {
            Logic::True => return Logic::True,
            Logic::False => {}
            Logic::Within(next) => match sets.iter_mut().find(|set| is_same(&set.column, &next.column)) {
                Some(set) => match either(&set.values, &next.values) {
                    Some(values) => {
                        set.values = values;
                        set.null |= next.null;
                        set.only_not_null &= next.only_not_null;
                    }
                    None => open = true,
                },
                None => sets.push(next),
            },
            _ => open = true,
        }
    }
    let settled: Vec<Logic> = sets.into_iter().map(|set| settle(set, know)).collect();
    if settled.contains(&Logic::True) {
        return Logic::True;
    }
    let mut left = settled.into_iter().filter(|part| *part != Logic::False);
    match (left.next(), left.next(), open) {
        (None, _, false) => Logic::False,
        (Some(only), None, false) => only,
        _ => Logic::Open,
    }
}

/// Whether both name the same column, as far as their names tell.
#[must_use]
pub fn is_same(left: &ColumnUse, right: &ColumnUse) -> bool {
    let tables = match (&left.table, &right.table) {
        (Some(left), Some(right)) => left.eq_ignore_ascii_case(right),
        _ => true,
    };
    tables && left.column.text.eq_ignore_ascii_case(&right.column.text)
}

/// What is not in it; `None` where that can not be told.
#[must_use]
pub fn others(values: &Values) -> Option<Values> {
    Some(match values {
        Values::Full => Values::Empty,
        Values::Empty => Values::Full,
        Values::Numbers(ranges) => Values::Numbers(complement(ranges)).plain(),
        Values::Times(ranges) => Values::Times(complement(ranges)).plain(),
        Values::Texts(texts, inside) => Values::Texts(texts.clone(), !inside),
    })
}

/// What is in both.
fn both(left: &Values, right: &Values) -> Option<Values> {
    let (left, right) = (others(left)?, others(right)?);
    others(&either(&left, &right)?)
}

/// What is in one or the other.
fn either(left: &Values, right: &Values) -> Option<Values> {
    use Values::{Empty, Full, Numbers, Texts, Times};
    Some(match (left, right) {
        (Full, _) | (_, Full) => Full,
        (Empty, other) | (other, Empty) => other.clone(),
        (Numbers(left), Numbers(right)) => Numbers(unite(left, right)?).plain(),
        (Times(left), Times(right)) => Times(unite(left, right)?).plain(),
        (Texts(left, true), Texts(right, true)) => {
            let mut texts = left.clone();
            texts.extend(right.iter().filter(|text| !left.contains(text)).cloned());
            if texts.len() > MAX_RANGES {
                return None;
            }
            Texts(texts, true)
        }
        (Texts(inside, true), Texts(outside, false)) | (Texts(outside, false), Texts(inside, true)) => {
            Texts(outside.iter().filter(|text| !inside.contains(text)).cloned().collect(), false).plain()
        }
        (Texts(left, false), Texts(right, false)) => {
            Texts(left.iter().filter(|text| right.contains(text)).cloned().collect(), false).plain()
        }
        _ => return None,
    })
}

impl Values {
    /// The same set, said as simply as can be.
    #[must_use]
    pub fn plain(self) -> Self {
        match self {
            Self::Numbers(ranges) | Self::Times(ranges) if ranges.is_empty() => Self::Empty,
            Self::Numbers(ranges) if complement(&ranges).is_empty() => Self::Full,
            Self::Times(ranges) if complement(&ranges).is_empty() => Self::Full,
            Self::Texts(texts, inside) if texts.is_empty() => {
                if inside {
                    Self::Empty
                } else {
                    Self::Full
                }
            }
            other => other,
        }
    }
}

fn unite(left: &[Range], right: &[Range]) -> Option<Vec<Range>> {
    if left.len() + right.len() > MAX_RANGES {
        return None;
    }
    let mut all: Vec<Range> = left.iter().chain(right).copied().collect();
    all.sort_by(|left, right| {
        left.low.at.total_cmp(&right.low.at).then(right.low.closed.cmp(&left.low.closed))
    });
    let mut united: Vec<Range> = Vec::with_capacity(all.len());
    for range in all {
        match united.last_mut().filter(|last| touches(last.high, range.low)) {
            Some(last) => last.high = further(last.high, range.high),
            None => united.push(range),
        }
    }
    Some(united)
}

fn touches(high: End, low: End) -> bool {
    high.at > low.at || high.at.total_cmp(&low.at).is_eq() && (high.closed || low.closed)
}

fn further(left: End, right: End) -> End {
    match left.at.total_cmp(&right.at) {
        std::cmp::Ordering::Less => right,
        std::cmp::Ordering::Greater => left,
        std::cmp::Ordering::Equal => End { at: left.at, closed: left.closed || right.closed },
    }
}

fn complement(ranges: &[Range]) -> Vec<Range> {
    let mut rest = Vec::with_capacity(ranges.len() + 1);
    let mut low = End { at: f64::NEG_INFINITY, closed: false };
    for range in ranges {
        let high = End { at: range.low.at, closed: !range.low.closed };
        rest.extend(Range::new(low, high));
        low = End { at: range.high.at, closed: !range.high.closed };
    }
    rest.extend(Range::new(low, End { at: f64::INFINITY, closed: false }));
    rest
}

fn intersect(left: &[Range], right: &[Range]) -> Vec<Range> {
    let mut common = Vec::new();
    for one in left {
        for other in right {
            let low = End {
                at: one.low.at.max(other.low.at),
                closed: [one.low, other.low]
                    .iter()
                    .filter(|end| end.at >= one.low.at.max(other.low.at))
                    .all(|end| end.closed),
            };
            let high = End {
                at: one.high.at.min(other.high.at),
                closed: [one.high, other.high]
                    .iter()
                    .filter(|end| end.at <= one.high.at.min(other.high.at))
                    .all(|end| end.closed),
            };
            common.extend(Range::new(low, high));
        }
    }
    common
}
