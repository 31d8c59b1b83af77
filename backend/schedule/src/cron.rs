//! Due times of a schedule: a cron expression of five fields in a time zone. It is evaluated on the wall: each time that a clock
//! there shows counts once. A time that the clocks skip comes at the end of the gap, an hour that comes twice counts the first time.

use chrono::{NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};
use dbdesk_cmdb::window::instant;
use dbdesk_commands::{
    clock::Time,
    lang::{Said, said},
};
use std::fmt;

/// Longest expression.
pub const CRON_CHARS: usize = 128;
/// Most due times that are looked at for the latest of those that were missed; an older one would be filed in vain.
const MOST_MISSED: u32 = 10_000;

/// When a schedule is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    cron: croner::Cron,
    zone: Tz,
}

/// What was due and not filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// The latest due time.
    pub latest: Time,
    /// How many were due before it.
    pub before: u32,
    /// The one after it, where there is one.
    pub next: Option<Time>,
}

impl Due {
    /// Reads five fields (minute, hour, day of the month, month, day of the week) and an IANA name.
    ///
    /// # Errors
    /// A sentence for the asker.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, Said> {
        let zone: Tz = zone.trim().parse().map_err(|_| no_zone(zone))?;
        let fields = cron.split_whitespace().count();
        if fields != 5 || cron.chars().count() > CRON_CHARS {
            return Err(said!(
                "“{cron}” is not a cron expression of five fields: minute, hour, day of the month, month, day of the week. \
                 Write such as `30 2 1 * *`: at 02:30 on the first of each month.",
                "“{cron}”不是五个字段的 cron 表达式（分、时、日、月、星期）。请写成 `30 2 1 * *` 这样：每月 1 日 02:30。",
                cron = short(cron)
            ));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(cron).map_err(|error| {
            said!(
                "“{cron}” can not be read as a cron expression: {error}. Write such as `30 2 1 * *`: at 02:30 on the first of each \
                 month.",
                "“{cron}”无法读懂：{error}。请写成 `30 2 1 * *` 这样：每月 1 日 02:30。",
                cron = short(cron),
                error = error.to_string().trim_end_matches('.')
            )
        })?;
        Ok(Self { cron, zone })
    }

    /// Its time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The first due time after `after`; `None` where none comes any more, such as on 30 February.
    #[must_use]
    pub fn next(&self, after: Time) -> Option<Time> {
        let mut shown = after.with_timezone(&self.zone).naive_local();
        loop {
            shown = self.on_the_wall(shown)?;
            // In the second pass of an hour, and behind a gap, a clock shows what was due already.
            if let Some(due) = instant(shown, self.zone).filter(|due| *due > after) {
                return Some(due);
            }
        }
    }

    /// What was due from `first` on until `now`: the latest, and how many before it. `first` itself is due.
    #[must_use]
    pub fn missed(&self, first: Time, now: Time) -> Missed {
        let mut missed = Missed { latest: first, before: 0, next: self.next(first) };
        while let Some(due) = missed.next.filter(|due| *due <= now) {
            if missed.before == MOST_MISSED {
                missed.next = self.next(now);
                break;
            }
            missed = Missed { latest: due, before: missed.before + 1, next: self.next(due) };
        }
        missed
    }

    /// The next time that a clock on the wall shows when it is due, as if no clocks ever changed.
    fn on_the_wall(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let next = self.cron.find_next_occurrence(&Utc.from_utc_datetime(&after), false).ok()?;
        Some(next.naive_utc())
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.cron.pattern, self.zone)
    }
}

fn no_zone(zone: &str) -> Said {
    said!(
        "“{zone}” is not a time zone. Write an IANA name such as `Asia/Shanghai`, `Europe/Berlin` or `UTC`.",
        "“{zone}”不是时区名。请写 IANA 名称，例如 `Asia/Shanghai`、`Europe/Berlin` 或 `UTC`。",
        zone = short(zone)
    )
}

/// As it is quoted back.
fn short(text: &str) -> String {
    text.trim().chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    fn at(text: &str) -> Time {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    /// Due times in Berlin, as its clocks show them.
    fn berlin(cron: &str, after: &str, n: usize) -> Vec<String> {
        let due = Due::parse(cron, "Europe/Berlin").unwrap();
        let times = std::iter::successors(due.next(at(after)), |last| due.next(*last));
        times.take(n).map(|at| at.with_timezone(&due.zone()).format("%m-%d %H:%M %Z").to_string()).collect()
    }

    #[test]
    fn a_time_that_the_clocks_skip_comes_once_at_the_end_of_the_gap() {
        assert_eq!(
            berlin("30 2 * * *", "2026-03-28T00:00:00Z", 3),
            ["03-28 02:30 CET", "03-29 03:00 CEST", "03-30 02:30 CEST"]
        );
        assert_eq!(
            berlin("*/20 2,3 * * *", "2026-03-29T00:30:00Z", 4),
            ["03-29 03:00 CEST", "03-29 03:20 CEST", "03-29 03:40 CEST", "03-30 02:00 CEST"]
        );
    }

    #[test]
    fn an_hour_that_comes_twice_counts_once() {
        assert_eq!(berlin("30 2 * * *", "2026-10-24T12:00:00Z", 2), ["10-25 02:30 CEST", "10-26 02:30 CET"]);
        assert_eq!(
            berlin("0 * * * *", "2026-10-24T23:30:00Z", 3),
            ["10-25 02:00 CEST", "10-25 03:00 CET", "10-25 04:00 CET"]
        );
        // Asked in the second pass.
        assert_eq!(berlin("30 2 * * *", "2026-10-25T01:10:00Z", 1), ["10-26 02:30 CET"]);
    }

    #[test]
    fn days_are_those_that_people_know_from_cron() {
        // A day of the month or a day of the week; 0 and 7 are Sunday.
        assert_eq!(
            berlin("0 9 15 * mon", "2026-06-10T00:00:00Z", 3),
            ["06-15 09:00 CEST", "06-22 09:00 CEST", "06-29 09:00 CEST"]
        );
        let sunday = ["06-14 09:00 CEST"];
        assert_eq!(berlin("0 9 * * 0", "2026-06-10T00:00:00Z", 1), sunday);
        assert_eq!(berlin("0 9 * * 7", "2026-06-10T00:00:00Z", 1), sunday);
    }

    #[test]
    fn what_was_missed_is_counted_and_the_latest_of_it_is_known() {
        let due = Due::parse("30 2 * * *", "Asia/Shanghai").unwrap();
        let first = at("2026-11-20T18:30:00Z");
        let none = due.missed(first, first);
        assert_eq!((none.latest, none.before), (first, 0));
        let three = due.missed(first, at("2026-11-23T20:00:00Z"));
        assert_eq!((three.latest, three.before), (at("2026-11-23T18:30:00Z"), 3));
        assert_eq!(three.next, Some(at("2026-11-24T18:30:00Z")));
        let minutely = Due::parse("* * * * *", "UTC").unwrap();
        let year = minutely.missed(first, at("2027-11-20T18:30:00Z"));
        assert_eq!((year.before, year.next), (MOST_MISSED, Some(at("2027-11-20T18:31:00Z"))));
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        let told: Vec<String> = [
            ("* * * *", "UTC"),
            ("0 30 2 1 * *", "UTC"),
            ("@daily", "UTC"),
            ("61 * * * *", "UTC"),
            ("5-1 * * * *", "UTC"),
            ("*/0 * * * *", "UTC"),
            ("a b c d e", "UTC"),
            ("", "UTC"),
            ("30 2 1 * *", "Asia/Atlantis"),
            ("30 2 1 * *", ""),
        ]
        .into_iter()
        .map(|(cron, zone)| Due::parse(cron, zone).unwrap_err())
        .flat_map(|said| [said.en.into_owned(), said.zh.into_owned()])
        .collect();
        insta::assert_snapshot!(told.join("\n"));
        assert_eq!(Due::parse("0 0 30 2 *", "UTC").unwrap().next(at("2026-01-01T00:00:00Z")), None);
    }

    proptest! {
        #[test]
        fn it_goes_on_for_ever_and_never_back(
            minute in 0..60_u32,
            hour in 0..24_u32,
            day in proptest::sample::select(vec!["2026-03-28", "2026-10-24", "2026-04-04", "2026-10-31", "2026-07-01"]),
            zone in proptest::sample::select(vec!["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Asia/Shanghai"]),
        ) {
            let due = Due::parse(&format!("{minute} {hour} * * *"), zone).unwrap();
            let start = at(&format!("{day}T00:00:00Z"));
            let times: Vec<Time> = std::iter::successors(due.next(start), |last| due.next(*last)).take(4).collect();
            prop_assert!(times.len() == 4 && start < times[0]);
            // Once a day, whatever the clocks do.
            for pair in times.windows(2) {
                let apart = pair[1] - pair[0];
                prop_assert!(apart >= TimeDelta::hours(22) && apart <= TimeDelta::hours(26), "{:?}", times);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9*/,a-zA-Z#@ -]{0,40}") {
            if let Ok(due) = Due::parse(&text, "Europe/Berlin") {
                let _ = due.next(at("2026-03-28T00:00:00Z"));
            }
        }
    }
}
