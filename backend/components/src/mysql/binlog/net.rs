//! Addresses and identifiers of MariaDB, as text.

use super::bytes::Bytes;
use std::fmt::Write as _;

pub(super) fn inet4(raw: &[u8]) -> Option<String> {
    let [a, b, c, d] = raw else { return None };
    Some(format!("{a}.{b}.{c}.{d}"))
}

/// The first of the longest runs of zeros is left out, also where it is one alone.
pub(super) fn inet6(raw: &[u8]) -> Option<String> {
    let (pairs, rest) = raw.as_chunks::<2>();
    if pairs.len() != 8 || !rest.is_empty() {
        return None;
    }
    let words: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    let (gap, length) = zeros(&words);
    let mut text = String::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if length > 0 && at == gap {
            text.push_str(if at == 0 { "::" } else { ":" });
            at += length;
            continue;
        }
        let is_mapped = length == 5 && words.get(5) == Some(&0xFFFF);
        if at == 6 && gap == 0 && (length == 6 || is_mapped) {
            text.push_str(&inet4(raw.get(12..)?)?);
            break;
        }
        let _ = write!(text, "{word:x}");
        if at < 7 {
            text.push(':');
        }
        at += 1;
    }
    Some(text)
}

/// Where the first of the longest runs of zeros begins, and how long it is.
fn zeros(words: &[u16]) -> (usize, usize) {
    let (mut longest, mut run) = ((0, 0), 0);
    for (at, word) in words.iter().enumerate() {
        run = if *word == 0 { run + 1 } else { 0 };
        if run > longest.1 {
            longest = (at + 1 - run, run);
        }
    }
    longest
}

/// Tables that were made by older servers have the parts the other way round. Which it is, the bits of version and variant tell;
/// what has none of these could be either.
pub(super) fn uuid(raw: &[u8]) -> Option<String> {
    let (sixth, eighth) = (raw.get(6)?, raw.get(8)?);
    let is_variant = |byte: &u8| byte >> 6 == 2;
    let same = raw.iter().all(|byte| Some(byte) == raw.first());
    let turned = is_variant(sixth) && matches!(eighth >> 4, 1..=5);
    let straight = is_variant(eighth) && matches!(sixth >> 4, 1..=8);
    if !(same || turned || straight) {
        return None;
    }
    let mut bytes = Bytes(raw);
    let lengths = if turned { [6, 2, 2, 2, 4] } else { [4, 2, 2, 2, 6] };
    let parts: Option<Vec<String>> =
        lengths.into_iter().map(|count| bytes.take(count).map(hex::encode)).collect();
    let mut parts = parts.filter(|_| bytes.is_empty())?;
    if turned {
        parts.reverse();
    }
    Some(parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_mariadb_writes_it() {
        for (words, text) in [
            ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
            ([0, 0, 0, 0, 0, 0, 0, 0], "::"),
            ([1, 0, 0, 0, 0, 0, 0, 0], "1::"),
            ([0x2001, 0xDB8, 0, 0, 0, 0xFF00, 0x42, 0x8329], "2001:db8::ff00:42:8329"),
            ([0, 0, 0, 0, 0, 0xFFFF, 0x0102, 0x0304], "::ffff:1.2.3.4"),
            ([1, 2, 3, 0, 5, 6, 7, 8], "1:2:3::5:6:7:8"),
        ] {
            let raw: Vec<u8> = words.iter().flat_map(|word: &u16| word.to_be_bytes()).collect();
            assert_eq!(inet6(&raw).as_deref(), Some(text));
        }
    }

    #[test]
    fn an_identifier_is_read_in_either_order_and_not_guessed() {
        let text = "123e4567-e89b-12d3-a456-426614174000";
        let of = |raw: &str| uuid(&hex::decode(raw).unwrap());
        assert_eq!(of("123e4567e89b12d3a456426614174000").as_deref(), Some(text));
        assert_eq!(of("426614174000a45612d3e89b123e4567").as_deref(), Some(text));
        assert_eq!(of(&"00".repeat(16)).as_deref(), Some("00000000-0000-0000-0000-000000000000"));
        assert_eq!(of("0011223344550077c899aabbccddeef0"), None);
        assert_eq!(of("00"), None);
    }
}
