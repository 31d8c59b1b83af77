//! A rule's page: `## en`, `## zh-CN`, and `## cases` with SQL that runs as tests.
//!
//! A case is a fenced block: ```` ```sql bad ```` must be found by the rule, ```` ```sql good ```` must not, and
//! ```` ```sql schema ```` holds the tables that there are in all cases of the page (```` ```sql schema partial ````: some
//! of them). Words after `good` or `bad`: `flavour=mariadb`, `live` (a server answered), `counted=1001` (it counted so
//! many rows), `refused="…"`, `syntax="…"` (it said so), `partial` (there are more tables than the page's), `mended`
//! (the finding knows a certain fix; the rule is silent after it).

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
