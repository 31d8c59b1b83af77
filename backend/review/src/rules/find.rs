//! Looks a rule up by what somebody remembers of it: its id, a part of that, or words of its title in either language.

use super::{ALL, Rule, page::Page};
use dbdesk_commands::lang::Lang;

/// The most of what was typed that is looked at.
const TYPED: usize = 100;

/// Rules that have every typed word in their id or title: ids that begin so first, then ids that hold it, then titles; all of
/// them by id where nothing is typed.
#[must_use]
pub fn find(typed: &str) -> Vec<&'static Rule> {
    let typed: String = typed.trim().chars().take(TYPED).flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = typed.split([' ', '-', '_', '　']).filter(|word| !word.is_empty()).collect();
    let as_id = words.join("-");
    let mut found: Vec<(u8, &Rule)> =
        ALL.iter().filter_map(|rule| Some((rank(rule, &as_id, &words)?, rule))).collect();
    found.sort_by_key(|(rank, rule)| (*rank, rule.id));
    found.into_iter().map(|(_, rule)| rule).collect()
}

fn rank(rule: &Rule, as_id: &str, words: &[&str]) -> Option<u8> {
    if rule.id.starts_with(as_id) {
        return Some(u8::from(rule.id != as_id));
    }
    if rule.id.contains(as_id) {
        return Some(2);
    }
    if words.iter().all(|word| rule.id.contains(word)) {
        return Some(3);
    }
    let page = Page::of(rule.page);
    let text = [Lang::En, Lang::Zh].map(|lang| page.parts(lang).what.to_lowercase()).concat();
    words.iter().all(|word| rule.id.contains(word) || text.contains(word)).then_some(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(typed: &str) -> Vec<&'static str> {
        find(typed).into_iter().map(|rule| rule.id).collect()
    }

    #[test]
    fn a_rule_is_found_by_its_id_a_part_of_it_or_words_of_its_title_in_either_language() {
        assert_eq!(ids("delete-without-where").first(), Some(&"delete-without-where"));
        assert_eq!(ids("DELETE without").first(), Some(&"delete-without-where"));
        assert!(ids("where delete").contains(&"delete-without-where"));
        assert!(ids("主键").contains(&"table-without-primary-key"));
        assert!(ids("full-width quote").contains(&"full-width-punctuation"));
        assert_eq!(ids("xyzzy"), [""; 0]);
        assert!(ids("").len() == ALL.len() && ids("").is_sorted());
    }
}
