//! When running work waits for the servers: what is configured, and what a DBA sets for one ticket instead.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;
use utoipa::ToSchema;

/// The highest lag that can be set, in seconds; the lowest is 1.
pub const MOST_LAG_S: u32 = 86_400;
/// The highest load that can be set; the lowest is 1.
pub const MOST_LOAD: u32 = 10_000;

/// The strain above which running work waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Lag of the replica that is farthest behind.
    pub max_lag_ms: u64,
    /// Threads that run on the primary (`Threads_running`).
    pub max_load: u32,
}

/// What a DBA has set for one ticket; what is absent is as configured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Throttle {
    /// Lag of the replica that is farthest behind.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_lag_ms: Option<u64>,
    /// Threads that run on the primary.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_load: Option<u32>,
}

impl Throttle {
    /// What holds.
    #[must_use]
    pub fn over(self, configured: Limits) -> Limits {
        Limits {
            max_lag_ms: self.max_lag_ms.unwrap_or(configured.max_lag_ms),
            max_load: self.max_load.unwrap_or(configured.max_load),
        }
    }

    /// All is as configured.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

/// Body of `POST /v1/tickets/{id}/throttle`. What is absent or empty is as configured again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketThrottle {
    /// It waits while a replica is more seconds behind than this, from 1 to 86400.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<u32>)]
    pub max_lag_s: Option<Typed>,
    /// It waits while more threads than this run on the primary, from 1 to 10000.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<u32>)]
    pub max_load: Option<Typed>,
}

/// A number as a program writes it, or as a person typed it, which may be none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Typed(pub String);

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

struct Any;

impl de::Visitor<'_> for Any {
    type Value = Typed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }
    fn visit_u64<E>(self, number: u64) -> Result<Typed, E> {
        Ok(Typed(number.to_string()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Typed, E> {
        Ok(Typed(number.to_string()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Typed, E> {
        Ok(Typed(number.to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Typed, E> {
        Ok(Typed(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_as_configured() {
        let configured = Limits { max_lag_ms: 5_000, max_load: 50 };
        assert_eq!(Throttle::default().over(configured), configured);
        let throttle = Throttle { max_lag_ms: None, max_load: Some(20) };
        assert_eq!(throttle.over(configured), Limits { max_lag_ms: 5_000, max_load: 20 });
    }

    #[test]
    fn a_number_is_read_as_programs_and_as_people_write_it() {
        let read = |text: &str| serde_json::from_str::<TicketThrottle>(text).map(|body| body.max_load);
        for (text, typed) in [
            (r#"{"max_load":20}"#, "20"),
            (r#"{"max_load":-1}"#, "-1"),
            (r#"{"max_load":1.5}"#, "1.5"),
            (r#"{"max_load":" many "}"#, " many "),
        ] {
            assert_eq!(read(text).unwrap(), Some(Typed(typed.into())), "{text}");
        }
        assert_eq!(read(r#"{"max_load":null}"#).unwrap(), None);
        assert!(read(r#"{"max_load":true}"#).unwrap_err().to_string().contains("a whole number"));
    }
}
