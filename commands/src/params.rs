//! `key=value key="a value"`: what is typed for the parameters of a script, and where the one stands that is being typed.

use crate::lang::{Said, said};
use std::collections::BTreeMap;

/// Longest text that is read.
pub const CHARS: usize = 4_000;

/// Reads all of it.
///
/// # Errors
/// What is not `key=value`, or stands there twice.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, Said> {
    if text.chars().count() > CHARS {
        return Err(said!("The parameters have more than {CHARS} characters.", "参数超过 {CHARS} 个字符。"));
    }
    let mut read = BTreeMap::new();
    for word in words(text) {
        let Some((key, value)) = word.text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            let shown: String = word.text.chars().take(40).collect();
            return Err(said!(
                "“{shown}” is no parameter. Write `key=value`, with quotes around a value that has blanks: `like=\"SELECT x\"`.",
                "“{shown}”不是参数。请写 `键=值`，含空格的值加引号，例如 `like=\"SELECT x\"`。"
            ));
        };
        if word.open {
            return Err(said!("The quotes of `{key}` are not closed.", "`{key}` 的引号没有闭合。"));
        }
        if read.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(said!("`{key}` stands there twice.", "`{key}` 写了两次。"));
        }
    }
    Ok(read)
}

/// What is being typed at the end of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// What stands before it, with the blank behind.
    pub before: String,
    /// The parameters that stand there.
    pub given: Vec<String>,
    /// The parameter whose value is being typed; `None` while its name is.
    pub key: Option<String>,
    /// What is there of the name or the value.
    pub typed: String,
}

impl Typing {
    /// Looks at the end of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut all = words(text);
        let ends = text.ends_with(char::is_whitespace) && all.last().is_none_or(|word| !word.open);
        let last = if ends { None } else { all.pop() };
        let given = all.iter().filter_map(|word| Some(word.text.split_once('=')?.0.to_owned())).collect();
        let (start, word) = last.map_or((text.len(), String::new()), |word| (word.start, word.text));
        let (key, typed) = match word.split_once('=') {
            Some((key, value)) => (Some(key.to_owned()), value.to_owned()),
            None => (None, word),
        };
        Self { before: text[..start].to_owned(), given, key, typed }
    }

    /// The text with this parameter instead of what is being typed; without a value: up to where it is typed.
    #[must_use]
    pub fn with(&self, key: &str, value: Option<&str>) -> String {
        let value = value.map_or_else(String::new, quoted);
        format!("{}{key}={value}", self.before)
    }
}

fn quoted(value: &str) -> String {
    let plain = !value.is_empty()
        && !value.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\\'));
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}

struct Word {
    start: usize,
    text: String,
    /// Its quotes are not closed.
    open: bool,
}

/// Words between blanks; between quotes blanks belong to a word, and `\` lets the next letter be itself.
fn words(text: &str) -> Vec<Word> {
    let (mut all, mut word): (Vec<Word>, Option<Word>) = (Vec::new(), None);
    let (mut quoted, mut itself) = (false, false);
    for (at, letter) in text.char_indices() {
        if letter.is_whitespace() && !quoted {
            all.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_with(|| Word { start: at, text: String::new(), open: false });
        match letter {
            _ if itself => {
                word.text.push(letter);
                itself = false;
            }
            '\\' if quoted => itself = true,
            '"' | '“' | '”' => quoted = !quoted,
            _ => word.text.push(letter),
        }
        word.open = quoted;
    }
    all.extend(word);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap().into_iter().collect()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn a_value_with_blanks_stands_between_quotes() {
        assert_eq!(
            read(r#"  like="SELECT \"x\" = 1"  most=20 "#),
            [pair("like", r#"SELECT "x" = 1"#), pair("most", "20")]
        );
        assert_eq!(read("note=“两个 词” a="), [pair("a", ""), pair("note", "两个 词")]);
        for wrong in ["most", "=1", "a=1 a=2", "a=\"b"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn while_it_is_typed_the_last_word_is_known_and_put_in_place() {
        let typing = Typing::of("database=shop mo");
        assert_eq!((typing.key.as_deref(), typing.typed.as_str()), (None, "mo"));
        assert_eq!(typing.given, ["database"]);
        assert_eq!(typing.with("most", None), "database=shop most=");
        let typing = Typing::of("database=sh");
        assert_eq!((typing.key.as_deref(), typing.typed.as_str()), (Some("database"), "sh"));
        assert_eq!(typing.with("database", Some("shop one")), "database=\"shop one\"");
        let typing = Typing::of("database=shop ");
        assert_eq!((typing.key, typing.typed.as_str()), (None, ""));
        assert_eq!(Typing::of("").with("most", None), "most=");
    }

    proptest! {
        #[test]
        fn what_is_put_in_place_is_read_back(value in "[ -~é文]{0,20}", before in "([a-b]=[a-z]{0,3} ){0,1}") {
            let text = Typing::of(&format!("{before}k=x")).with("k", Some(&value));
            let read = parse(&text).unwrap();
            prop_assert_eq!(read.get("k"), Some(&value));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = parse(&text);
            let _ = Typing::of(&text).with("k", Some(&text));
        }
    }
}
