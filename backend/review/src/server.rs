//! What a server's sentence says about a place in the text.

use crate::span::Span;

/// The place that a syntax error's sentence names: `… near 'FORM t WHERE' at line 2`. The quoted text is what stood
/// there, cut at 80 characters; the line counts from the statement's own first.
#[must_use]
pub fn place_of(text: &str, statement: Span, sentence: &str) -> Option<Span> {
    let (_, after) = sentence.split_once("near '")?;
    let (near, line) = after.rsplit_once("' at line ")?;
    let line: usize = line.trim().parse().ok()?;
    let whole = statement.of(text);
    let line_start = match line {
        0 | 1 => 0,
        _ => whole.match_indices('\n').nth(line - 2).map(|(at, _)| at + 1)?,
    };
    if near.is_empty() {
        let last = whole.char_indices().next_back().map_or(0, |(at, _)| at);
        return Some(Span::new(statement.start + last, statement.end));
    }
    let at = line_start + whole.get(line_start..)?.find(near)?;
    let word = near.find(|letter: char| letter.is_whitespace()).unwrap_or(near.len()).max(1);
    let start = statement.start + at;
    let span = Span::new(start, start + word);
    (text.is_char_boundary(span.end) && statement.holds(span)).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_s_words_are_found_in_the_text() {
        let text = "SELECT 1; SELECT *\nFORM 订单\nWHERE FORM = 1";
        let statement = Span::new(10, text.len());
        let of = |near: &str, line| {
            place_of(text, statement, &format!("You have an error … near '{near}' at line {line}"))
                .map(|span| span.of(text))
        };
        assert_eq!(of("FORM 订单\nWHERE FORM = 1", 2), Some("FORM"));
        assert_eq!(of("订单\nWHERE", 2), Some("订单"));
        assert_eq!(of("FORM = 1", 3), Some("FORM"));
        assert_eq!(of("", 3), Some("1"));
        assert_eq!(of("nowhere", 1), None);
        assert_eq!(of("x", 99), None);
        assert_eq!(place_of(text, statement, "gone away"), None);
    }
}
