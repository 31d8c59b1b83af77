//! Lengths of time as people write them.

use dbdesk_commands::lang::{Said, said};

const DAY_S: u64 = 86_400;
/// Longest that is read.
pub const MOST_S: u64 = 366 * DAY_S;

/// Seconds of `90s`, `10m`, `2h`, `7d`, or of a bare number of seconds.
pub fn seconds(text: &str) -> Result<u64, Said> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let each = match text[digits.len()..].trim() {
        "" | "s" | "秒" => Some(1),
        "m" | "分钟" => Some(60),
        "h" | "小时" => Some(3_600),
        "d" | "天" => Some(DAY_S),
        _ => None,
    };
    let digits = Some(digits).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
    let seconds = digits.and_then(|digits| digits.parse::<u64>().ok()).zip(each);
    let seconds = seconds.and_then(|(count, each)| count.checked_mul(each)).filter(|all| *all <= MOST_S);
    seconds.ok_or_else(|| {
        said!(
            "it is a length of time of at most 366 days, such as 90s, 10m, 2h or 7d",
            "应为不超过 366 天的时长，例如 90s、10m、2h 或 7d"
        )
    })
}

/// The same as people write it: the largest unit that is whole.
#[must_use]
pub fn written(seconds: u64) -> String {
    match seconds {
        0 => "0s".to_owned(),
        all if all % DAY_S == 0 => format!("{}d", all / DAY_S),
        all if all % 3_600 == 0 => format!("{}h", all / 3_600),
        all if all % 60 == 0 => format!("{}m", all / 60),
        all => format!("{all}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_length_is_refused() {
        for text in ["", "m", "-1s", "1.5h", "10 parsecs", "367d", "99999999999999999999s", "１s", "1s1"] {
            assert!(seconds(text).is_err(), "{text:?}");
        }
        assert_eq!(seconds(" 10 m "), Ok(600));
        assert_eq!(seconds("3 天"), Ok(3 * DAY_S));
    }

    proptest! {
        #[test]
        fn a_length_is_read_back_as_it_was_written(all in 0..=MOST_S) {
            prop_assert_eq!(seconds(&written(all)), Ok(all));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = seconds(&text);
        }
    }
}
