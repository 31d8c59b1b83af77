//! Dates in the SQL of a schedule: `orders_{next_month:%Y%m}` is filled in when it runs, in the schedule's time zone.
//!
//! ```text
//! {today} {tomorrow}            20261122, 20261123
//! {this_month} {next_month}     202611, 202612
//! {tomorrow:%Y-%m-%d}           2026-11-23, as in VALUES LESS THAN ('…')
//! ```
//!
//! A name in braces is a date also within quotes. `{0000..0511}` stays for the review, and so does any brace that does not begin a name.

use chrono::{
    DateTime, Datelike as _, Days, Months, NaiveDate,
    format::{Fixed, Item, StrftimeItems},
};
use chrono_tz::Tz;
use dbdesk_commands::lang::{Said, said};
use std::borrow::Cow;

/// A date that may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Today,
    Tomorrow,
    ThisMonth,
    NextMonth,
}

impl Name {
    const ALL: [Self; 4] = [Self::Today, Self::Tomorrow, Self::ThisMonth, Self::NextMonth];

    fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Tomorrow => "tomorrow",
            Self::ThisMonth => "this_month",
            Self::NextMonth => "next_month",
        }
    }

    /// As it is written where nothing is said.
    fn format(self) -> &'static str {
        match self {
            Self::Today | Self::Tomorrow => "%Y%m%d",
            Self::ThisMonth | Self::NextMonth => "%Y%m",
        }
    }

    /// Of a month the first day.
    fn of(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Today => Some(today),
            Self::Tomorrow => today.checked_add_days(Days::new(1)),
            Self::ThisMonth => today.with_day(1),
            Self::NextMonth => today.with_day(1)?.checked_add_months(Months::new(1)),
        }
    }
}

/// The SQL with its dates as they are at `at`.
///
/// # Errors
/// A sentence for the asker: a name or a format that is not known.
pub fn filled<'a>(sql: &'a str, at: &DateTime<Tz>) -> Result<Cow<'a, str>, Said> {
    let today = at.date_naive();
    let (mut out, mut rest) = (String::new(), sql);
    while let Some(open) = rest.find('{') {
        let (before, braced) = rest.split_at(open);
        out.push_str(before);
        if let Some((whole, name, format)) = placeholder(braced) {
            out.push_str(&date(name, format, today).ok_or_else(|| refused(sql, rest, open, whole))?);
            rest = braced.get(whole.len()..).unwrap_or_default();
        } else {
            out.push('{');
            rest = braced.get(1..).unwrap_or_default();
        }
    }
    if rest.len() == sql.len() {
        return Ok(Cow::Borrowed(sql));
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// A text that begins with a name in braces: all of it, the name, the format.
fn placeholder(braced: &str) -> Option<(&str, &str, Option<&str>)> {
    let close = braced.find('}')?;
    let inner = braced.get(1..close)?;
    let (name, format) = inner.split_once(':').map_or((inner, None), |(name, format)| (name, Some(format)));
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some((braced.get(..=close)?, name, format))
}

fn date(name: &str, format: Option<&str>, today: NaiveDate) -> Option<String> {
    let name = Name::ALL.into_iter().find(|known| known.word() == name)?;
    let format = format.unwrap_or(name.format());
    let usable = !format.is_empty()
        && format.len() <= 40
        && StrftimeItems::new(format).all(|item| is_of_a_date(&item));
    let date = name.of(today).filter(|_| usable)?;
    Some(date.format(format).to_string())
}

/// A day has no hour, and what is written goes into SQL: no quotes, no spaces from a format.
fn is_of_a_date(item: &Item<'_>) -> bool {
    use chrono::format::Numeric as N;
    match item {
        Item::Literal(text) => {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/.".contains(&byte))
        }
        Item::Numeric(number, _) => matches!(
            number,
            N::Year
                | N::YearMod100
                | N::IsoYear
                | N::IsoYearMod100
                | N::Month
                | N::Day
                | N::Ordinal
                | N::IsoWeek
                | N::WeekFromSun
                | N::WeekFromMon
                | N::NumDaysFromSun
                | N::WeekdayFromMon
        ),
        Item::Fixed(fixed) => matches!(
            fixed,
            Fixed::ShortMonthName | Fixed::LongMonthName | Fixed::ShortWeekdayName | Fixed::LongWeekdayName
        ),
        _ => false,
    }
}

fn refused(sql: &str, rest: &str, open: usize, whole: &str) -> Said {
    let at = sql.len() - rest.len() + open;
    let line = sql.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let known = Name::ALL.map(|name| format!("`{{{}}}`", name.word())).join(", ");
    said!(
        "Line {line}: “{whole}” is not a date that can be filled in. Known are {known}, each also with a format such as \
         `{{tomorrow:%Y_%m_%d}}`.",
        "第 {line} 行：“{whole}”不是可以填写的日期。可用的有 {known}，也可以带格式，例如 `{{tomorrow:%Y_%m_%d}}`。",
        whole = whole.chars().take(60).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone as _, Utc};
    use proptest::prelude::*;

    /// 30 November 2026, 20:00 UTC: December in Shanghai.
    fn fill(sql: &str, zone: Tz) -> Result<String, Said> {
        let at = Utc.with_ymd_and_hms(2026, 11, 30, 20, 0, 0).unwrap().with_timezone(&zone);
        filled(sql, &at).map(Cow::into_owned)
    }

    #[test]
    fn dates_are_filled_in_the_schedules_zone_also_within_quotes() {
        let sql = "CREATE TABLE orders_{next_month:%Y%m} LIKE o_{this_month}; -- {today}\nSELECT '{tomorrow:%Y-%m-%d}'";
        let shanghai = fill(sql, Tz::Asia__Shanghai).unwrap();
        assert_eq!(shanghai, "CREATE TABLE orders_202701 LIKE o_202612; -- 20261201\nSELECT '2026-12-02'");
        let utc = fill(sql, Tz::UTC).unwrap();
        assert_eq!(utc, "CREATE TABLE orders_202612 LIKE o_202611; -- 20261130\nSELECT '2026-12-01'");
    }

    #[test]
    fn what_is_no_name_in_braces_stays() {
        for sql in [
            "UPDATE t_{0000..0511} SET a = 1",
            "SELECT '{\"a\": 1}', '{', '{}', '{ today }'",
            "SELECT 1",
            "{{1}",
        ] {
            assert_eq!(fill(sql, Tz::UTC).unwrap(), sql);
        }
        assert_eq!(fill("t_{0..3}_{this_month}", Tz::UTC).unwrap(), "t_{0..3}_202611");
    }

    #[test]
    fn a_name_or_a_format_that_is_not_known_is_refused_with_its_line() {
        let told: Vec<String> = [
            "SELECT 1;\nSELECT '{tomorow}'",
            "{yesterday}",
            "t_{today:%H}",
            "t_{today:%Y' OR 1=1}",
            "t_{today:}",
            "{today:%Q}",
        ]
        .into_iter()
        .map(|sql| fill(sql, Tz::UTC).unwrap_err())
        .flat_map(|said| [said.en.into_owned(), said.zh.into_owned()])
        .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}:%a-z_0-9.'é\n]{0,60}") {
            let _ = fill(&text, Tz::UTC);
        }
    }
}
