//! Quiet windows: when work that can wait may run.

use chrono::{
    DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc,
    Weekday,
};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A span of the day in the group's time zone, on some days of the week. One that ends before it begins ends on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietWindow {
    /// The days on which it begins: `mon` … `sun`; left out, every day.
    #[serde(default = "every_day", with = "days")]
    pub days: Vec<Weekday>,
    /// When it begins, `HH:MM`.
    #[serde(with = "hour_minute")]
    pub from: NaiveTime,
    /// When it ends, `HH:MM`; equal to `from` means a whole day.
    #[serde(with = "hour_minute")]
    pub to: NaiveTime,
}

/// A weekly window that the clocks skip once comes again a week later.
const LOOK_AHEAD_DAYS: u64 = 16;

/// When the next of these windows opens in `zone`; `now` where one is open; `None` where there are none.
#[must_use]
pub fn next(windows: &[QuietWindow], zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = now.with_timezone(&zone).date_naive();
    let yesterday = today.checked_sub_days(Days::new(1))?;
    let days = (0..=LOOK_AHEAD_DAYS).filter_map(|ahead| yesterday.checked_add_days(Days::new(ahead)));
    let spans = days.flat_map(|day| windows.iter().filter_map(move |window| window.span_on(day, zone)));
    spans.filter(|(_, end)| *end > now).map(|(start, _)| start.max(now)).min()
}

impl QuietWindow {
    /// From when to when it is open if it begins on this day.
    fn span_on(&self, day: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if !self.days.contains(&day.weekday()) {
            return None;
        }
        let last = if self.to <= self.from { day.checked_add_days(Days::new(1))? } else { day };
        let (start, end) = (instant(day.and_time(self.from), zone)?, instant(last.and_time(self.to), zone)?);
        (start < end).then_some((start, end))
    }
}

/// A local time as an instant: the first of two where the clocks go back, the end of the gap where they go forward over it.
#[must_use]
pub fn instant(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    const GAP_MINUTES: i64 = 3 * 60;
    (0..=GAP_MINUTES)
        .find_map(|later| zone.from_local_datetime(&(local + TimeDelta::minutes(later))).earliest())
        .map(|at| at.with_timezone(&Utc))
}

pub(crate) fn every_day() -> Vec<Weekday> {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun]
}

pub(crate) mod hour_minute {
    use super::{Deserialize, Deserializer, NaiveTime, Serializer};
    use serde::de::Error;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub fn serialize<S: Serializer>(time: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.format("%H:%M").to_string())
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom(format!("“{text}” is not a time of day such as \"02:30\"")))
    }
}

pub(crate) mod days {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Weekday};
    use serde::de::Error;

    pub fn serialize<S: Serializer>(days: &[Weekday], to: S) -> Result<S::Ok, S::Error> {
        days.iter().map(|day| day.to_string().to_lowercase()).collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<Weekday>, D::Error> {
        Vec::<String>::deserialize(from)?
            .into_iter()
            .map(|text| {
                text.parse()
                    .map_err(|_| D::Error::custom(format!("“{text}” is not a day; write \"mon\" to \"sun\"")))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{Asia::Shanghai, Europe::Berlin};

    fn window(days: &str, from: &str, to: &str) -> QuietWindow {
        toml::from_str(&format!("days = {days}\nfrom = \"{from}\"\nto = \"{to}\"")).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn the_next_window_opens_in_the_groups_own_time_zone() {
        let nightly = [window("[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"]", "02:00", "05:00")];
        assert_eq!(next(&nightly, Shanghai, at("2026-11-22T12:00:00Z")), Some(at("2026-11-22T18:00:00Z")));
        let open = at("2026-11-22T19:30:00Z");
        assert_eq!(next(&nightly, Shanghai, open), Some(open), "it is open");
        assert_eq!(next(&nightly, Shanghai, at("2026-11-22T21:00:00Z")), Some(at("2026-11-23T18:00:00Z")));
        assert_eq!(next(&[], Shanghai, open), None);
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let weekend = [window("[\"sat\"]", "23:00", "05:00")];
        let sunday_night = at("2026-11-21T18:00:00Z"); // Sunday 02:00 in Shanghai
        assert_eq!(next(&weekend, Shanghai, sunday_night), Some(sunday_night));
        assert_eq!(next(&weekend, Shanghai, at("2026-11-21T22:00:00Z")), Some(at("2026-11-28T15:00:00Z")));
    }

    #[test]
    fn the_earliest_of_several_windows_counts() {
        let two = [window("[\"mon\"]", "20:00", "21:00"), window("[\"mon\"]", "04:00", "05:00")];
        assert_eq!(next(&two, Shanghai, at("2026-11-22T12:00:00Z")), Some(at("2026-11-22T20:00:00Z")));
    }

    #[test]
    fn a_window_that_begins_in_the_hour_the_clocks_skip_opens_after_it() {
        let sunday = [window("[\"sun\"]", "02:30", "04:00")];
        assert_eq!(next(&sunday, Berlin, at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:00:00Z")));
        let gone = [window("[\"sun\"]", "02:10", "02:50")];
        let a_week_later = Some(at("2026-04-05T00:10:00Z"));
        assert_eq!(next(&gone, Berlin, at("2026-03-28T12:00:00Z")), a_week_later, "all of it was skipped");
    }

    #[test]
    fn a_window_in_the_hour_that_comes_twice_opens_at_the_first() {
        let sunday = [window("[\"sun\"]", "02:30", "04:00")];
        assert_eq!(next(&sunday, Berlin, at("2026-10-24T12:00:00Z")), Some(at("2026-10-25T00:30:00Z")));
        let second = at("2026-10-25T01:40:00Z");
        assert_eq!(next(&sunday, Berlin, second), Some(second), "still open in the second pass");
    }
}
