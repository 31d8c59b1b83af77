//! A `DOUBLE` as the servers write it.

/// Beyond so many digits before or behind the point they write an exponent.
const PLAIN_DIGITS: i32 = 15;

/// The shortest digits that come back to it, with an exponent where a server would write one. `None`: no number that a column can hold.
pub(super) fn text(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let written = shortest(value.abs());
    let (digits, exponent) = written.split_once('e')?;
    let point = exponent.parse::<i32>().ok()? + 1;
    let digits: String = digits.chars().filter(|digit| *digit != '.').collect();
    let count = i32::try_from(digits.len()).ok()?;
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return Some(format!("{sign}0"));
    }
    let is_plain = point > -PLAIN_DIGITS && (point <= PLAIN_DIGITS || count > point);
    let body = if !is_plain {
        let (first, rest) = digits.split_at_checked(1)?;
        let rest = if rest.is_empty() { String::new() } else { format!(".{rest}") };
        format!("{first}{rest}e{}", point - 1)
    } else if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else if count <= point {
        format!("{digits}{}", "0".repeat((point - count).unsigned_abs() as usize))
    } else {
        let (whole, rest) = digits.split_at_checked(point.unsigned_abs() as usize)?;
        format!("{whole}.{rest}")
    };
    Some(format!("{sign}{body}"))
}

/// Of two that are equally short and near, servers take the even one.
fn shortest(value: f64) -> String {
    let short = format!("{value:e}");
    let digits = short.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    let rounded = format!("{value:.*e}", digits.saturating_sub(1));
    if rounded.parse() == Ok(value) { rounded } else { short }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_number_is_written_as_the_servers_write_it() {
        for (value, written) in [
            (0.1, "0.1"),
            (-0.0, "-0"),
            (1.0, "1"),
            (1e14, "100000000000000"),
            (1e15, "1e15"),
            (123_456_789.123_456_79, "123456789.12345679"),
            (1e-14, "0.00000000000001"),
            (1.5e-20, "1.5e-20"),
            (746_908_087_978_985.0 + 0.25, "746908087978985.2"),
            (746_908_087_978_985.0 + 0.75, "746908087978985.8"),
            (-1.234_567_890_123_456_7e-100, "-1.2345678901234567e-100"),
            (5e-324, "5e-324"),
            (-1.797_693_134_862_315_7e308, "-1.7976931348623157e308"),
        ] {
            assert_eq!(text(value).as_deref(), Some(written));
        }
        assert_eq!(text(f64::NAN), None);
    }
}
