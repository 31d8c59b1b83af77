//! From text to [`Script`]: cut, scanned, and each statement read into a [`Shape`].

mod admin;
mod alter;
mod column;
mod condition;
mod constant;
mod create;
mod dialect;
mod dml;
mod key;
mod kind;
mod logic;
mod object;
mod query;
mod reader;
mod test;
mod tokens;

use crate::{
    feature::Used,
    query::Queries,
    shape::{Break, Obscure, OnlyIn, Shape},
    span::Span,
    split::{self, Piece},
    watch::Trouble,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        problem::{Code, Refusal},
        review::MAX_SQL_BYTES,
    },
};
use reader::{Reader, Unread};

pub(crate) use column::{default_alone as default_value, type_alone as column_type};
pub use kind::{NOT_ANALYSABLE, SYNTAX_ERROR};

/// The most statements in one script.
pub const MAX_STATEMENTS: usize = 50_000;

/// The parser's stack: what the token scan lets through fits with room to spare, in a debug build too.
const STACK_BYTES: usize = 128 << 20;

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Place in the script, from 0.
    pub index: usize,
    /// Where it stands in the whole text, without its delimiter.
    pub span: Span,
    /// `create_table`, `update`, `not_analysable` …
    pub kind: &'static str,
    /// What it does.
    pub shape: Shape,
    /// Words that only one family of servers knows.
    pub only: Vec<OnlyIn>,
    /// Syntax that not every server knows, and where.
    pub uses: Vec<Used>,
    /// Its queries and conditions.
    pub queries: Queries,
}

/// A script that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    text: String,
    statements: Vec<Statement>,
}

impl Script {
    /// The whole text.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.text
    }

    /// Its statements, in order.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The bytes of a statement, as written: what runs.
    #[must_use]
    pub fn text(&self, statement: &Statement) -> &str {
        statement.span.of(&self.text)
    }
}

/// Reads a script. Refuses what is too big or holds no statement; all else is for [`crate::judge()`] to say.
pub fn read(sql: &str) -> Result<Script, Refusal> {
    if sql.len() > MAX_SQL_BYTES {
        return Err(too_big(sql.len()));
    }
    let pieces: Vec<Piece> = split::split(sql).into_iter().filter(|piece| !piece.is_empty()).collect();
    if pieces.is_empty() {
        let said = Said::fixed(
            "There is no SQL statement in this text. Write at least one, such as ALTER TABLE orders ADD COLUMN …",
            "这段文本里没有 SQL 语句。请至少写一条，例如 ALTER TABLE orders ADD COLUMN …",
        );
        return Err(Refusal::new(Code::Invalid, said));
    }
    if pieces.len() > MAX_STATEMENTS {
        let said = said!(
            "{count} statements are too many for one review; {MAX_STATEMENTS} is the most. Split the script.",
            "一次评审最多 {MAX_STATEMENTS} 条语句，这里有 {count} 条。请拆成几份。",
            count = pieces.len(),
        );
        return Err(Refusal::new(Code::TooLarge, said));
    }
    let statements = std::thread::scope(|scope| {
        let reading = std::thread::Builder::new()
            .name("sql-read".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || {
                pieces.iter().enumerate().map(|(index, piece)| statement(sql, index, piece)).collect()
            });
        reading.ok().and_then(|thread| thread.join().ok())
    });
    match statements {
        Some(statements) => Ok(Script { text: sql.to_owned(), statements }),
        None => Err(Refusal::new(
            Code::Fault,
            Said::fixed(
                "The review could not read this SQL because of a fault on our side. Please tell a DBA.",
                "由于我们这边的故障，评审没能读完这段 SQL。请告知 DBA。",
            ),
        )),
    }
}

fn too_big(bytes: usize) -> Refusal {
    let said = said!(
        "The SQL is {bytes} bytes; {MAX_SQL_BYTES} (2 MB) is the most for one review. Split it into several.",
        "SQL 共 {bytes} 字节，一次评审最多 {MAX_SQL_BYTES} 字节（2 MB）。请拆成几份提交。",
    );
    Refusal::new(Code::TooLarge, said)
}

fn statement(sql: &str, index: usize, piece: &Piece) -> Statement {
    let span = piece.span;
    let made = |kind, shape| Statement {
        index,
        span,
        kind,
        shape,
        only: Vec::new(),
        uses: Vec::new(),
        queries: Queries::default(),
    };
    if let Some((trouble, at)) = piece.trouble {
        return match shape_of(trouble, at) {
            shape @ Shape::Broken(..) => made(kind::SYNTAX_ERROR, shape),
            shape => made(kind::NOT_ANALYSABLE, shape),
        };
    }
    let Some(tokens) = tokens::tokens(sql, span) else {
        return made(kind::NOT_ANALYSABLE, Shape::NotAnalysable(Obscure::Unread, first_word(sql, span)));
    };
    let mut reader = Reader::new(sql, tokens, span);
    let (kind, shape) = match kind::read(&mut reader) {
        Ok(known) => known,
        Err(Unread(at)) => {
            let at = if span.holds(at) && at.start < at.end { at } else { first_word(sql, span) };
            (kind::NOT_ANALYSABLE, Shape::NotAnalysable(Obscure::Unread, at))
        }
    };
    let only = std::mem::take(&mut reader.only);
    let mut uses = std::mem::take(&mut reader.uses);
    let mut queries = std::mem::take(&mut reader.queries);
    uses.append(&mut queries.uses);
    Statement { index, span, kind, shape, only, uses, queries }
}

fn shape_of(trouble: Trouble, at: Span) -> Shape {
    match trouble {
        Trouble::Unfinished => Shape::Broken(Break::Unfinished, at),
        Trouble::Unopened => Shape::Broken(Break::Unopened, at),
        Trouble::Unclosed => Shape::Broken(Break::Unclosed, at),
        Trouble::FullWidth => Shape::Broken(Break::FullWidth, at),
        Trouble::Executable => Shape::NotAnalysable(Obscure::Executable, at),
        Trouble::Control => Shape::NotAnalysable(Obscure::Control, at),
        Trouble::TooDeep | Trouble::TooLong => Shape::NotAnalysable(Obscure::TooBig, at),
    }
}

/// The first word of a statement, for a finding that is about all of it.
pub fn first_word(sql: &str, span: Span) -> Span {
    let text = span.of(sql);
    let length = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    let length = if length == 0 { text.chars().next().map_or(0, char::len_utf8) } else { length };
    Span::new(span.start, span.start + length)
}
