//! Closed times: a group's peak hours and dates, and freezes. Nothing starts in them, and long work holds.

use crate::{
    group::{GroupId, ServiceGroup},
    window::{days, hour_minute, instant},
};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A year and a little: what is closed for longer does not open by itself.
const LOOK_AHEAD: TimeDelta = TimeDelta::days(370);
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// A time at which a group is busy: on days of the week or on dates, from and to, or the whole of them. One that ends before it
/// begins ends on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Peak {
    on: On,
    /// `None`: the whole day. Equal ends mean the same.
    hours: Option<(NaiveTime, NaiveTime)>,
}

/// The days on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum On {
    Days(Vec<Weekday>),
    Dates(Vec<NaiveDate>),
}

/// As the inventory writes it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<DayNames>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dates: Option<Vec<NaiveDate>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<HourMinute>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<HourMinute>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct DayNames(#[serde(with = "days")] Vec<Weekday>);

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
struct HourMinute(#[serde(with = "hour_minute")] NaiveTime);

impl TryFrom<Written> for Peak {
    type Error = &'static str;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let on = match (written.days, written.dates) {
            (Some(_), Some(_)) => return Err("peak hours have `days` or `dates`, not both"),
            (Some(DayNames(days)), None) if days.is_empty() => {
                return Err("peak hours have no days; leave `days` out for every day");
            }
            (None, Some(dates)) if dates.is_empty() => {
                return Err("peak hours have no dates; write such as dates = [\"2026-11-11\"]");
            }
            (None, Some(dates)) => On::Dates(dates),
            (days, None) => On::Days(days.map_or_else(crate::window::every_day, |DayNames(days)| days)),
        };
        let hours = match (written.from, written.to) {
            (Some(HourMinute(from)), Some(HourMinute(to))) => Some((from, to)),
            (None, None) => None,
            _ => return Err("peak hours need both `from` and `to`, or neither for whole days"),
        };
        Ok(Self { on, hours })
    }
}

impl From<Peak> for Written {
    fn from(peak: Peak) -> Self {
        let (days, dates) = match peak.on {
            On::Days(days) => (Some(DayNames(days)), None),
            On::Dates(dates) => (None, Some(dates)),
        };
        let (from, to) = peak.hours.map(|(from, to)| (HourMinute(from), HourMinute(to))).unzip();
        Self { days, dates, from, to }
    }
}

/// A freeze that was not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Of this group; `None`: of all.
    pub group: Option<GroupId>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when; `None`: until somebody ends it.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
}

/// Why a group is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Its own busy time. A DBA may start work all the same.
    Peak,
    /// Somebody froze it. Nobody may.
    Freeze {
        /// Why.
        reason: String,
    },
}

/// A group is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Why now. A freeze counts more than peak hours.
    pub why: Why,
    /// When it opens; `None`: not by itself.
    pub until: Option<DateTime<Utc>>,
}

/// Whether a group is closed now, why, and until when.
#[must_use]
pub fn closed(id: GroupId, group: &ServiceGroup, freezes: &[Freeze], now: DateTime<Utc>) -> Option<Closed> {
    let frozen = freezes.iter().find(|freeze| freeze.holds(id, now));
    let why = match frozen {
        Some(freeze) => Why::Freeze { reason: freeze.reason.clone() },
        None => peak_until(group, now).map(|_| Why::Peak)?,
    };
    Some(Closed { why, until: next_open(id, group, freezes, now) })
}

/// The same for work that a DBA let go at `leave`: peak hours that were on then do not keep it. A freeze does.
#[must_use]
pub fn keeps(
    id: GroupId,
    group: &ServiceGroup,
    freezes: &[Freeze],
    leave: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<Closed> {
    let closed = closed(id, group, freezes, now)?;
    let let_go = |leave| next_open(id, group, freezes, leave).is_none_or(|open| open > now);
    (closed.why != Why::Peak || !leave.is_some_and(let_go)).then_some(closed)
}

/// The first moment from `now` on at which a group is open: `now` where it is; `None` where it does not open by itself within a year.
#[must_use]
pub fn next_open(
    id: GroupId,
    group: &ServiceGroup,
    freezes: &[Freeze],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let mut open = now;
    while open <= now + LOOK_AHEAD {
        let frozen = freezes.iter().filter(|freeze| freeze.holds(id, open));
        let ends = frozen.map(|freeze| freeze.until).chain(peak_until(group, open).map(Some));
        // A freeze without an end is the last of all ends.
        match ends.max_by_key(|end| end.unwrap_or(DateTime::<Utc>::MAX_UTC)) {
            None => return Some(open),
            Some(end) => open = end?,
        }
    }
    None
}

/// The same of peak hours alone: those are known long before.
#[must_use]
pub fn after_peak(group: &ServiceGroup, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    next_open(GroupId(0), group, &[], now)
}

/// Whether these peak hours leave no time at all in a week.
pub(crate) fn never_opens(group: &ServiceGroup) -> bool {
    let peaks = group.peaks.iter().filter(|peak| matches!(peak.on, On::Days(_))).cloned().collect();
    let weekly = ServiceGroup { peaks, time_zone: Tz::UTC, ..group.clone() };
    next_open(GroupId(0), &weekly, &[], DateTime::UNIX_EPOCH).is_none()
}

/// Until when the peak hours that are on now last, the longest of them.
fn peak_until(group: &ServiceGroup, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let zone = group.time_zone;
    let today = now.with_timezone(&zone).date_naive();
    // One that began yesterday may still be on.
    let begins = [today.checked_sub_days(Days::new(1)), Some(today)];
    let spans = begins
        .into_iter()
        .flatten()
        .flat_map(|day| group.peaks.iter().filter_map(move |peak| peak.span_on(day, zone)));
    spans.filter(|(start, end)| *start <= now && now < *end).map(|(_, end)| end).max()
}

impl Freeze {
    fn holds(&self, id: GroupId, now: DateTime<Utc>) -> bool {
        self.group.is_none_or(|group| group == id)
            && self.from <= now
            && self.until.is_none_or(|until| now < until)
    }
}

impl Peak {
    /// From when to when it is on if it begins on this day.
    fn span_on(&self, day: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let begins = match &self.on {
            On::Days(days) => days.contains(&day.weekday()),
            On::Dates(dates) => dates.contains(&day),
        };
        if !begins {
            return None;
        }
        let (from, to) = self.hours.unwrap_or_default();
        let last = if to <= from { day.checked_add_days(Days::new(1))? } else { day };
        let (start, end) = (instant(day.and_time(from), zone)?, end(last.and_time(to), zone)?);
        (start < end).then_some((start, end))
    }
}

/// The end of a closed time: as long as a clock on the wall may show a time before it. In an hour that comes twice this is the second.
fn end(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let before = local - MINUTE;
    match before.and_local_timezone(zone).latest() {
        Some(at) => Some((at + MINUTE).with_timezone(&Utc)),
        None => instant(before, zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{Asia::Shanghai, Europe::Berlin};
    use proptest::prelude::*;

    const ID: GroupId = GroupId(7);

    fn group(zone: Tz, peaks: &str) -> ServiceGroup {
        let text = format!(
            "name = \"shop\"\nenvironment = \"production\"\nflavour = \"mariadb-10.11\"\ntime_zone = \"{zone}\"\n{peaks}"
        );
        toml::from_str(&text).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn until(group: &ServiceGroup, freezes: &[Freeze], now: &str) -> Option<String> {
        let closed = closed(ID, group, freezes, at(now))?;
        Some(closed.until.map_or("for ever".to_owned(), |until| until.to_rfc3339()))
    }

    fn freeze(group: Option<u64>, from: &str, until: Option<&str>) -> Freeze {
        Freeze {
            group: group.map(GroupId),
            from: at(from),
            until: until.map(at),
            reason: "launch".to_owned(),
        }
    }

    const DAYTIME: &str = "[[peak]]\ndays = [\"mon\", \"tue\"]\nfrom = \"09:00\"\nto = \"20:00\"\n";

    #[test]
    fn peak_hours_are_in_the_groups_own_zone_and_end_by_themselves() {
        let shop = group(Shanghai, DAYTIME);
        assert_eq!(until(&shop, &[], "2026-11-23T00:59:00Z"), None, "Monday 08:59");
        let evening = Some("2026-11-23T12:00:00+00:00".to_owned());
        assert_eq!(until(&shop, &[], "2026-11-23T01:00:00Z"), evening, "Monday 09:00");
        assert_eq!(until(&shop, &[], "2026-11-23T12:00:00Z"), None, "Monday 20:00");
        assert_eq!(until(&shop, &[], "2026-11-25T02:00:00Z"), None, "Wednesday");
    }

    #[test]
    fn dates_close_whole_days_and_hours_over_midnight_end_on_the_next() {
        let shop = group(
            Shanghai,
            "[[peak]]\ndates = [\"2026-11-11\"]\n[[peak]]\ndates = [\"2026-11-10\"]\nfrom = \"20:00\"\nto = \"02:00\"\n",
        );
        let end = Some("2026-11-11T16:00:00+00:00".to_owned());
        assert_eq!(until(&shop, &[], "2026-11-10T11:59:00Z"), None);
        assert_eq!(until(&shop, &[], "2026-11-10T12:00:00Z"), end, "the evening before runs into the day");
        assert_eq!(until(&shop, &[], "2026-11-11T15:59:00Z"), end);
        assert_eq!(until(&shop, &[], "2026-11-11T16:00:00Z"), None);
    }

    #[test]
    fn a_freeze_counts_more_than_peak_hours_and_both_are_waited_for() {
        let shop = group(Shanghai, DAYTIME);
        let later = [freeze(Some(7), "2026-11-23T11:00:00Z", Some("2026-11-23T14:00:00Z"))];
        let peak = closed(ID, &shop, &later, at("2026-11-23T10:00:00Z")).unwrap();
        assert_eq!((peak.why, peak.until), (Why::Peak, Some(at("2026-11-23T14:00:00Z"))));
        let frozen = closed(ID, &shop, &later, at("2026-11-23T11:30:00Z")).unwrap();
        assert_eq!(frozen.why, Why::Freeze { reason: "launch".to_owned() });
        let endless = [freeze(None, "2026-11-23T11:00:00Z", None)];
        assert_eq!(until(&shop, &endless, "2026-11-23T10:00:00Z"), Some("for ever".to_owned()));
        let another = [freeze(Some(8), "2026-11-20T00:00:00Z", None)];
        assert_eq!(until(&shop, &another, "2026-11-25T10:00:00Z"), None, "of another group");
    }

    #[test]
    fn what_a_dba_lets_go_runs_in_these_peak_hours_and_in_no_freeze() {
        let shop = group(Shanghai, DAYTIME);
        let kept = |freezes: &[Freeze], leave: &str, now: &str| {
            keeps(ID, &shop, freezes, Some(at(leave)), at(now)).is_some()
        };
        assert!(!kept(&[], "2026-11-23T02:00:00Z", "2026-11-23T10:00:00Z"), "on the same Monday");
        assert!(kept(&[], "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z"), "not on Tuesday");
        assert!(kept(&[], "2026-11-23T00:30:00Z", "2026-11-23T02:00:00Z"), "said before they began");
        let frozen = [freeze(None, "2026-11-23T09:00:00Z", None)];
        assert!(kept(&frozen, "2026-11-23T02:00:00Z", "2026-11-23T10:00:00Z"));
        assert!(keeps(ID, &shop, &[], None, at("2026-11-23T02:00:00Z")).is_some(), "nobody let it go");
    }

    #[test]
    fn where_the_clocks_go_forward_a_skipped_end_is_the_end_of_the_gap() {
        // 02:00 to 03:00 does not exist on 29 March 2026.
        let night = group(Berlin, "[[peak]]\nfrom = \"01:00\"\nto = \"02:30\"\n");
        assert_eq!(until(&night, &[], "2026-03-29T00:59:00Z"), Some("2026-03-29T01:00:00+00:00".to_owned()));
        assert_eq!(until(&night, &[], "2026-03-29T01:00:00Z"), None);
        let late = group(Berlin, "[[peak]]\nfrom = \"02:30\"\nto = \"04:00\"\n");
        assert_eq!(until(&late, &[], "2026-03-29T00:59:00Z"), None);
        assert_eq!(until(&late, &[], "2026-03-29T01:00:00Z"), Some("2026-03-29T02:00:00+00:00".to_owned()));
        let gone = group(Berlin, "[[peak]]\nfrom = \"02:10\"\nto = \"02:50\"\n");
        assert_eq!(until(&gone, &[], "2026-03-29T01:00:00Z"), None, "all of it is skipped");
    }

    #[test]
    fn where_the_clocks_go_back_it_is_closed_until_the_end_has_come_twice() {
        // 02:00 to 03:00 comes twice on 25 October 2026: at 00:00Z and at 01:00Z.
        let night = group(Berlin, "[[peak]]\nfrom = \"01:00\"\nto = \"02:30\"\n");
        assert_eq!(until(&night, &[], "2026-10-25T00:45:00Z"), Some("2026-10-25T01:30:00+00:00".to_owned()));
        assert_eq!(until(&night, &[], "2026-10-25T01:30:00Z"), None);
        let early = group(Berlin, "[[peak]]\nfrom = \"01:00\"\nto = \"02:00\"\n");
        assert_eq!(until(&early, &[], "2026-10-24T23:30:00Z"), Some("2026-10-25T00:00:00+00:00".to_owned()));
        assert_eq!(until(&early, &[], "2026-10-25T01:00:00Z"), None, "02:00 for the second time is no 01:59");
    }

    #[test]
    fn what_is_closed_all_week_never_opens() {
        let always = group(Shanghai, "[[peak]]\n");
        assert_eq!(until(&always, &[], "2026-11-23T10:00:00Z"), Some("for ever".to_owned()));
        assert!(never_opens(&always) && !never_opens(&group(Shanghai, DAYTIME)));
        assert!(!never_opens(&group(Shanghai, "[[peak]]\ndates = [\"2026-11-11\"]\n")));
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        for (peak, told) in [
            ("days = [\"mon\"]\ndates = [\"2026-11-11\"]", "not both"),
            ("dates = []", "no dates"),
            ("days = []", "no days"),
            ("from = \"09:00\"", "both `from` and `to`"),
            ("dates = [\"11.11.2026\"]", "input contains invalid characters"),
            ("from = \"9\"\nto = \"20:00\"", "“9” is not a time of day"),
        ] {
            let refused = toml::from_str::<Peak>(peak).unwrap_err().to_string();
            assert!(refused.contains(told), "{peak}: {refused}");
        }
        let peak: Peak = toml::from_str("days = [\"mon\"]\nfrom = \"09:00\"\nto = \"20:00\"").unwrap();
        assert_eq!(toml::from_str::<Peak>(&toml::to_string(&peak).unwrap()).unwrap(), peak, "read back");
    }

    /// Minute by minute, as a person with a clock on the wall would do it: from the first minute to the last at which the clock
    /// shows a time within the hours.
    fn wall(zone: Tz, from: u32, to: u32, first: DateTime<Utc>, minutes: usize) -> Vec<bool> {
        let shown = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
        let minute = |n: usize| first + TimeDelta::minutes(i64::try_from(n).unwrap());
        let of_day = |minutes: u32| TimeDelta::minutes(i64::from(minutes));
        let mut closed = vec![false; minutes];
        let mut day = shown(first).date().pred_opt().unwrap();
        while day <= shown(minute(minutes)).date() {
            let midnight = day.and_time(NaiveTime::MIN);
            let (start, mut end) = (midnight + of_day(from), midnight + of_day(to));
            if end <= start {
                end = day.succ_opt().unwrap().and_time(NaiveTime::MIN) + of_day(to);
            }
            let within = |n: &usize| (start..end).contains(&shown(minute(*n)));
            let (begins, ends) = ((0..minutes).find(within), (0..minutes).rfind(within));
            if let (Some(begins), Some(ends)) = (begins, ends) {
                closed[begins..=ends].fill(true);
            }
            day = day.succ_opt().unwrap();
        }
        closed
    }

    /// Two days before a night on which the clocks change; the last is like any other.
    const NIGHTS: [(Tz, &str); 6] = [
        (Berlin, "2026-03-27T12:00:00Z"),
        (Berlin, "2026-10-23T12:00:00Z"),
        (chrono_tz::America::New_York, "2026-10-30T12:00:00Z"),
        (chrono_tz::Australia::Lord_Howe, "2026-04-03T01:00:00Z"),
        (chrono_tz::Australia::Lord_Howe, "2026-10-02T01:00:00Z"),
        (Shanghai, "2026-06-01T12:00:00Z"),
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_says_each_minute_what_a_clock_on_the_wall_says(
            from in prop_oneof![0..240_u32, 0..1_440_u32],
            to in prop_oneof![0..240_u32, 0..1_440_u32],
            (zone, day) in proptest::sample::select(NIGHTS.to_vec()),
        ) {
            let hour = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let group = group(zone, &format!("[[peak]]\nfrom = \"{}\"\nto = \"{}\"\n", hour(from), hour(to)));
            let first = at(day);
            let minutes = 3 * 1_440;
            let model = wall(zone, from, to, first, minutes);
            // What began before the model looks, and what ends after it, is not its to say.
            for (n, expected) in model.iter().enumerate().skip(1_500).take(1_500) {
                let now = first + TimeDelta::minutes(i64::try_from(n).unwrap());
                let said = closed(ID, &group, &[], now);
                prop_assert_eq!(said.is_some(), *expected, "{} {}", now, now.with_timezone(&zone));
                let Some(open) = next_open(ID, &group, &[], now) else { continue };
                prop_assert!(open >= now && closed(ID, &group, &[], open).is_none());
                prop_assert_eq!(said.and_then(|closed| closed.until), expected.then_some(open));
            }
        }
    }
}
