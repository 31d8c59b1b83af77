//! When a ticket's work may start: now, at a time, or in the service group's next quiet window.

use crate::{
    clock::Time,
    lang::{Said, said},
};
use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The farthest that a ticket may be planned ahead.
pub const MAX_AHEAD_DAYS: i64 = 90;

/// When the work may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "at", rename_all = "snake_case")]
pub enum When {
    /// As soon as it is approved.
    #[default]
    Now,
    /// Not before this time.
    At(DateTime<Utc>),
    /// In the next quiet window of the service group.
    Quiet,
    /// Not before one time and not after another. What still runs then holds.
    Between {
        /// Not before.
        from: DateTime<Utc>,
        /// Not after.
        to: DateTime<Utc>,
    },
}

/// What stands between the two ends of a window.
const TO: [&str; 3] = [" to ", "到", "至"];

impl When {
    /// Reads what a person typed: `now`, `quiet`, an RFC 3339 time, `2026-11-23 02:00` in the group's `zone`, or two times with
    /// `to` between them, of which the second may be a time of the same day or night: `2026-11-23 23:00 to 05:00`.
    ///
    /// # Errors
    /// A sentence for the asker: not understood, in the past, too far ahead, a window that ends before it begins, or a local time
    /// that does not exist or exists twice because the clocks change.
    pub fn parse(text: &str, zone: Tz, now: Time) -> Result<Self, Said> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "" | "now" | "现在" | "立即" => return Ok(Self::Now),
            "quiet" | "quiet window" | "低峰" | "低峰期" => return Ok(Self::Quiet),
            _ => {}
        }
        if let Some((from, to)) = TO.iter().find_map(|word| text.split_once(word)) {
            return window(from.trim(), to.trim(), zone, now);
        }
        // As the form of an amendment shows the one asked before.
        if let Some((from, to)) = text.split_once('/').filter(|_| Self::of_text(text).is_some()) {
            return window(from, to, zone, now);
        }
        let at = time(text, zone)?;
        check_range(at, zone, now).map(|()| Self::At(at))
    }
}

/// A time as it is typed.
fn time(text: &str, zone: Tz) -> Result<Time, Said> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Ok(at.with_timezone(&Utc)),
        Err(_) => local(text, zone),
    }
}

fn window(from: &str, to: &str, zone: Tz, now: Time) -> Result<When, Said> {
    let from = time(from, zone)?;
    let to = match NaiveTime::parse_from_str(to, "%H:%M") {
        Ok(clock) => {
            let begins = from.with_timezone(&zone).naive_local();
            let nights = u64::from(clock <= begins.time());
            let day = begins.date().checked_add_days(Days::new(nights)).unwrap_or(begins.date());
            local(&day.and_time(clock).format("%Y-%m-%d %H:%M").to_string(), zone)?
        }
        Err(_) => time(to, zone)?,
    };
    if to <= from {
        return Err(said!(
            "The window ends at {to}, which is not after its start, {from}. Write the earlier time first.",
            "时间窗口的结束时间 {to} 不晚于开始时间 {from}。请把较早的时间写在前面。",
            from = shown(from, zone),
            to = shown(to, zone)
        ));
    }
    // One that is open already may be used as long as it is.
    check_range(to, zone, now).map(|()| When::Between { from, to })
}

fn shown(at: Time, zone: Tz) -> String {
    format!("{} ({zone})", at.with_timezone(&zone).format("%Y-%m-%d %H:%M"))
}

/// As a submission writes it, and as the store keeps it: `now`, `quiet`, an RFC 3339 time, or two of them with `/` between.
impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::Quiet => f.write_str("quiet"),
            Self::At(at) => f.write_str(&written(*at)),
            Self::Between { from, to } => write!(f, "{}/{}", written(*from), written(*to)),
        }
    }
}

impl When {
    /// Reads back what its `Display` wrote; unlike [`When::parse`] it takes times of any day.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        match text {
            "now" => Some(Self::Now),
            "quiet" => Some(Self::Quiet),
            text => match text.split_once('/') {
                Some((from, to)) => Some(Self::Between { from: read(from)?, to: read(to)? }),
                None => read(text).map(Self::At),
            },
        }
    }
}

fn written(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn read(text: &str) -> Option<Time> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

/// Whether a text, as far as it is typed, can still become a time: `2026-11`, `2026-11-23 02:0`.
#[must_use]
pub fn may_become_time(typed: &str) -> bool {
    const LIKE: &str = "0000-00-00 00:00:00";
    let fits = |(letter, like): (char, char)| match like {
        '0' => letter.is_ascii_digit(),
        ' ' => matches!(letter, ' ' | 'T'),
        like => letter == like,
    };
    typed.chars().count() <= LIKE.len() && typed.chars().zip(LIKE.chars()).all(fits)
}

fn local(text: &str, zone: Tz) -> Result<Time, Said> {
    let naive = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .ok_or_else(|| {
            said!(
                "I do not understand the time “{text}”. Write `now`, `quiet`, a time such as `2026-11-23 02:00` ({zone}) or \
                 `2026-11-23T02:00:00Z`, or a window such as `2026-11-23 02:00 to 05:00`.",
                "看不懂时间“{text}”。请写 `now`（立即）、`quiet`（下一个低峰期），或者 `2026-11-23 02:00`（{zone}）、\
                 `2026-11-23T02:00:00Z` 这样的时间，也可以写 `2026-11-23 02:00 到 05:00` 这样的时间窗口。",
                text = text.chars().take(60).collect::<String>()
            )
        })?;
    match zone.from_local_datetime(&naive) {
        chrono::LocalResult::Single(at) => Ok(at.with_timezone(&Utc)),
        chrono::LocalResult::Ambiguous(first, second) => Err(said!(
            "{naive} happens twice in {zone} because the clocks go back. Say which: `{a}` or `{b}`.",
            "{zone} 在这天要拨回时钟，{naive} 会出现两次。请写明是哪一个：`{a}` 还是 `{b}`。",
            a = first.to_rfc3339(),
            b = second.to_rfc3339()
        )),
        chrono::LocalResult::None => Err(said!(
            "{naive} does not exist in {zone}: the clocks go forward over it. Choose a time an hour earlier or later.",
            "{zone} 在这天要拨快时钟，{naive} 并不存在。请选早一小时或晚一小时的时间。"
        )),
    }
}

fn check_range(at: DateTime<Utc>, zone: Tz, now: Time) -> Result<(), Said> {
    let shown = shown(at, zone);
    if at < now - TimeDelta::minutes(1) {
        return Err(said!(
            "{shown} is in the past. Choose a later time, or `now`.",
            "{shown} 已经过去了。请选一个将来的时间，或者写 `now`。"
        ));
    }
    if at > now + TimeDelta::days(MAX_AHEAD_DAYS) {
        return Err(said!(
            "{shown} is more than {MAX_AHEAD_DAYS} days ahead; a review would be worth nothing by then. Choose a nearer time.",
            "{shown} 在 {MAX_AHEAD_DAYS} 天以后，到那时现在的审核已经没有意义。请选近一些的时间。"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Time {
        Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap()
    }

    fn parse(text: &str) -> Result<When, String> {
        When::parse(text, chrono_tz::Europe::Berlin, now()).map_err(|said| said.en.into_owned())
    }

    #[test]
    fn a_local_time_is_read_in_the_zone_of_the_service_group() {
        let expected = Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap();
        assert_eq!(parse("2026-03-02 02:00"), Ok(When::At(expected)));
        assert_eq!(parse("2026-03-02T01:00:00Z"), Ok(When::At(expected)));
        assert_eq!(parse("now"), Ok(When::Now));
        assert_eq!(parse("低峰"), Ok(When::Quiet));
    }

    #[test]
    fn a_time_that_cannot_be_is_explained() {
        let errors: Vec<_> = ["tomorrow", "2026-02-01 02:00", "2027-01-01 00:00", "2026-03-29 02:30"]
            .into_iter()
            .map(|text| parse(text).unwrap_err())
            .collect();
        insta::assert_snapshot!(errors.join("\n"));
    }

    #[test]
    fn a_time_is_known_while_it_is_typed() {
        for typed in ["2", "2026-1", "2026-11-23", "2026-11-23T02", "2026-11-23 02:00:0"] {
            assert!(may_become_time(typed), "{typed}");
        }
        for typed in ["yesterday", "23.11.2026", "2026/11/23", "2026-11-23 2am", "2026-11-23 02:00:00 UTC"] {
            assert!(!may_become_time(typed), "{typed}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let at = Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap();
        let between = When::Between { from: at, to: at + TimeDelta::hours(3) };
        assert_eq!(between.to_string(), "2026-03-02T01:00:00Z/2026-03-02T04:00:00Z");
        for when in [When::Now, When::Quiet, When::At(at), between] {
            assert_eq!(When::of_text(&when.to_string()), Some(when));
        }
        assert_eq!(When::of_text("tomorrow"), None);
    }

    #[test]
    fn a_window_has_two_ends_in_the_zone_of_the_service_group() {
        let at = |day, hour| Utc.with_ymd_and_hms(2026, 3, day, hour, 0, 0).unwrap();
        let night = Ok(When::Between { from: at(2, 1), to: at(2, 4) });
        for text in [
            "2026-03-02 02:00 to 05:00",
            "2026-03-02 02:00 to 2026-03-02 05:00",
            "2026-03-02T01:00:00Z to 2026-03-02T05:00:00+01:00",
            "2026-03-02 02:00 到 05:00",
            "2026-03-02 02:00至05:00",
            "2026-03-02T01:00:00Z/2026-03-02T04:00:00Z",
        ] {
            assert_eq!(parse(text), night, "{text}");
        }
        assert_eq!(
            parse("2026-03-02 23:00 to 05:00"),
            Ok(When::Between { from: at(2, 22), to: at(3, 4) }),
            "over midnight"
        );
        let open = Ok(When::Between { from: at(1, 10), to: at(1, 13) });
        assert_eq!(parse("2026-03-01 11:00 to 14:00"), open, "it is open already");
        let errors = [
            "2026-03-02 05:00 to 2026-03-02 02:00",
            "2026-03-02 05:00 to 2026-03-02 05:00",
            "2026-03-01 02:00 to 05:00",
            "2026-03-02 02:00 to later",
            "to 05:00",
            "2026-03-29 01:00 to 02:30",
            "2026-03-02 02:00 to 2026-12-02 02:00",
        ]
        .map(|text| parse(text).unwrap_err());
        insta::assert_snapshot!(errors.join("\n"));
    }

    #[test]
    fn a_time_that_happens_twice_is_asked_back() {
        let october = Utc.with_ymd_and_hms(2026, 10, 1, 0, 0, 0).unwrap();
        let said = When::parse("2026-10-25 02:30", chrono_tz::Europe::Berlin, october).unwrap_err();
        insta::assert_snapshot!(said.en);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}") {
            let _ = When::parse(&text, chrono_tz::Asia::Shanghai, now());
        }
    }
}
