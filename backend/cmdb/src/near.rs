//! The nearest known names to one that is not known.

/// The most names that are offered.
const MOST: usize = 5;

/// Up to five of `known` that are near to `asked`, the nearest first; when none is near, the first five.
#[must_use]
pub fn nearest<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Only so much of the name as a name can have: what outsiders send may be long.
    let asked: Vec<char> = asked.chars().take(64).flat_map(char::to_lowercase).collect();
    let mut ranked: Vec<(usize, &str)> = known.into_iter().map(|name| (rank(&asked, name), name)).collect();
    ranked.sort_unstable();
    let near = ranked.iter().filter(|(rank, _)| *rank <= asked.len() / 2 + 1).count();
    let take = if near == 0 { MOST } else { near.min(MOST) };
    ranked.into_iter().take(take).map(|(_, name)| name).collect()
}

fn rank(asked: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    if name.starts_with(asked) || asked.starts_with(&name) {
        return usize::from(name != asked);
    }
    distance(asked, &name)
}

/// How many letters must be changed, added or taken away (Levenshtein).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(to) {
            let changed = diagonal + usize::from(letter != other);
            diagonal = *cell;
            left = changed.min(*cell + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        let known = ["shop", "shipping", "billing", "search"];
        assert_eq!(nearest("shpo", known), ["shop"]);
        assert_eq!(nearest("Shop", known), ["shop"]);
        assert_eq!(nearest("bill", known), ["billing"]);
        assert_eq!(distance(&['a', 'b', 'c'], &['a', 'c']), 1);
        assert_eq!(distance(&[], &['a']), 1);
    }

    #[test]
    fn when_nothing_is_near_the_first_names_are_shown() {
        assert_eq!(nearest("quux-production", ["a", "b"]), ["a", "b"]);
        assert!(nearest("x", []).is_empty());
    }
}
