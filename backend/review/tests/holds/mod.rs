//! What holds for any input. Used by the fuzzers, by the replay of their saved corpus, and by the property tests, so that
//! all three mean the same. An input is bytes; what is no UTF-8 in it is replaced, as a text in a request is UTF-8.

mod facts;

use dbdesk_commands::{lang::Lang, wire::problem::Code};
use dbdesk_review::{
    Edit, Facts, Found, Judged, PolicyLimits, RuleLevel, Script, Settings, Statement, StatementJudged,
    shape::Shape,
    split::{self, Piece},
};

/// A policy that lets pass whatever may pass at all.
const GENEROUS: PolicyLimits =
    PolicyLimits { affected_rows: u64::MAX, ddl_table_bytes: u64::MAX, statements: usize::MAX };

/// The splitter: the pieces touch and are the text when joined; statements and troubles lie inside them.
pub fn split(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let pieces = split::split(text);
    let joined: String = pieces.iter().map(|piece| piece.whole.of(text)).collect();
    assert_eq!(joined, text, "splitting and joining changes the text");
    for piece in &pieces {
        in_place(text, piece);
    }
    assert_eq!(split::split(text), pieces, "another answer for the same text");
    // A statement alone is the statement again: what runs is what was reviewed.
    let delimited = text.to_ascii_lowercase().contains("delimiter");
    for piece in pieces.iter().filter(|piece| !piece.is_empty() && piece.trouble.is_none() && !delimited) {
        let alone = split::split(piece.span.of(text));
        assert_eq!(alone.len(), 1, "{:?} is cut again", piece.span.of(text));
    }
}

fn in_place(text: &str, piece: &Piece) {
    assert!(piece.whole.holds(piece.span), "{piece:?}");
    assert!(text.get(piece.span.start..piece.span.end).is_some(), "{piece:?} cuts a character");
    if let Some((_, span)) = piece.trouble {
        assert!(piece.span.holds(span), "{piece:?}");
        assert!(text.get(span.start..span.end).is_some(), "{piece:?} cuts a character");
    }
}

/// The grammar: every text gets an answer, the same twice; without any facts, what is not understood never passes.
pub fn read(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let Some(script) = script(text) else { return };
    assert_eq!(script.sql(), text);
    for statement in script.statements() {
        assert!(text.get(statement.span.start..statement.span.end).is_some(), "{statement:?}");
        assert!(statement.span.start < statement.span.end, "{statement:?}");
        if let Shape::NotAnalysable(_, at) | Shape::Broken(_, at) = statement.shape {
            assert!(statement.span.holds(at), "{statement:?}");
            assert!(text.get(at.start..at.end).is_some(), "{statement:?}");
        }
        for only in &statement.only {
            assert!(statement.span.holds(only.span), "{statement:?}");
        }
    }
    assert!(dbdesk_review::read(text).as_ref() == Ok(&script), "another answer for the same text");
    judged(&script, &Facts::default(), &Settings::default());
    judged(&script, &Facts::of_schema(&script), &Settings::default());
}

/// The rules: an input is choices, a schema and a script, between lines of `%%`. Whatever the server is said to have
/// answered, the rules neither panic nor let pass what is not understood.
pub fn judge(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(3, "%%");
    let (choices, schema, sql) = (parts.next(), parts.next(), parts.next());
    let (Some(choices), Some(schema), Some(sql)) = (choices, schema, sql) else { return };
    let Some(script) = script(sql) else { return };
    let known = dbdesk_review::read(schema).ok();
    let (facts, settings) = facts::chosen(choices.as_bytes(), known.as_ref(), &script);
    judged(&script, &facts, &settings);
}

/// Certain fixes: the mended text is reviewed again, and the rules whose findings were mended are silent where they spoke.
pub fn mend(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let Some(script) = script(text) else { return };
    let (facts, settings) = (Facts::of_schema(&script), Settings::default());
    mended(&script, &judged(&script, &facts, &settings), &facts, &settings);
    // Every rule on, those too that are off by default.
    let rules =
        dbdesk_review::rules::ALL.iter().map(|rule| (rule.id.to_owned(), RuleLevel::Notice)).collect();
    let settings = Settings { rules, ..settings };
    mended(&script, &judged(&script, &facts, &settings), &facts, &settings);
}

fn mended(script: &Script, judged: &Judged, facts: &Facts, settings: &Settings) {
    let sql = script.sql();
    let fixes: Vec<&[Edit]> =
        judged.findings().map(|found| &*found.edits).filter(|edits| !edits.is_empty()).collect();
    let all = dbdesk_review::mend(sql, fixes.iter().copied());
    assert_eq!(all, dbdesk_review::mend(sql, fixes.iter().copied()), "another answer for the same fixes");
    if let Ok(again) = dbdesk_review::read(&all) {
        // More of them where a full-width semicolon was mended, fewer where one went into another.
        let joined = judged.findings().filter(|found| found.rule == INTO_ANOTHER_STATEMENT).count();
        let least = script.statements().len().saturating_sub(joined);
        assert!(again.statements().len() >= least, "{all:?} has fewer statements");
    } else {
        assert!(all.len() > sql.len(), "{all:?} can not be read");
    }
    for (statement, read) in judged.statements.iter().zip(script.statements()) {
        for found in statement.findings.iter().filter(|found| !found.edits.is_empty()).take(4) {
            one_mended(script, read, statement, found, facts, settings);
        }
    }
}

/// The rule whose fix joins a statement to one before it.
const INTO_ANOTHER_STATEMENT: &str = "alters-not-merged";
/// The rule whose fix writes the same change as an ALTER TABLE.
const INTO_ANOTHER_KIND: &str = "index-outside-alter";

/// One fix alone: its statement is as much understood as it was, the others are the same bytes, and the rule finds less.
fn one_mended(
    script: &Script,
    read: &Statement,
    statement: &StatementJudged,
    found: &Found,
    facts: &Facts,
    settings: &Settings,
) {
    let text = dbdesk_review::mend(script.sql(), [&*found.edits]);
    assert_ne!(text, script.sql(), "{found:?} changes nothing");
    let Ok(again) = dbdesk_review::read(&text) else { return };
    if found.rule == INTO_ANOTHER_STATEMENT {
        assert!(again.statements().len() < script.statements().len(), "{found:?} joins nothing in {text:?}");
        return;
    }
    let Some(now) = again.statements().get(read.index) else {
        panic!("{found:?} loses a statement: {text:?}")
    };
    if !matches!(read.shape, Shape::NotAnalysable(..) | Shape::Broken(..)) {
        let rewritten = found.rule == INTO_ANOTHER_KIND;
        assert!(rewritten || now.kind == read.kind, "{found:?} makes {:?} of the statement", again.text(now));
        assert_eq!(again.statements().len(), script.statements().len(), "{found:?} makes {text:?}");
        for (old, new) in script.statements().iter().zip(again.statements()) {
            let same = script.text(old) == again.text(new);
            assert!(old.index == read.index || same, "{found:?} changes another statement: {text:?}");
        }
    }
    let count = |statements: &[StatementJudged]| {
        statements
            .iter()
            .flat_map(|statement| &statement.findings)
            .filter(|other| other.rule == found.rule)
            .count()
    };
    let full = statement.findings.len() > dbdesk_review::judge::MAX_FINDINGS;
    let (before, after) =
        (dbdesk_review::judge(script, facts, settings), dbdesk_review::judge(&again, facts, settings));
    assert!(
        full || count(&after.statements) < count(&before.statements),
        "{found:?}\nis found again in {text:?}"
    );
}

fn script(text: &str) -> Option<Script> {
    match dbdesk_review::read(text) {
        Ok(script) => Some(script),
        Err(refusal) => {
            assert_ne!(refusal.code, Code::Fault, "the reading thread died: {text:?}");
            None
        }
    }
}

/// Reviews, and holds the review to what must be true of any.
pub fn judged(script: &Script, facts: &Facts, settings: &Settings) -> Judged {
    assert_eq!(script.questions(settings), script.questions(settings));
    assert_eq!(script.plan(settings, 500), script.plan(settings, 500));
    let judged = dbdesk_review::judge(script, facts, settings);
    assert_eq!(judged, dbdesk_review::judge(script, facts, settings), "another answer for the same script");
    assert_eq!(judged.statements.len(), script.statements().len());
    for (statement, read) in judged.statements.iter().zip(script.statements()) {
        assert_eq!((statement.index, statement.span), (read.index, read.span));
        findings(script.sql(), statement);
        if matches!(read.shape, Shape::NotAnalysable(..) | Shape::Broken(..)) {
            // Settings may make a finding slight, but never a statement understood.
            let blocked = statement.findings.iter().any(|found| found.level.blocks());
            assert!(blocked || !settings.rules.is_empty(), "{statement:?} passes");
            assert!(!judged.within_policy(&GENEROUS), "a script with {statement:?} is within policy");
        }
    }
    if !facts.live || judged.blocks() || judged.statements.iter().any(|statement| statement.destroys) {
        assert!(!judged.within_policy(&GENEROUS), "nobody looks at {judged:?}");
    }
    for lang in [Lang::En, Lang::Zh] {
        let _ = dbdesk_review::print::print("a.sql", script.sql(), &judged, lang);
    }
    judged
}

fn findings(sql: &str, statement: &StatementJudged) {
    assert!(statement.findings.len() <= dbdesk_review::judge::MAX_FINDINGS + 1);
    for found in &statement.findings {
        assert!(statement.span.holds(found.span), "{found:?} is not in {:?}", statement.span);
        assert!(sql.get(found.span.start..found.span.end).is_some(), "{found:?} cuts a character");
        for edit in &found.edits {
            let inside = statement.span.holds(edit.span) || found.rule == INTO_ANOTHER_STATEMENT;
            assert!(inside, "{found:?} mends outside of {:?}", statement.span);
            assert!(sql.get(edit.span.start..edit.span.end).is_some(), "{found:?} cuts a character");
        }
        for said in [&found.message, &found.why, &found.fix] {
            assert!(!said.en.trim().is_empty() && !said.zh.trim().is_empty(), "{found:?}");
            assert!(said.en.len() < 8_000 && said.zh.len() < 8_000, "{} is long", found.rule);
        }
    }
}
