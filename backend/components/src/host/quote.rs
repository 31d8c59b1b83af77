//! Words as a shell reads them back, byte for byte.

/// In single quotes nothing means anything but the quote that ends them.
#[must_use]
pub fn word(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A line of which a POSIX shell makes these words again.
pub fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_the_only_thing_that_has_a_meaning() {
        assert_eq!(line(["it's", "$(x) `y`\n", ""]), "'it'\\''s' '$(x) `y`\n' ''");
    }
}
