//! How much a script may say. What is too long is cut, what comes too fast is left out and counted, and who floods is ended.

/// Longest line, in bytes; the rest of it is left out.
pub const LINE_BYTES: usize = 128 * 1024;
/// Lines in a second; more are left out.
pub const LINES_EACH_S: u32 = 200;
/// All that it may write; more ends it.
pub const ALL_BYTES: u64 = 32 * 1024 * 1024;
/// Files that it may hand over.
pub const ARTIFACTS: usize = 8;
/// Bytes of all of them.
pub const ARTIFACT_BYTES: u64 = 8 * 1024 * 1024;
/// Processes of one script; more end it.
pub const PROCESSES: u32 = 64;
/// Entries in the thread that tell what it logs; the rest stands in the task's log alone.
pub const ENTRIES: u32 = 30;
/// Lines in one of them.
pub const ENTRY_LINES: usize = 15;
/// Characters in one of them.
pub const ENTRY_CHARS: usize = 1_500;

/// Cuts what comes into lines, and keeps no more than one.
#[derive(Debug, Default)]
pub struct Cutter {
    line: Vec<u8>,
    is_cut: bool,
}

impl Cutter {
    /// More came; `each` gets every line that is complete, without its end.
    pub fn push(&mut self, bytes: &[u8], mut each: impl FnMut(String)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            let room = LINE_BYTES - self.line.len();
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            self.is_cut |= text.len() > room;
            if ends {
                each(self.taken());
            }
        }
    }

    /// Nothing more comes; gives what has no end.
    pub fn rest(&mut self) -> Option<String> {
        (!self.line.is_empty()).then(|| self.taken())
    }

    fn taken(&mut self) -> String {
        let mut line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        if std::mem::take(&mut self.is_cut) {
            line.push('…');
        }
        line
    }
}

/// Counts what comes, by a clock that is an argument.
#[derive(Debug, Default)]
pub struct Meter {
    bytes: u64,
    second: u64,
    lines: u32,
    left_out: u64,
}

impl Meter {
    /// So many bytes came. `false`: it floods.
    #[must_use]
    pub fn takes(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.bytes <= ALL_BYTES
    }

    /// A line came, so many milliseconds after the start. `None`: it is left out. `Some(n)`: it is kept, and `n` before it were not. One of
    /// those that are bounded by themselves is kept `always`.
    #[must_use]
    pub fn line(&mut self, at_ms: u64, always: bool) -> Option<u64> {
        let second = at_ms / 1_000;
        if second != self.second {
            (self.second, self.lines) = (second, 0);
        }
        self.lines = self.lines.saturating_add(1);
        if self.lines > LINES_EACH_S && !always {
            self.left_out += 1;
            return None;
        }
        Some(std::mem::take(&mut self.left_out))
    }

    /// Lines that were left out since the last one that was kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(parts: &[&[u8]]) -> Vec<String> {
        let (mut cutter, mut all) = (Cutter::default(), Vec::new());
        for part in parts {
            cutter.push(part, |line| all.push(line));
        }
        all.extend(cutter.rest());
        all
    }

    #[test]
    fn a_line_may_come_in_pieces_and_the_last_may_have_no_end() {
        assert_eq!(lines(&[b"a", b"b\nc\n\n", b"d"]), ["ab", "c", "", "d"]);
    }

    #[test]
    fn a_line_without_an_end_costs_no_more_memory_than_one_line() {
        let mut cutter = Cutter::default();
        for _ in 0..100 {
            cutter.push(&vec![b'x'; 65_536], |_| unreachable!("there is no end of a line"));
            assert!(cutter.line.capacity() <= 4 * LINE_BYTES);
        }
        assert_eq!(cutter.rest().map(|line| line.len()), Some(LINE_BYTES + "…".len()));
    }

    #[test]
    fn what_comes_too_fast_is_left_out_counted_and_said_with_the_next() {
        let mut meter = Meter::default();
        let kept = (0..1_000).filter(|_| meter.line(100, false).is_some()).count();
        assert_eq!((kept, meter.left_out()), (200, 800));
        assert_eq!(meter.line(100, true), Some(800), "what is always kept");
        assert_eq!(meter.line(100, false), None);
        assert_eq!(meter.line(1_100, false), Some(1));
        assert_eq!(meter.line(1_200, false), Some(0));
    }

    #[test]
    fn who_writes_without_end_floods() {
        let mut meter = Meter::default();
        assert!(meter.takes(ALL_BYTES as usize) && !meter.takes(1));
        assert!(!meter.takes(usize::MAX) && !meter.takes(usize::MAX));
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_they_come(text in "[a-c\n]{0,60}", at in 0..60_usize) {
            let bytes = text.as_bytes();
            let at = at.min(bytes.len());
            prop_assert_eq!(lines(&[bytes]), lines(&[&bytes[..at], &bytes[at..]]));
        }
    }
}
