//! Statements to a server by its socket, as `root`.

use super::{
    InstanceError, Place,
    made::made,
    programs::{Programs, programs},
};
use crate::host::{Command, Done, HostError};
use std::time::Duration;

/// For a question.
pub(super) const ASK_LIMIT: Duration = Duration::from_secs(30);
const MOST_ANSWER_BYTES: usize = 16 << 20;
/// What the client says when nobody listens at the socket, or who did went away, or is about to.
const AWAY: [u16; 7] = [1053, 1077, 1927, 2002, 2003, 2006, 2013];

/// A client for one server.
#[derive(Debug, Clone)]
pub(super) struct Client<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) programs: Programs,
}

impl<'a> Client<'a> {
    /// That of an instance that is made.
    pub(super) async fn of(place: &'a Place<'a>) -> Result<Self, InstanceError> {
        let made = made(place).await?;
        Ok(Self { place, programs: programs(place, &made.spec.flavour).await? })
    }

    /// The words of a program of the family that logs in by the socket.
    pub(super) fn words(&self, program: String) -> Vec<String> {
        let socket = format!("--socket={}", self.place.socket());
        vec![program, "--no-defaults".to_owned(), socket, "--user=root".to_owned()]
    }

    /// The client that reads statements.
    pub(super) fn reads(&self) -> Vec<String> {
        let mut words = self.words(self.programs.of("mariadb", "mysql"));
        words.extend(["--batch", "--skip-column-names", "--default-character-set=utf8mb4"].map(String::from));
        words
    }

    /// Rows of statements of ours.
    pub(super) async fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>, InstanceError> {
        self.rows_within(sql, ASK_LIMIT).await
    }

    /// Rows, within so long.
    pub(super) async fn rows_within(
        &self,
        sql: &str,
        limit: Duration,
    ) -> Result<Vec<Vec<String>>, InstanceError> {
        let done = self.sent(sql, limit).await?;
        if done.cut {
            return Err(InstanceError::Nonsense("the answer is too long".to_owned()));
        }
        let text = done.text();
        Ok(text.lines().map(|line| line.split('\t').map(unescaped).collect()).collect())
    }

    /// The one value of a question.
    pub(super) async fn value(&self, sql: &str) -> Result<String, InstanceError> {
        let rows = self.rows(sql).await?;
        let value = rows.into_iter().next().and_then(|row| row.into_iter().next());
        value.ok_or_else(|| InstanceError::Nonsense("there is no answer".to_owned()))
    }

    async fn sent(&self, sql: &str, limit: Duration) -> Result<Done, InstanceError> {
        let command = Command::new(self.reads())
            .stdin(format!("{SESSION}{sql}"))
            .limit(limit)
            .most_output_bytes(MOST_ANSWER_BYTES);
        let done = self.place.ran(&command).await?;
        match done.code {
            0 => Ok(done),
            _ => Err(self.refused(&command, &done)),
        }
    }

    /// `ERROR 1064 (42000) at line 1: …`
    pub(super) fn refused(&self, command: &Command, done: &Done) -> InstanceError {
        let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
        let said = complaint.lines().find_map(|line| {
            let (code, rest) = line.strip_prefix("ERROR ")?.split_once(' ')?;
            let message = rest.split_once(": ").map_or(rest, |(_, message)| message);
            Some((code.parse::<u16>().ok()?, message.chars().take(400).collect::<String>()))
        });
        match said {
            Some((code, _)) if AWAY.contains(&code) => InstanceError::NotRunning,
            Some((code, message)) => InstanceError::Server { code, message },
            None => self.place.failed(HostError::failed(command, done)),
        }
    }

    /// The databases of people.
    pub(super) async fn databases(&self) -> Result<Vec<String>, InstanceError> {
        let rows = self
            .rows(
                "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN \
                 ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1",
            )
            .await?;
        Ok(rows.into_iter().filter_map(|row| row.into_iter().next()).collect())
    }
}

/// What `--batch` writes for a tab, a newline, a NUL and a backslash.
fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut letters = field.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => text.push(match letters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('0') => '\0',
                Some(other) => other,
                None => '\\',
            }),
            (letter, false) => text.push(letter),
        }
    }
    text
}

/// A string for our sessions, in which a backslash means nothing.
pub(super) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// So that a string is what it looks like.
const SESSION: &str = "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES';\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_as_it_was() {
        assert_eq!(unescaped("a\\tb\\\\n\\nc"), "a\tb\\n\nc");
    }
}
