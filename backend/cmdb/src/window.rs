//! Quiet windows: when work that can wait may run.

use chrono::{NaiveTime, Weekday};
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

fn every_day() -> Vec<Weekday> {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun]
}

mod hour_minute {
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

mod days {
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
