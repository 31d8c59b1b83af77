//! Dates and times of the log, as text.

use super::bytes::Bytes;

/// `2024-02-29`, also of dates that there are not.
pub(super) fn date(raw: &[u8]) -> Option<String> {
    let packed = Bytes(raw).low_first(3)?;
    Some(format!("{:04}-{:02}-{:02}", packed >> 9, packed >> 5 & 15, packed & 31))
}

/// `-838:59:59.000000`
pub(super) fn time(raw: &[u8], [digits, _]: [u8; 2]) -> Option<String> {
    let bits = u32::try_from(raw.len().checked_sub(3)?).ok()? * 8;
    let zero = 0x80_0000_i64.checked_shl(bits)?;
    let value = Bytes(raw).high_first(raw.len())?.cast_signed() - zero;
    let sign = if value < 0 { "-" } else { "" };
    let (clock, below) = (value.unsigned_abs() >> bits, value.unsigned_abs() & ((1 << bits) - 1));
    let (hours, minutes, seconds) = (clock >> 12 & 0x3FF, clock >> 6 & 0x3F, clock & 0x3F);
    Some(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{}", behind(below, bits, digits)?))
}

/// `2024-02-29 12:00:00.5`
pub(super) fn date_time(raw: &[u8], [digits, _]: [u8; 2]) -> Option<String> {
    let (whole, below) = raw.split_at_checked(5)?;
    let value = Bytes(whole).high_first(5)?.checked_sub(0x80_0000_0000)?;
    let (day, clock) = (value >> 17, value & 0x1_FFFF);
    let (month, day) = (day >> 5, day & 31);
    let (year, month) = (month / 13, month % 13);
    let (hours, minutes, seconds) = (clock >> 12, clock >> 6 & 0x3F, clock & 0x3F);
    let below = fraction(below, digits)?;
    Some(format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}{below}"))
}

/// Seconds since 1970.
pub(super) fn stamp(raw: &[u8], [digits, _]: [u8; 2]) -> Option<String> {
    let (whole, below) = raw.split_at_checked(4)?;
    Some(format!("{}{}", Bytes(whole).high_first(4)?, fraction(below, digits)?))
}

fn fraction(raw: &[u8], digits: u8) -> Option<String> {
    behind(Bytes(raw).high_first(raw.len())?, u32::try_from(raw.len()).ok()? * 8, digits)
}

/// Two digits stand in each byte.
fn behind(below: u64, bits: u32, digits: u8) -> Option<String> {
    if digits == 0 {
        return Some(String::new());
    }
    let width = usize::try_from(bits / 4).ok()?;
    let written = format!("{below:0>width$}");
    Some(format!(".{}", written.get(..usize::from(digits))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_zero_and_dates_that_are_none_are_told() {
        assert_eq!(time(&[0x7F, 0xFF, 0xFE, 0xCE], [2, 0]).as_deref(), Some("-00:00:01.50"));
        assert_eq!(time(&[0x80, 0x10, 0x83], [0, 0]).as_deref(), Some("01:02:03"));
        assert_eq!(date(&[0, 0, 0]).as_deref(), Some("0000-00-00"));
        assert_eq!(
            date_time(&[0x80, 0, 0, 0, 0, 0, 0, 0], [6, 0]).as_deref(),
            Some("0000-00-00 00:00:00.000000")
        );
        assert_eq!(stamp(&[0, 0, 0, 7, 0x13, 0x88], [3, 0]).as_deref(), Some("7.500"));
        assert_eq!(stamp(&[0, 0], [0, 0]), None);
    }
}
