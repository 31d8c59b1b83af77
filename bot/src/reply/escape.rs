//! People's text made harmless: no markdown, no mentions, no hidden direction marks, no broken code fences.

use super::limits::CUT;

/// Keeps `@` from becoming a mention and two backticks from becoming a fence.
const ZERO_WIDTH: char = '\u{200b}';

/// What must never be shown as it is: controls, and marks that make text read otherwise than it runs.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Writes pieces until the limit, then the mark of a cut; a piece is never split.
struct Limited {
    text: String,
    left: usize,
    cut: bool,
}

impl Limited {
    fn new(max: usize) -> Self {
        Self { text: String::new(), left: max, cut: false }
    }

    /// Adds `piece`, keeping one place for the mark unless `last` says that nothing follows.
    fn push(&mut self, piece: &str, last: bool) {
        if self.cut {
            return;
        }
        let length = piece.chars().count();
        if length + usize::from(!last) > self.left {
            self.cut = true;
            if self.left > 0 {
                self.text.push(CUT);
                self.left -= 1;
            }
        } else {
            self.text.push_str(piece);
            self.left -= length;
        }
    }
}

/// A person's own words (a reason, a name) as text that Discord shows letter by letter, at most `max` long.
#[must_use]
pub fn plain(text: &str, max: usize) -> String {
    let chars: Vec<char> = text.trim().chars().collect();
    let mut out = Limited::new(max);
    for (at, &c) in chars.iter().enumerate() {
        out.push(&escaped(&chars, at, c), at + 1 == chars.len());
    }
    out.text
}

/// Our own sentences with people's names in them: code between backticks stays code, all else is escaped.
#[must_use]
pub fn prose(text: &str, max: usize) -> String {
    let chars: Vec<char> = text.trim().chars().collect();
    let mut out = Limited::new(max);
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let (piece, next) = match code_span(&chars, at) {
            Some(end) => (chars.iter().skip(at).take(end - at).copied().map(shown).collect::<String>(), end),
            None => (escaped(&chars, at, c), at + 1),
        };
        out.push(&piece, next == chars.len());
        at = next;
    }
    out.text
}

/// The end of the code span that starts at `at`: one backtick, at least one other character, one backtick, one line.
fn code_span(chars: &[char], at: usize) -> Option<usize> {
    if chars.get(at) != Some(&'`') {
        return None;
    }
    let inside = chars.iter().skip(at + 1).take_while(|c| !matches!(c, '`' | '\n')).count();
    let closing = at + 1 + inside;
    (inside > 0 && chars.get(closing) == Some(&'`') && chars.get(closing + 1) != Some(&'`'))
        .then_some(closing + 1)
}

fn shown(c: char) -> String {
    if is_hidden(c) { format!("⟨U+{:04X}⟩", u32::from(c)) } else { c.to_string() }
}

fn escaped(chars: &[char], at: usize, c: char) -> String {
    let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied();
    let after = chars.get(at + 1).copied();
    let starts_line = matches!(before, None | Some('\n'));
    let in_word = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
    match c {
        '@' => format!("@{ZERO_WIDTH}"),
        '_' if in_word => "_".to_owned(),
        '\\' | '*' | '_' | '~' | '|' | '`' | '<' | '[' | ']' => format!("\\{c}"),
        ':' if after == Some('/') => "\\:".to_owned(),
        '#' | '>' | '-' | '+' if starts_line => format!("\\{c}"),
        '.' if ends_line_number(chars, at) => "\\.".to_owned(),
        _ => shown(c),
    }
}

/// `1.` at the start of a line would become a list.
fn ends_line_number(chars: &[char], at: usize) -> bool {
    let digits = chars.iter().take(at).rev().take_while(|c| c.is_ascii_digit()).count();
    digits > 0 && matches!(at.checked_sub(digits + 1).and_then(|i| chars.get(i)), None | Some('\n'))
}

/// A short text as inline code, at most `max` long with its backticks.
#[must_use]
pub fn code(text: &str, max: usize) -> String {
    let chars: Vec<char> = text.chars().map(|c| if c == '`' { 'ˋ' } else { c }).collect();
    let mut out = Limited::new(max.saturating_sub(2));
    for (at, c) in chars.iter().enumerate() {
        let piece = if *c == '\n' { " ".to_owned() } else { shown(*c) };
        out.push(&piece, at + 1 == chars.len());
    }
    let text = if out.text.is_empty() { " ".to_owned() } else { out.text };
    format!("`{text}`")
}

/// A code block of `language`, at most `max` long with its fences; whether something was cut.
#[must_use]
pub fn block(language: &str, text: &str, max: usize) -> (String, bool) {
    let frame = "```\n".len() + "\n```".len() + language.len();
    let chars: Vec<char> = text.trim_end().chars().collect();
    let mut out = Limited::new(max.saturating_sub(frame));
    for (at, c) in chars.iter().enumerate() {
        let fence = *c == '`' && chars.get(at + 1) == Some(&'`');
        let piece = if fence { format!("`{ZERO_WIDTH}") } else { shown(*c) };
        out.push(&piece, at + 1 == chars.len());
    }
    (format!("```{language}\n{}\n```", out.text), out.cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markdown_mentions_and_links_become_letters() {
        assert_eq!(
            plain("**bold** @everyone <@1> [x](http://a)", 200),
            concat!(r"\*\*bold\*\* @", "\u{200b}", r"everyone \<@", "\u{200b}", r"1> \[x\](http\://a)")
        );
        assert_eq!(plain("# big\n> quote\n1. list\n- dot", 200), "\\# big\n\\> quote\n1\\. list\n\\- dot");
        assert_eq!(plain("order_items _it_", 200), "order_items \\_it\\_");
    }

    #[test]
    fn text_that_reads_otherwise_than_it_runs_is_made_visible() {
        assert_eq!(block("sql", "DROP \u{202e}x", 100).0, "```sql\nDROP ⟨U+202E⟩x\n```");
        assert_eq!(plain("a\u{0}b", 100), "a⟨U+0000⟩b");
    }

    #[test]
    fn our_code_spans_stay_code_and_lone_backticks_do_not() {
        assert_eq!(prose("column `a*b` of *t*", 100), "column `a*b` of \\*t\\*");
        assert_eq!(prose("a ` b", 100), "a \\` b");
        assert_eq!(prose("``x``", 100), "\\`\\`x\\`\\`");
    }

    #[test]
    fn a_fence_inside_sql_does_not_end_the_block() {
        let (text, cut) = block("sql", "SELECT '```' -- x", 100);
        assert_eq!(text.matches("```").count(), 2, "{text}");
        assert!(!cut);
        assert!(block("sql", &"x".repeat(200), 100).1);
    }

    proptest! {
        #[test]
        fn nothing_escaped_exceeds_its_limit(text in "\\PC{0,120}", max in 20usize..150) {
            for shown in [plain(&text, max), prose(&text, max), code(&text, max), block("sql", &text, max).0] {
                prop_assert!(shown.chars().count() <= max, "{shown}");
            }
        }

        #[test]
        fn no_text_breaks_out_of_its_block(text in "[`a\n]{0,60}") {
            let (shown, _) = block("sql", &text, 500);
            prop_assert_eq!(shown.matches("```").count(), 2);
        }

        #[test]
        fn no_backslash_is_left_alone_at_a_cut(text in "[\\\\*_<]{0,60}", max in 1usize..40) {
            let shown = plain(&text, max);
            let shown = shown.strip_suffix(CUT).unwrap_or(&shown);
            let trailing = shown.chars().rev().take_while(|c| *c == '\\').count();
            prop_assert!(trailing % 2 == 0, "{}", shown);
        }
    }
}
