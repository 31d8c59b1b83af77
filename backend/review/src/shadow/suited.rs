//! What may run on a review server: DDL on plain tables and indexes, nothing that names files, other servers or waits.

use super::lexemes::Piece;
use crate::{
    scan::Lexeme,
    shape::{Action, Shape},
};

/// Engines that keep a table in the review server's own files and do nothing else.
const ENGINES: [&str; 5] = ["innodb", "myisam", "aria", "memory", "heap"];
/// Functions that wait, lock, read files or run programs. A name that only contains one counts as well.
const FUNCTIONS: [&str; 14] = [
    "sleep",
    "benchmark",
    "get_lock",
    "release_lock",
    "release_all_locks",
    "load_file",
    "master_pos_wait",
    "source_pos_wait",
    "master_gtid_wait",
    "wait_for_executed_gtid_set",
    "sys_exec",
    "sys_eval",
    "lib_mysqludf",
    "xp_cmdshell",
];
/// Words of table options that name a place, a server or a key, where a value follows them.
const OPTIONS: [&str; 8] = [
    "connection",
    "encryption",
    "encrypted",
    "encryption_key_id",
    "secondary_engine",
    "engine_attribute",
    "secondary_engine_attribute",
    "union",
];
/// Words that read or write files.
const FILES: [&str; 3] = ["outfile", "dumpfile", "infile"];

/// Whether a statement of this shape and these words may be sent.
pub fn is_suited(shape: &Shape, pieces: &[Piece<'_>]) -> bool {
    let ddl = shape.is_ddl();
    is_kind(shape)
        && (0..pieces.len()).all(|at| is_harmless(pieces, at) && (!ddl || is_plain_option(pieces, at)))
}

/// Whether the words of a table's definition may be sent.
pub fn is_plain(pieces: &[Piece<'_>]) -> bool {
    (0..pieces.len()).all(|at| is_harmless(pieces, at) && is_plain_option(pieces, at))
}

fn is_kind(shape: &Shape) -> bool {
    match shape {
        Shape::CreateTable(create) => {
            !create.temporary && create.options.iter().all(|option| is_option(&option.name, &option.value))
        }
        Shape::AlterTable(alter) => alter.ops.iter().all(|op| match &op.action {
            Action::Option(option) => is_option(&option.name, &option.value),
            _ => true,
        }),
        Shape::DropTable(drop) => !drop.temporary,
        Shape::RenameTable(_)
        | Shape::Truncate(_)
        | Shape::Insert(_)
        | Shape::Update(_)
        | Shape::Delete(_) => true,
        _ => false,
    }
}

fn is_option(name: &str, value: &str) -> bool {
    match name {
        "engine" | "type" => ENGINES.iter().any(|engine| value.eq_ignore_ascii_case(engine)),
        name => !OPTIONS.contains(&name) && !name.contains("directory") && name != "tablespace",
    }
}

/// In any statement: no files, no functions that wait.
fn is_harmless(pieces: &[Piece<'_>], at: usize) -> bool {
    let Some(piece) = pieces.get(at) else { return true };
    // A function may be written as a name in backquotes.
    let called = pieces.get(at + 1).is_some_and(|after| after.lexeme == Lexeme::Open);
    let is_called_unwelcome = called && piece.name().is_some_and(|name| is_unwelcome(&name));
    !is_called_unwelcome && !piece.is_one_of(&FILES)
}

/// In DDL: no option that names a place, another server, or an engine that does more than keep rows.
fn is_plain_option(pieces: &[Piece<'_>], at: usize) -> bool {
    let Some(piece) = pieces.get(at).filter(|piece| piece.lexeme == Lexeme::Word) else { return true };
    let before = at.checked_sub(1).and_then(|before| pieces.get(before));
    let after = pieces.get(at + 1);
    if piece.is_one_of(&["tablespace", "discard", "import", "temporary"]) {
        return is_column(piece, before);
    }
    if piece.is("directory") {
        return !before.is_some_and(|before| before.is_one_of(&["data", "index"]));
    }
    if piece.is_one_of(&OPTIONS) {
        return !after.is_some_and(|after| after.is_sign("=") || after.lexeme == Lexeme::Text);
    }
    if piece.is("engine") && !is_column(piece, before) {
        let value = if after.is_some_and(|after| after.is_sign("=")) { pieces.get(at + 2) } else { after };
        return value.is_none_or(|value| is_engine(value.text));
    }
    true
}

fn is_unwelcome(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    FUNCTIONS.iter().any(|function| name.contains(function))
}

fn is_engine(written: &str) -> bool {
    let plain = written.trim_matches(['\'', '"', '`']);
    ENGINES.iter().any(|engine| plain.eq_ignore_ascii_case(engine))
}

/// Whether the word stands where a column is named: the first of a bracket's list, or behind `ADD`, `AFTER` …
fn is_column(piece: &Piece<'_>, before: Option<&Piece<'_>>) -> bool {
    before.is_some_and(|before| match before.lexeme {
        Lexeme::Open | Lexeme::Comma => piece.depth > 0,
        Lexeme::Sign => before.text == ".",
        _ => before.is_one_of(&["add", "column", "modify", "change"]),
    })
}
