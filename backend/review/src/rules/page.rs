//! A rule's page: `## en`, `## zh-CN`, and `## cases` with SQL that runs as tests.
//!
//! A case is a fenced block: ```` ```sql bad ```` must be found by the rule, ```` ```sql good ```` must not, and
//! ```` ```sql schema ```` holds the tables that there are in all cases of the page (```` ```sql schema partial ````: some
//! of them). Words after `good` or `bad`: `flavour=mariadb`, `live` (a server answered), `counted=1001` (it counted so
//! many rows), `repeats=rows` (or `null`, `none`, `slow`: it looked for rows in the way of a unique index), `bytes=…` (the
//! tables' size), `empty` (its statistics tell of no rows), `refused="…"`, `syntax="…"` (it said so), `partial` (there are
//! more tables than the page's), `tried="1060 …"`, `behind`, `left`, `noserver` (what came of a trial on a review server),
//! `mended` (the finding knows a certain fix; the rule is silent after it).

use dbdesk_commands::lang::Lang;

/// A page, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page<'a> {
    /// What, why, what to do, in English.
    pub en: &'a str,
    /// The same in Chinese.
    pub zh: &'a str,
    /// Tables that the cases know.
    pub schema: &'a str,
    /// There may be more tables.
    pub is_partial: bool,
    /// The cases, in order.
    pub cases: Vec<Case<'a>>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case<'a> {
    /// Whether the rule must find something.
    pub bad: bool,
    /// Words after `good` or `bad`.
    pub options: &'a str,
    /// The script.
    pub sql: &'a str,
}

impl<'a> Page<'a> {
    /// Takes a page apart; what is missing is empty.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let section = |title: &str| {
            let from = text.find(title).map(|at| at + title.len())?;
            let rest = text.get(from..)?;
            rest.get(..rest.find("\n## ").unwrap_or(rest.len()))
        };
        let mut page = Self {
            en: section("## en\n").unwrap_or_default().trim(),
            zh: section("## zh-CN\n").unwrap_or_default().trim(),
            ..Self::default()
        };
        for block in section("## cases\n").unwrap_or_default().split("```sql ").skip(1) {
            let (head, rest) = block.split_once('\n').unwrap_or_default();
            let (sql, _) = rest.split_once("\n```").unwrap_or_default();
            let (word, options) = head.split_once(' ').unwrap_or((head, ""));
            match word {
                "schema" => (page.schema, page.is_partial) = (sql, options == "partial"),
                "good" | "bad" => page.cases.push(Case { bad: word == "bad", options, sql }),
                _ => {}
            }
        }
        page
    }

    /// What, why, what to do, in `lang`.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'a str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }

    /// The page's three parts, in `lang`; what is missing is empty.
    #[must_use]
    pub fn parts(&self, lang: Lang) -> Parts<'a> {
        let [what, why, what_to_do] = match lang {
            Lang::En => ["**What**", "**Why**", "**What to do**"],
            Lang::Zh => ["**是什么**", "**为什么**", "**怎么办**"],
        };
        let text = self.text(lang);
        let part = |head: &str, next: Option<&str>| {
            let rest = text.split_once(head).map_or("", |(_, rest)| rest);
            let part = next.and_then(|next| rest.split_once(next)).map_or(rest, |(part, _)| part);
            part.trim_start_matches([':', '：']).trim()
        };
        Parts {
            what: part(what, Some(why)),
            why: part(why, Some(what_to_do)),
            what_to_do: part(what_to_do, None),
        }
    }

    /// What the rule finds, in a line: the beginning of the page's first sentence.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        let what = flowing(self.parts(lang).what);
        let line = what.lines().next().unwrap_or_default();
        let sentence =
            line.split_once(". ").or_else(|| line.split_once('。')).map_or(line, |(first, _)| first);
        let sentence = sentence.trim_end_matches(['.', '。', '…', ' ']);
        let mut title = sentence.to_owned();
        if title.chars().count() > TITLE {
            title = without_brackets(&title);
        }
        if title.chars().count() > TITLE {
            let ends = [": ", "; ", "：", "；"].into_iter().filter_map(|end| title.find(end));
            if let Some(end) = ends.filter(|end| *end > 0).min() {
                title.truncate(end);
            }
        }
        match title.char_indices().nth(TITLE) {
            None => title,
            Some((cut, _)) => format!("{}…", title.get(..cut).unwrap_or(&title).trim_end()),
        }
    }

    /// The simplest case that the rule finds, or that it does not: one that needs no other server and no answer of one.
    #[must_use]
    pub fn example(&self, bad: bool) -> Option<&'a str> {
        let mut cases = self.cases.iter().filter(|case| case.bad == bad);
        let first = cases.clone().next();
        let plain = |case: &&Case<'_>| matches!(case.options, "" | "mended" | "partial");
        cases.find(plain).or(first).map(|case| case.sql.trim())
    }
}

/// The longest title, in characters.
const TITLE: usize = 110;

/// A text whose lines were broken to a width, with one line for each paragraph and each item of a list: chat shows line
/// breaks as they are.
#[must_use]
pub fn flowing(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim) {
        let goes_on = !line.is_empty() && !line.starts_with("- ") && !out.is_empty() && !out.ends_with('\n');
        if goes_on {
            out.push(' ');
        } else if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(line);
    }
    out
}

/// A sentence without what it says in brackets.
fn without_brackets(text: &str) -> String {
    let (mut out, mut depth) = (String::with_capacity(text.len()), 0_usize);
    let mut code = false;
    for letter in text.chars() {
        match letter {
            '`' => code = !code,
            '(' | '（' if !code => depth += 1,
            _ => {}
        }
        if depth == 0 {
            out.push(letter);
        } else if matches!(letter, ')' | '）') && !code {
            depth -= 1;
            out.truncate(out.trim_end().len());
        }
    }
    out
}

/// What a page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// What the rule finds.
    pub what: &'a str,
    /// Why that is bad.
    pub why: &'a str,
    /// What to do instead.
    pub what_to_do: &'a str,
}

impl<'a> Case<'a> {
    /// The value of an option; an option without one is an empty value.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'a str> {
        let from = self.options.find(name)? + name.len();
        let rest = self.options.get(from..)?;
        let Some(value) = rest.strip_prefix('=') else { return Some("") };
        match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map(|(value, _)| value),
            None => value.split(' ').next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "## en\n**What**: a `DELETE` of all: rows. And more.\n\n**Why**: rows\nare gone.\n\n**What to do**: say which.\n\n\
                        ## zh-CN\n**是什么**：没有条件的 `DELETE`。\n\n**为什么**：数据没了。\n\n**怎么办**：写条件。\n\n\
                        ## cases\n```sql bad counted=5\nDELETE a;\n```\n```sql bad\nDELETE b;\n```\n```sql good live\nc\n```\n";

    #[test]
    fn a_page_has_three_parts_in_each_language_and_its_first_sentence_is_the_title() {
        let page = Page::of(PAGE);
        let en = page.parts(Lang::En);
        assert_eq!(
            (en.what, en.why, en.what_to_do),
            ("a `DELETE` of all: rows. And more.", "rows\nare gone.", "say which.")
        );
        assert_eq!(page.parts(Lang::Zh).what_to_do, "写条件。");
        assert_eq!(page.title(Lang::En), "a `DELETE` of all: rows");
        assert_eq!(page.title(Lang::Zh), "没有条件的 `DELETE`");
        assert_eq!((page.example(true), page.example(false)), (Some("DELETE b;"), Some("c")));
        assert_eq!(Page::of("").title(Lang::En), "");
    }

    #[test]
    fn a_paragraph_is_one_line_whatever_width_its_page_was_written_to() {
        assert_eq!(flowing("a\nb\n\n- c\nd\n- e\n"), "a b\n\n- c d\n- e");
        assert_eq!(flowing(""), "");
    }

    #[test]
    fn a_long_title_ends_where_its_examples_begin() {
        let long = format!("## en\n**What**: a type that is too narrow: {}\n", "shorter, ".repeat(20));
        assert_eq!(Page::of(&long).title(Lang::En), "a type that is too narrow");
        let aside =
            long.replace("shorter, ", "").replace("narrow: ", "narrow (`a)`, smaller) for what is there");
        let aside = aside.replace("narrow (", &format!("narrow ({}", "or ".repeat(40)));
        assert_eq!(Page::of(&aside).title(Lang::En), "a type that is too narrow for what is there");
        let longer = Page::of(&long.replace(": shorter", " shorter")).title(Lang::En);
        assert!(longer.ends_with('…') && longer.chars().count() <= TITLE + 1, "{longer}");
    }
}
