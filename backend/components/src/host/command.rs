//! What is run, within which bounds, and what came of it.

use super::HostError;
use dbdesk_commands::lang::Said;
use std::{fmt, time::Duration};

const LIMIT: Duration = Duration::from_secs(30);
const MOST_OUTPUT_BYTES: usize = 1 << 20;
/// All words together: the kernel takes 128 KiB in one word, and over ssh all of them are one.
const MOST_WORDS_BYTES: usize = 96 << 10;

/// A program with its words, what it reads, and its bounds. Words are seen by everybody on the machine: secrets go by [`Command::stdin`].
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    pub(super) words: Vec<String>,
    pub(super) stdin: Vec<u8>,
    pub(super) limit: Duration,
    pub(super) most_output_bytes: usize,
}

impl Command {
    /// A program and its arguments.
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self {
            words: words.into_iter().map(Into::into).collect(),
            stdin: Vec::new(),
            limit: LIMIT,
            most_output_bytes: MOST_OUTPUT_BYTES,
        }
    }

    /// A constant script of ours for `sh`; what varies are its arguments `$1`, `$2` ….
    pub(crate) fn script<W: Into<String>>(
        script: &'static str,
        arguments: impl IntoIterator<Item = W>,
    ) -> Self {
        let words = ["sh", "-c", script, "dbdesk"].map(String::from);
        Self::new(words.into_iter().chain(arguments.into_iter().map(Into::into)))
    }

    /// What it reads; nothing, if nothing is said.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// It is killed after so long; 30 s, if nothing is said.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// So much of its output is kept, and as much of its errors; 1 MiB, if nothing is said.
    #[must_use]
    pub fn most_output_bytes(mut self, most: usize) -> Self {
        self.most_output_bytes = most;
        self
    }

    /// The program's name, for messages. What else it was told stays out of them.
    #[must_use]
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Whether it can be passed on as it is.
    pub(super) fn checked(&self) -> Result<(), HostError> {
        if self.program().is_empty() {
            return Err(HostError::Words(Said::fixed("there is no program", "没有要运行的程序")));
        }
        if self.words.iter().any(|word| word.contains('\0')) {
            return Err(HostError::Words(Said::fixed("a word has a NUL", "参数中有 NUL 字符")));
        }
        // A quote is four bytes on its way through a shell.
        let bytes: usize =
            self.words.iter().map(|word| word.len() + 3 + 3 * word.matches('\'').count()).sum();
        if bytes > MOST_WORDS_BYTES {
            return Err(HostError::Words(Said::fixed("they are longer than 96 KiB", "参数总长超过 96 KiB")));
        }
        Ok(())
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({:?}, {} bytes of input)", self.words, self.stdin.len())
    }
}

/// How it ended and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its exit code: 128 + n, if signal n ended it; 127, if there is no such program.
    pub code: i32,
    /// Its output.
    pub stdout: Vec<u8>,
    /// Its errors.
    pub stderr: Vec<u8>,
    /// It said more than is kept.
    pub cut: bool,
}

impl Done {
    /// Its output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The end of its errors, for a message.
    #[must_use]
    pub fn complaint(&self) -> String {
        const MOST_CHARS: usize = 400;
        let text = String::from_utf8_lossy(&self.stderr);
        let text = text.trim();
        text.chars().skip(text.chars().count().saturating_sub(MOST_CHARS)).collect()
    }
}
