//! What makes a table's definition what it was, from what `SHOW CREATE TABLE` said before and after. Where rows or values would be lost
//! there is no way back.

use crate::field::{full_name, quoted};

/// A definition, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts<'a> {
    /// Name and line of each column.
    columns: Vec<(String, &'a str)>,
    /// Name and line of each index, key and constraint.
    keys: Vec<(Key, &'a str)>,
    /// `ENGINE=InnoDB …`, without where its counter stands.
    options: Vec<(String, String)>,
    /// Partitions, as written.
    rest: String,
}

/// What an index, key or constraint is dropped by.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Primary,
    Index(String),
    Foreign(String),
    Check(String),
}

/// The definition without where its counter stands, which two servers need not agree on.
#[must_use]
pub fn comparable(definition: &str) -> String {
    let Some((head, rest)) = definition.split_once(" AUTO_INCREMENT=") else { return definition.to_owned() };
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    format!("{head}{rest}")
}

/// The `ALTER TABLE` that leads from `after` back to `before`; `renamed`: columns that the statement gave another name, old and new.
/// `None`: there is no way back, or nothing to do.
#[must_use]
pub fn reverse(
    (database, table): (&str, &str),
    before: &str,
    after: &str,
    renamed: &[(String, String)],
) -> Option<String> {
    let (was, is) = (Parts::of(before)?, Parts::of(after)?);
    if was.rest != is.rest {
        return None;
    }
    let mut changes = was.keys_gone(&is);
    changes.extend(was.columns_back(&is, renamed)?);
    changes.extend(was.keys_back(&is));
    changes.extend(was.options_back(&is)?);
    let name = full_name(database, table);
    (!changes.is_empty()).then(|| format!("ALTER TABLE {name} {}", changes.join(", ")))
}

impl<'a> Parts<'a> {
    fn of(definition: &'a str) -> Option<Self> {
        let mut parts = Self { columns: vec![], keys: vec![], options: vec![], rest: String::new() };
        let mut lines = definition.lines();
        lines.next().filter(|line| line.starts_with("CREATE TABLE ") && line.ends_with('('))?;
        for line in &mut lines {
            if let Some(options) = line.strip_prefix(')') {
                parts.options = options_of(options.trim())?;
                parts.rest = lines.collect::<Vec<_>>().join("\n");
                return Some(parts);
            }
            let line = line.trim().trim_end_matches(',');
            if line.starts_with('`') {
                parts.columns.push((name(line)?, line));
            } else {
                parts.keys.push((key(line)?, line));
            }
        }
        None
    }

    /// Of `self`, what was before: the keys of `is` that it has not, or has otherwise.
    fn keys_gone(&self, is: &Self) -> Vec<String> {
        let other = |key: &&(Key, &str)| !self.keys.contains(key);
        is.keys.iter().filter(other).map(|(key, _)| key.drop()).collect()
    }

    fn keys_back(&self, is: &Self) -> Vec<String> {
        let other = |key: &&(Key, &str)| !is.keys.contains(key);
        self.keys.iter().filter(other).map(|(_, line)| format!("ADD {line}")).collect()
    }

    fn columns_back(&self, is: &Self, renamed: &[(String, String)]) -> Option<Vec<String>> {
        let now = |old: &str| {
            let new =
                renamed.iter().find(|(was, _)| was.eq_ignore_ascii_case(old)).map(|(_, new)| new.as_str());
            let name = new.unwrap_or(old);
            is.columns.iter().position(|(is, _)| is.eq_ignore_ascii_case(name))
        };
        let kept: Vec<usize> = self.columns.iter().map(|(name, _)| now(name)).collect::<Option<_>>()?;
        let mut changes: Vec<String> = is
            .columns
            .iter()
            .enumerate()
            .filter(|(at, _)| !kept.contains(at))
            .map(|(_, (name, _))| format!("DROP COLUMN {}", quoted(name)))
            .collect();
        // Whether those that stay stand in another order.
        let moved = kept.windows(2).any(|pair| pair[0] > pair[1]);
        for (place, (name, line)) in self.columns.iter().enumerate() {
            let at = kept.get(place)?;
            let (present, present_line) = is.columns.get(*at)?;
            if !moved && present_line == line {
                continue;
            }
            let before = place.checked_sub(1).and_then(|before| self.columns.get(before));
            let position = match before {
                _ if !moved => String::new(),
                Some((before, _)) => format!(" AFTER {}", quoted(before)),
                None => " FIRST".to_owned(),
            };
            changes.push(if present == name {
                format!("MODIFY COLUMN {line}{position}")
            } else {
                format!("CHANGE COLUMN {} {line}{position}", quoted(present))
            });
        }
        Some(changes)
    }

    /// One clause, or none where nothing is to be set back.
    fn options_back(&self, is: &Self) -> Option<Vec<String>> {
        if self.options == is.options {
            return Some(Vec::new());
        }
        let mut set: Vec<String> =
            self.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        for (name, _) in &is.options {
            if !self.options.iter().any(|(was, _)| was == name) {
                set.push(match name.as_str() {
                    "COMMENT" => "COMMENT=''".to_owned(),
                    "ROW_FORMAT" => "ROW_FORMAT=DEFAULT".to_owned(),
                    "KEY_BLOCK_SIZE" => "KEY_BLOCK_SIZE=0".to_owned(),
                    _ => return None,
                });
            }
        }
        Some(vec![set.join(" ")])
    }
}

impl Key {
    fn drop(&self) -> String {
        match self {
            Self::Primary => "DROP PRIMARY KEY".to_owned(),
            Self::Index(name) => format!("DROP INDEX {}", quoted(name)),
            Self::Foreign(name) => format!("DROP FOREIGN KEY {}", quoted(name)),
            Self::Check(name) => format!("DROP CONSTRAINT {}", quoted(name)),
        }
    }
}

/// The name between the first two backquotes.
fn name(line: &str) -> Option<String> {
    let mut name = String::new();
    let mut letters = line.split_once('`')?.1.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '`' if letters.peek() == Some(&'`') => {
                letters.next();
                name.push('`');
            }
            '`' => return Some(name),
            _ => name.push(letter),
        }
    }
    None
}

fn key(line: &str) -> Option<Key> {
    if line.starts_with("PRIMARY KEY") {
        return Some(Key::Primary);
    }
    let name = name(line)?;
    if !line.starts_with("CONSTRAINT ") {
        return Some(Key::Index(name));
    }
    let after = line.split_once("` ").map(|(_, rest)| rest).unwrap_or_default();
    Some(if after.starts_with("FOREIGN KEY") { Key::Foreign(name) } else { Key::Check(name) })
}

/// `ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='a b'`, without the counter.
fn options_of(text: &str) -> Option<Vec<(String, String)>> {
    let mut options = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let (name, after) = rest.split_once('=')?;
        let end =
            if after.starts_with('\'') { closing(after)? } else { after.find(' ').unwrap_or(after.len()) };
        let (value, left) = after.split_at_checked(end)?;
        let name = name.trim();
        if name != "AUTO_INCREMENT" {
            options.push((name.to_owned(), value.to_owned()));
        }
        rest = left;
    }
    Some(options)
}

/// One past the quote that ends a text, which begins with one; a quote in it stands twice.
fn closing(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text.get(at..)?.find('\'')? + 1;
        if text.as_bytes().get(at) != Some(&b'\'') {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[&str], options: &str) -> String {
        format!("CREATE TABLE `a` (\n  {}\n) ENGINE=InnoDB{options}", lines.join(",\n  "))
    }

    const ID: &str = "`id` int(11) NOT NULL AUTO_INCREMENT";
    const V: &str = "`v` varchar(9) DEFAULT NULL COMMENT 'it''s, `x`'";
    const KEY: &str = "PRIMARY KEY (`id`)";

    fn back(before: &str, after: &str, renamed: &[(&str, &str)]) -> Option<String> {
        let renamed: Vec<_> = renamed.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        reverse(("s", "a"), before, after, &renamed)
    }

    #[test]
    fn what_came_goes_and_what_changed_is_changed_back() {
        let before = table(&[ID, V, KEY], " AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4");
        let after = table(
            &[ID, "`w` int(11) DEFAULT 1", "`v` text", KEY, "KEY `idx_v` (`v`(9))"],
            " DEFAULT CHARSET=utf8mb4 COMMENT='a = b ''c'''",
        );
        let expected = format!(
            "ALTER TABLE `s`.`a` DROP INDEX `idx_v`, DROP COLUMN `w`, MODIFY COLUMN {V}, ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT=''"
        );
        assert_eq!(back(&before, &after, &[]), Some(expected));
    }

    #[test]
    fn a_column_that_is_gone_does_not_come_back_but_one_with_another_name_does() {
        let before = table(&[ID, V, KEY], "");
        let after = table(&[ID, "`w` int(11)", KEY], "");
        assert_eq!(back(&before, &after, &[]), None, "its values are gone");
        let expected = format!("ALTER TABLE `s`.`a` CHANGE COLUMN `w` {V}");
        assert_eq!(back(&before, &after, &[("v", "w")]), Some(expected));
        assert_eq!(back(&before, &before, &[]), None, "nothing to do");
    }

    #[test]
    fn an_order_and_keys_come_back() {
        let (fk, check) =
            ("CONSTRAINT `f` FOREIGN KEY (`v`) REFERENCES `b` (`v`)", "CONSTRAINT `c` CHECK (`id` > 0)");
        let before = table(&[ID, V, KEY, "UNIQUE KEY `u` (`v`)", fk], "");
        let after = table(&[V, ID, KEY, check], "");
        let expected = format!(
            "ALTER TABLE `s`.`a` DROP CONSTRAINT `c`, MODIFY COLUMN {ID} FIRST, MODIFY COLUMN {V} AFTER `id`, ADD UNIQUE KEY `u` (`v`), ADD {fk}"
        );
        assert_eq!(back(&before, &after, &[]), Some(expected));
    }

    #[test]
    fn counters_are_not_compared() {
        let (one, other) = (table(&[ID], " AUTO_INCREMENT=7 COMMENT='x'"), table(&[ID], " COMMENT='x'"));
        assert_eq!(comparable(&one), comparable(&other));
    }
}
