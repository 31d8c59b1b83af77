//! The lines that a script writes to its standard output: one JSON object in each, or plain text.

use serde::Deserialize;
use serde_json::Value;

/// Longest text of a log line, a progress and a summary, in characters.
pub const TEXT_CHARS: usize = 2_000;
/// Longest data of a result, as JSON.
pub const DATA_BYTES: usize = 64 * 1024;
/// Longest name of an artifact.
const NAME_CHARS: usize = 100;

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// For the thread and the log.
    Log(String),
    /// How far it is.
    Progress(Progress),
    /// What came of it; the last one counts.
    Result(Outcome),
    /// A file that it made.
    Artifact(Artifact),
    /// For the log alone: no line of the protocol.
    Plain(String),
    /// It looks like a line of the protocol and is none; why, and the line.
    Wrong(String, String),
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// So much is done
    pub done: u64,
    /// of this, where it is known.
    #[serde(default)]
    pub total: Option<u64>,
    /// Of what.
    #[serde(default)]
    pub unit: Option<String>,
    /// What it does.
    #[serde(default)]
    pub text: Option<String>,
}

impl Progress {
    /// Thousandths, where the whole is known.
    #[must_use]
    pub fn permille(&self) -> Option<u16> {
        let total = self.total.filter(|total| *total > 0)?;
        u16::try_from(u128::from(self.done.min(total)) * 1_000 / u128::from(total)).ok()
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// For people.
    pub summary: String,
    /// For programs.
    #[serde(default)]
    pub data: Option<Value>,
}

/// A file that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub media: Media,
    /// Where it is, from the folder in which it works.
    pub path: String,
}

/// What can be in an artifact: what people may open without being hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Media {
    /// Text.
    #[serde(rename = "text/plain")]
    Text,
    /// A table.
    #[serde(rename = "text/csv")]
    Csv,
    /// JSON.
    #[serde(rename = "application/json")]
    Json,
    /// A picture.
    #[serde(rename = "image/png")]
    Png,
}

impl Media {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Png => "image/png",
        }
    }

    /// Whether these bytes can be that.
    #[must_use]
    pub fn fits(self, bytes: &[u8]) -> bool {
        match self {
            Self::Text | Self::Csv => std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')),
            Self::Json => serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok(),
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Wire {
    Log(Text),
    Progress(Progress),
    Result(Outcome),
    Artifact(Made),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    name: String,
    media_type: Media,
    path: String,
}

/// Reads a line, without its end.
#[must_use]
pub fn read(line: &str) -> Line {
    if !line.trim_start().starts_with('{') {
        return Line::Plain(cut(line));
    }
    let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(line) else {
        return Line::Plain(cut(line));
    };
    if value.get("type").is_none() {
        return Line::Plain(cut(line));
    }
    let read = serde_json::from_value(value).map_err(|error| error.to_string()).and_then(checked);
    read.unwrap_or_else(|why| Line::Wrong(cut(&why), cut(line)))
}

fn checked(wire: Wire) -> Result<Line, String> {
    Ok(match wire {
        Wire::Log(Text { text }) => Line::Log(cut(&text)),
        Wire::Progress(mut progress) => {
            progress.unit = progress.unit.as_deref().map(|unit| short(unit, 32));
            progress.text = progress.text.as_deref().map(|text| short(text, 100));
            Line::Progress(progress)
        }
        Wire::Result(Outcome { summary, data }) => {
            if data.as_ref().is_some_and(|data| data.to_string().len() > DATA_BYTES) {
                return Err(format!("`data` has more than {DATA_BYTES} bytes: make an artifact of it"));
            }
            Line::Result(Outcome { summary: cut(&summary), data })
        }
        Wire::Artifact(Made { name, media_type, path }) => {
            let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            if !name.bytes().all(named) || !(1..=NAME_CHARS).contains(&name.len()) || name.starts_with('.') {
                return Err("`name` has letters, digits, `.`, `-` and `_`, at most 100".to_owned());
            }
            let inside = path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains('\0');
            if !inside {
                return Err("`path` is one within the folder in which the script works".to_owned());
            }
            Line::Artifact(Artifact { name, media: media_type, path })
        }
    })
}

fn cut(text: &str) -> String {
    short(text, TEXT_CHARS)
}

/// Without what would move a reader's cursor.
fn short(text: &str, most: usize) -> String {
    let clean = |letter: char| {
        if letter.is_control() && !matches!(letter, '\n' | '\t') { '\u{fffd}' } else { letter }
    };
    let text = text.trim_end_matches(['\r', '\n']);
    let mut short: String = text.chars().take(most).map(clean).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    #[test]
    fn a_line_is_read_strictly_and_what_is_no_json_is_plain() {
        let mut told = String::new();
        for line in [
            r#"{"type":"log","text":"looking"}"#,
            r#"{"type":"progress","done":3,"total":10,"unit":"tables"}"#,
            r#"{"type":"progress","done":3}"#,
            r#"{"type":"result","summary":"12 tables","data":{"tables":12}}"#,
            r#"{"type":"artifact","name":"sizes.csv","media_type":"text/csv","path":"out/sizes.csv"}"#,
            "looking …",
            "\u{1b}[31mred\u{1b}[0m\r",
            r#"{"type":"log","text":"a","level":"warn"}"#,
            r#"{"type":"log"}"#,
            r#"{"type":"progress","done":-1}"#,
            r#"{"type":"progress","done":1.5}"#,
            r#"{"type":"kill","pid":1}"#,
            r#"{"type":7}"#,
            r#"{"level":"info","msg":"of a logger"}"#,
            r#"{"type":"log","text":"cut"#,
            "[1]",
            r#"{"type":"artifact","name":"x","media_type":"text/html","path":"x"}"#,
            r#"{"type":"artifact","name":"x","media_type":"text/plain","path":"../../etc/passwd"}"#,
            r#"{"type":"artifact","name":"x","media_type":"text/plain","path":"/etc/passwd"}"#,
            r#"{"type":"artifact","name":"../x","media_type":"text/plain","path":"x"}"#,
        ] {
            let _ = writeln!(told, "{}\n  {:?}", line.escape_debug(), read(line));
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn what_an_artifact_says_that_it_is_it_must_be() {
        assert!(Media::Png.fits(b"\x89PNG\r\n\x1a\n...") && !Media::Png.fits(b"<html>"));
        assert!(Media::Json.fits(b"{\"a\": 1}") && !Media::Json.fits(b"{\"a\": 1} x"));
        assert!(
            Media::Text.fits("文本".as_bytes())
                && !Media::Text.fits(b"\xff\xfe")
                && !Media::Csv.fits(b"a\0b")
        );
    }

    proptest! {
        #[test]
        fn no_line_makes_the_reader_panic_and_none_is_longer_than_said(line in any::<String>()) {
            let most = TEXT_CHARS + 1;
            match read(&line) {
                Line::Log(text) | Line::Plain(text) => prop_assert!(text.chars().count() <= most),
                Line::Wrong(why, text) => prop_assert!(why.chars().count() <= most && text.chars().count() <= most),
                Line::Progress(_) | Line::Result(_) | Line::Artifact(_) => {}
            }
        }

        #[test]
        fn progress_is_never_above_the_whole(done: u64, total: Option<u64>) {
            let progress = Progress { done, total, unit: None, text: None };
            prop_assert!(progress.permille().is_none_or(|permille| permille <= 1_000));
        }
    }
}
