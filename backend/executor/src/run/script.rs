//! What is to run: the approved bytes, cut into statements as the review cut them.

use dbdesk_review::{Span, split};
use dbdesk_store::revision::Sql;
use dbdesk_undo::rollback::ELSEWHERE;
use sha2::{Digest as _, Sha256};

/// The statements of an approved revision, exactly as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What is counted and run one after the other.
    parts: Vec<String>,
    takes_back: bool,
    /// Which of them may run although they can not be taken back.
    without_undo: Vec<u32>,
    /// Which of them a tool makes online.
    online: Vec<u32>,
    /// Which of them may be made in chunks.
    in_chunks: Vec<u32>,
}

/// What the store holds is not what was approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the SQL in the store is not what was approved")]
pub struct NotApproved;

impl Script {
    /// Cuts `sql`, if its bytes are those that the approval names and make as many statements as were reviewed.
    pub fn approved(sql: &Sql, approved: Option<&str>, total: u32) -> Result<Self, NotApproved> {
        let hash = hex::encode(Sha256::digest(sql.text.as_bytes()));
        let approved = approved == Some(&hash) && sql.hash == hash;
        let parts = if sql.takes_back { changes(&sql.text) } else { statements(&sql.text) };
        if approved && u32::try_from(parts.len()) == Ok(total) {
            Ok(Self {
                parts,
                takes_back: sql.takes_back,
                without_undo: sql.without_undo.clone(),
                online: sql.online.clone(),
                in_chunks: sql.in_chunks.clone(),
            })
        } else {
            Err(NotApproved)
        }
    }

    /// Of what is made from typed fields there is nothing to cut: its bytes are those that the approval names.
    pub fn of_request(sql: &Sql, approved: Option<&str>) -> Result<Self, NotApproved> {
        let hash = hex::encode(Sha256::digest(sql.text.as_bytes()));
        if approved != Some(hash.as_str()) || sql.hash != hash {
            return Err(NotApproved);
        }
        Ok(Self {
            parts: Vec::new(),
            takes_back: false,
            without_undo: Vec::new(),
            online: Vec::new(),
            in_chunks: Vec::new(),
        })
    }

    /// Whether its parts are changes of rows that take others back: each in one transaction, in which every statement must touch the
    /// rows that it names.
    #[must_use]
    pub fn takes_back(&self) -> bool {
        self.takes_back
    }

    /// Whether a fresh session does as well as the one in which the statements before `index` ran.
    #[must_use]
    pub fn fresh_session_serves(&self, index: u32) -> bool {
        let before =
            self.iter().take_while(|(at, _)| *at < index).all(|(_, statement)| leaves_nothing(statement));
        before && (index == 0 || !self.parts.iter().any(|statement| asks_of_the_one_before(statement)))
    }

    /// Whether it opens transactions, locks tables or sets variables itself: nothing may be put around its statements.
    #[must_use]
    pub fn keeps_a_session(&self) -> bool {
        self.parts.iter().any(|statement| is_of_a_session(statement))
    }

    /// Whether a person has approved that this statement runs although it can not be taken back.
    #[must_use]
    pub fn may_without_undo(&self, index: u32) -> bool {
        self.without_undo.contains(&index)
    }

    /// Whether a tool makes this change online, as the review said.
    #[must_use]
    pub fn runs_online(&self, index: u32) -> bool {
        self.online.contains(&index)
    }

    /// Whether it may be made in chunks where it touches more rows than are kept at once: a person has approved that, or even that
    /// nothing is kept.
    #[must_use]
    pub fn may_in_chunks(&self, index: u32) -> bool {
        self.in_chunks.contains(&index) || self.may_without_undo(index)
    }

    /// Each statement with its place.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.parts.iter().map(String::as_str))
    }
}

fn statements(sql: &str) -> Vec<String> {
    split::split(sql)
        .iter()
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.span.of(sql).to_owned())
        .collect()
}

/// [`Script::keeps_a_session`] of a text.
#[must_use]
pub fn keeps_a_session(sql: &str) -> bool {
    split::split(sql).iter().any(|piece| is_of_a_session(piece.span.of(sql)))
}

fn is_of_a_session(statement: &str) -> bool {
    const WORDS: [&str; 10] =
        ["BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "LOCK", "UNLOCK", "XA", "SET"];
    let first = statement.split(|letter: char| !letter.is_ascii_alphanumeric()).find(|word| !word.is_empty());
    first.is_some_and(|first| WORDS.iter().any(|word| first.eq_ignore_ascii_case(word)))
}

/// Of a text that takes a ticket back what runs at once: changes of rows that follow each other on one server, and each other statement.
#[must_use]
pub fn changes(sql: &str) -> Vec<String> {
    let mut parts: Vec<Span> = Vec::new();
    for (part, span) in in_parts(sql) {
        match parts.get_mut(part as usize) {
            Some(whole) => whole.end = span.end,
            None => parts.push(span),
        }
    }
    parts.iter().map(|span| span.of(sql).to_owned()).collect()
}

/// The same for each statement: which part it is in, from 0.
#[must_use]
pub fn parts(sql: &str) -> Vec<u32> {
    in_parts(sql).map(|(part, _)| part).collect()
}

fn in_parts(sql: &str) -> impl Iterator<Item = (u32, Span)> {
    let (mut next, mut rows, mut end) = (0, false, 0);
    let pieces = split::split(sql).into_iter().filter(|piece| !piece.is_empty());
    pieces.map(move |piece| {
        let first = piece.span.of(sql).split_whitespace().next().unwrap_or_default();
        let is_rows = ["INSERT", "UPDATE", "DELETE"].iter().any(|word| first.eq_ignore_ascii_case(word));
        let elsewhere = Span::new(end, piece.span.start).of(sql).contains(ELSEWHERE);
        if !(is_rows && rows) || elsewhere {
            next += 1;
        }
        (rows, end) = (is_rows, piece.span.end);
        (next - 1, piece.span)
    })
}

/// Whether a session may be replaced by a fresh one after `statement`: it left nothing in the session (a variable, a temporary
/// table, a lock, an open transaction) that a later one could need. Only what is known to leave nothing says yes.
#[must_use]
fn leaves_nothing(statement: &str) -> bool {
    const PLAIN: [&str; 9] =
        ["INSERT", "UPDATE", "DELETE", "REPLACE", "ALTER", "DROP", "TRUNCATE", "RENAME", "CREATE"];
    let mut words =
        statement.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_ascii_uppercase();
    let temporary = words.take(3).any(|word| word.eq_ignore_ascii_case("TEMPORARY"));
    PLAIN.contains(&first.as_str()) && !temporary && !statement.contains('@')
}

/// Whether it uses what the session remembers of an earlier statement.
fn asks_of_the_one_before(statement: &str) -> bool {
    let upper = statement.to_ascii_uppercase();
    ["LAST_INSERT_ID", "ROW_COUNT", "FOUND_ROWS", "LASTVAL", "PREVIOUS VALUE"]
        .iter()
        .any(|word| upper.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(sql: &str) -> Script {
        Script {
            parts: statements(sql),
            takes_back: false,
            without_undo: Vec::new(),
            online: Vec::new(),
            in_chunks: Vec::new(),
        }
    }

    #[test]
    fn what_takes_rows_back_is_one_part() {
        let sql = "-- Takes back T-1.\nDELETE FROM a WHERE id = 1;\nINSERT INTO a VALUES (';');\nDROP TABLE b;\nupdate c SET d = 1;\n";
        let parts =
            ["DELETE FROM a WHERE id = 1;\nINSERT INTO a VALUES (';')", "DROP TABLE b", "update c SET d = 1"];
        assert_eq!(changes(sql), parts);
        assert_eq!(super::parts(sql), [0, 0, 1, 2]);
    }

    #[test]
    fn rows_of_two_servers_are_two_parts() {
        let sql = "-- Takes back T-1.\nDELETE FROM a WHERE id = 1;\n-- On shop-2.\nDELETE FROM b WHERE note = '-- On x';\nDELETE FROM c;\n";
        let parts = ["DELETE FROM a WHERE id = 1", "DELETE FROM b WHERE note = '-- On x';\nDELETE FROM c"];
        assert_eq!(changes(sql), parts);
    }

    #[test]
    fn the_original_text_is_cut_not_printed_again() {
        let sql = "-- one\nINSERT  INTO t VALUES ('a;b');\n\n/* two */ UPDATE t SET a='\\';' ;\n";
        assert_eq!(statements(sql), ["INSERT  INTO t VALUES ('a;b')", "UPDATE t SET a='\\';'"]);
    }

    #[test]
    fn a_script_that_asks_for_the_last_id_keeps_its_session() {
        let script =
            plain("INSERT INTO a VALUES (NULL); INSERT INTO b VALUES (last_insert_id()); DELETE FROM c");
        assert!(script.fresh_session_serves(0));
        assert!(!script.fresh_session_serves(1));
        assert!(plain("DELETE FROM a; DELETE FROM b").fresh_session_serves(1));
    }

    #[test]
    fn a_script_that_handles_its_own_transactions_says_so() {
        let keeps = |sql: &str| plain(sql).keeps_a_session();
        assert!(keeps("DELETE FROM a; COMMIT"));
        assert!(keeps("set autocommit = 0; DELETE FROM a"));
        assert!(!keeps("DELETE FROM a; INSERT INTO settings VALUES (1)"));
    }

    #[test]
    fn a_session_is_only_replaced_after_statements_that_leave_nothing_in_it() {
        for plain in ["insert into t values (1)", "ALTER TABLE t ADD c INT", "  CREATE TABLE t (a INT)"] {
            assert!(leaves_nothing(plain), "{plain}");
        }
        for kept in [
            "SET NAMES latin1",
            "BEGIN",
            "LOCK TABLES t WRITE",
            "CREATE TEMPORARY TABLE t (a INT)",
            "CREATE OR REPLACE TEMPORARY TABLE t (a INT)",
            "UPDATE t SET a = (@b := 1)",
            "/* x */ CALL p()",
            "",
        ] {
            assert!(!leaves_nothing(kept), "{kept}");
        }
    }
}
