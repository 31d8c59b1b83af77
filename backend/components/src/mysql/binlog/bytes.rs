//! Bytes of an event, read one after the other: nothing is read beyond their end.

/// What is left of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A number of so many bytes, the lowest first.
    pub(super) fn low_first(&mut self, count: usize) -> Option<u64> {
        let bytes = self.take(count).filter(|bytes| bytes.len() <= 8)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A number of so many bytes, the highest first.
    pub(super) fn high_first(&mut self, count: usize) -> Option<u64> {
        let bytes = self.take(count).filter(|bytes| bytes.len() <= 8)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A length as the protocol packs it.
    pub(super) fn packed(&mut self) -> Option<usize> {
        let number = match self.byte()? {
            0xFC => self.low_first(2)?,
            0xFD => self.low_first(3)?,
            0xFE => self.low_first(8)?,
            small if small < 0xFB => u64::from(small),
            _ => return None,
        };
        usize::try_from(number).ok()
    }

    /// Bytes behind their length, which takes `count` bytes.
    pub(super) fn behind_length(&mut self, count: usize) -> Option<&'a [u8]> {
        let length = usize::try_from(self.low_first(count)?).ok()?;
        self.take(length)
    }
}

/// Whether a bit is set, the lowest of each byte first.
pub(super) fn bit(bits: &[u8], at: usize) -> bool {
    bits.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

/// `0x0A…` as `0A…`.
pub(super) fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}
