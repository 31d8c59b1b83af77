//! The definition of a live table as it is made again on a review server: without what counts rows, names files or keys.

use super::{
    lexemes::{Piece, pieces},
    plan::{referred, replaced},
    suited,
};
use crate::{scan, span::Span};
use std::collections::BTreeMap;

/// Options that are left out, with the value behind them.
const VALUED: [&str; 7] = [
    "auto_increment",
    "encryption",
    "encrypted",
    "encryption_key_id",
    "secondary_engine",
    "engine_attribute",
    "secondary_engine_attribute",
];

/// A table's definition, ready for a shadow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    sql: String,
    databases: Vec<(Span, String)>,
}

impl Copy {
    /// From what `SHOW CREATE TABLE` says. `None` for a table that is not to be made on a review server: an engine that
    /// reaches further than its own files, say.
    #[must_use]
    pub fn of(definition: &str) -> Option<Self> {
        // What the server wrote as an executable comment is its own.
        let whole = scan::unwrap(definition);
        let sql = without(&whole, &pieces(&whole, Span::new(0, whole.len()))?);
        let pieces = pieces(&sql, Span::new(0, sql.len()))?;
        if !pieces.first()?.is("create") || !pieces.get(1)?.is("table") || !suited::is_plain(&pieces) {
            return None;
        }
        let databases = referred(&pieces, "")
            .into_iter()
            .filter_map(|(table, place)| Some((place?, table.database?)))
            .collect();
        Some(Self { sql, databases })
    }

    /// The databases of tables it refers to, where they are written.
    pub fn databases(&self) -> impl Iterator<Item = &str> {
        self.databases.iter().map(|(_, database)| database.as_str())
    }

    /// The definition for the shadow, `shadows` naming the shadow of each database. `None` where one has none.
    #[must_use]
    pub fn sql(&self, shadows: &BTreeMap<String, String>) -> Option<String> {
        replaced(&self.sql, &self.databases, shadows)
    }
}

/// The text without the options that are not copied.
fn without(text: &str, pieces: &[Piece<'_>]) -> String {
    let (mut out, mut from, mut at) = (String::with_capacity(text.len()), 0, 0);
    while at < pieces.len() {
        let Some((cut, next)) = option(pieces, at) else {
            at += 1;
            continue;
        };
        out.push_str(text.get(from..cut.start).unwrap_or_default());
        from = cut.end;
        at = next;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// The place of an option that is left out and the piece behind it, where one begins at `at`.
fn option(pieces: &[Piece<'_>], at: usize) -> Option<(Span, usize)> {
    let piece = pieces.get(at)?;
    let is = |place: usize, words: &[&str]| pieces.get(place).is_some_and(|piece| piece.is_one_of(words));
    let is_equals = |place: usize| pieces.get(place).is_some_and(|piece| piece.is_sign("="));
    let name = if is(at, &["default"]) && is(at + 1, &["encryption"]) { at + 1 } else { at };
    let value = if is(name, &VALUED) {
        // The column attribute AUTO_INCREMENT has no value, and so have columns with these names.
        let text = pieces.get(name + 1).is_some_and(|piece| piece.lexeme == scan::Lexeme::Text);
        if is_equals(name + 1) {
            name + 2
        } else if text && !is(name, &["auto_increment"]) {
            name + 1
        } else {
            return None;
        }
    } else if is(at, &["data", "index"]) && is(at + 1, &["directory"]) {
        at + 2 + usize::from(is_equals(at + 2))
    } else if is(at, &["tablespace"]) {
        at + 1 + usize::from(is_equals(at + 1))
    } else if is(at, &["storage"]) && is(at + 1, &["disk", "memory", "default"]) {
        at + 1
    } else {
        return None;
    };
    Some((piece.span.to(pieces.get(value)?.span), value + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_copied_without_what_counts_names_files_or_keys() {
        let of_mysql = "CREATE TABLE `orders` (\n  `id` bigint NOT NULL AUTO_INCREMENT COMMENT 'AUTO_INCREMENT=5',\n  \
            `encryption` int DEFAULT NULL,\n  `p` int /*!80023 INVISIBLE */,\n  PRIMARY KEY (`id`),\n  CONSTRAINT `fk` FOREIGN KEY (`p`) \
            REFERENCES `other`.`t` (`id`)\n) /*!50100 TABLESPACE `big` */ ENGINE=InnoDB AUTO_INCREMENT=48 DEFAULT CHARSET=utf8mb4 DATA \
            DIRECTORY='/data/' /*!80016 ENCRYPTION='Y' */\n/*!50100 PARTITION BY HASH (`id`)\n(PARTITION p0 DATA DIRECTORY = '/x' ENGINE = InnoDB) */";
        let copy = Copy::of(of_mysql).expect("a copy");
        let shadows = [("other".to_owned(), "s_2".to_owned())].into();
        let sql = copy.sql(&shadows).expect("all databases are known");
        assert_eq!(
            sql.split_whitespace().collect::<Vec<_>>().join(" "),
            "CREATE TABLE `orders` ( `id` bigint NOT NULL AUTO_INCREMENT COMMENT 'AUTO_INCREMENT=5', `encryption` int DEFAULT NULL, \
             `p` int INVISIBLE , PRIMARY KEY (`id`), CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES `s_2`.`t` (`id`) ) \
             ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 PARTITION BY HASH (`id`) (PARTITION p0 ENGINE = InnoDB)"
        );
        assert_eq!(copy.databases().collect::<Vec<_>>(), ["other"]);
        assert_eq!(copy.sql(&BTreeMap::new()), None, "a database without a shadow");
    }

    #[test]
    fn tables_that_reach_further_than_their_own_files_are_not_copied() {
        for options in [
            "ENGINE=FEDERATED CONNECTION='mysql://x/y'",
            "ENGINE=MRG_MyISAM UNION=(`a`,`b`)",
            "ENGINE=CONNECT",
        ] {
            assert_eq!(Copy::of(&format!("CREATE TABLE `t` (\n  `a` int\n) {options}")), None, "{options}");
        }
        assert_eq!(Copy::of("CREATE ALGORITHM=UNDEFINED VIEW `v` AS select 1"), None);
    }
}
