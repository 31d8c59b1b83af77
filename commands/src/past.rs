//! A time that has been, as a person types it.

use crate::{
    clock::Time,
    lang::{Said, said},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// Reads `90m`, `2h` or `3d` (so long ago), an RFC 3339 time, or `2026-11-23 02:00` in `zone`. A local time that exists twice is the
/// first of both.
///
/// # Errors
/// A sentence for the asker.
pub fn parse(text: &str, zone: Tz, now: Time) -> Result<Time, Said> {
    let text = text.trim();
    let at = ago(text, now)
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc)))
        .or_else(|| local(text, zone));
    at.ok_or_else(|| {
        said!(
            "I do not understand the time “{text}”. Write how long ago it was, as `90m`, `2h` or `3d`, or a time such as \
             `2026-11-23 02:00` ({zone}) or `2026-11-23T02:00:00Z`.",
            "看不懂时间“{text}”。请写多久以前，如 `90m`（分钟）、`2h`（小时）、`3d`（天），或者 `2026-11-23 02:00`（{zone}）、\
             `2026-11-23T02:00:00Z` 这样的时间。",
            text = text.chars().take(60).collect::<String>()
        )
    })
}

fn ago(text: &str, now: Time) -> Option<Time> {
    let (at, unit) = text.char_indices().next_back()?;
    let number: i64 = text.get(..at)?.parse().ok().filter(|number| (0..=100_000).contains(number))?;
    let length = match unit.to_ascii_lowercase() {
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        _ => None,
    };
    now.checked_sub_signed(length?)
}

fn local(text: &str, zone: Tz) -> Option<Time> {
    let naive = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    Some(zone.from_local_datetime(&naive).earliest()?.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_has_been_is_read_as_people_write_it() {
        let now = Utc.with_ymd_and_hms(2026, 11, 27, 12, 0, 0).unwrap();
        let of = |text: &str| parse(text, chrono_tz::Asia::Shanghai, now).ok().map(|at| at.to_rfc3339());
        for (text, at) in [
            ("90m", "2026-11-27T10:30:00+00:00"),
            (" 2H ", "2026-11-27T10:00:00+00:00"),
            ("3d", "2026-11-24T12:00:00+00:00"),
            ("2026-11-27 18:00", "2026-11-27T10:00:00+00:00"),
            ("2026-11-27T10:00:07Z", "2026-11-27T10:00:07+00:00"),
        ] {
            assert_eq!(of(text).as_deref(), Some(at), "{text}");
        }
        for text in ["", "h", "-2h", "2y", "yesterday", "99999999999d", "昨天"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
