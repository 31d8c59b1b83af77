use super::*;

/// What real servers said (MariaDB 10.11, MySQL 9.7), and the word it is about.
const SAID: &[(u16, &str, &str, &str)] = &[
    (1060, "Duplicate column name 'note'", "ALTER TABLE note ADD note INT", "note"),
    (1091, "Can't DROP INDEX `idx_a`; check that it exists", "ALTER TABLE t DROP INDEX IDX_A", "IDX_A"),
    (1091, "Can't DROP 'idx_a'; check that column/key exists", "ALTER TABLE t DROP INDEX `idx_a`", "`idx_a`"),
    (
        1054,
        "Unknown column 'u.nmae' in 'where clause'",
        "DELETE FROM t WHERE id IN (SELECT id FROM u WHERE u.nmae = 'nmae')",
        "nmae",
    ),
    (1146, "Table 'shop.ordres' doesn't exist", "ALTER TABLE shop.ordres ADD a INT", "ordres"),
    (1072, "Key column 'c' doesn't exist in table", "CREATE INDEX i ON t (c)", "c"),
    (
        1005,
        "Can't create table `shop`.`t` (errno: 150 \"Foreign key constraint is incorrectly formed\")",
        "CREATE TABLE t (a INT)",
        "t",
    ),
    (1068, "Multiple primary key defined", "ALTER TABLE t ADD PRIMARY KEY (a)", "ALTER"),
    (
        1170,
        "BLOB/TEXT column 'note' used in key specification without a key length",
        "CREATE INDEX i ON t (note)",
        "note",
    ),
    (
        3780,
        "Referencing column 'p' and referenced column 'id' in foreign key constraint 'fk' are incompatible.",
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES o (id)",
        "p",
    ),
    (
        1064,
        "You have an error in your SQL syntax; check the manual … near 'FORM t' at line 1",
        "DELETE FORM t",
        "FORM",
    ),
];

#[test]
fn a_refusal_is_told_in_plain_words_at_the_word_it_is_about() {
    let mut told = Vec::new();
    for (number, sentence, sql, word) in SAID {
        let script = crate::read(sql).expect("a script");
        let statement = &script.statements()[0];
        let span = place(sql, statement, *number, sentence);
        assert_eq!(span.of(sql), *word, "{sentence}");
        assert!(*number != 1060 || span.start > 20, "of two the last");
        if let Some(Explained { message, fix }) = explain(*number, sentence, Some("shop")) {
            told.push(format!("{number} {}\n    {}\n    {}\n    {}", message.en, fix.en, message.zh, fix.zh));
        }
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn every_number_that_is_known_is_explained_with_whatever_names_a_server_gives() {
    let names = "'a' and 'b' and 'c'";
    let known: Vec<u16> = (1_000..4_200).filter(|number| explain(*number, names, None).is_some()).collect();
    assert!(known.len() >= 90, "{}", known.len());
    for number in known {
        // Another version may name nothing at all: then the server's own sentence is shown, and nothing breaks.
        let _ = explain(number, "", None);
    }
}

#[test]
fn names_are_taken_out_of_quotes_of_either_kind() {
    assert_eq!(quoted("Table 'shop.t' doesn't exist"), ["shop.t"]);
    assert_eq!(quoted("Can't create table `shop`.`t` (errno: 150)"), ["shop.t"]);
    assert_eq!(quoted("it's 'a' and `b` and 'c"), ["a", "b"]);
    assert_eq!(short("shop.t".into(), Some("shop")), "t");
    assert_eq!(short("shopping.t".into(), Some("shop")), "shopping.t");
}
