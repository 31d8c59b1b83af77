//! What holds for any review, tried on what nobody would write: generated scripts, schemas and answers of servers, and the
//! corpus that the fuzzers saved.

mod holds;

use dbdesk_review::Edit;
use proptest::prelude::*;
use std::{fs, path::Path};

/// The inputs that a fuzzer saved, each by its name.
fn saved(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut all: Vec<(String, Vec<u8>)> = files
        .map(|file| {
            let path = file.expect("a file of the corpus").path();
            (path.display().to_string(), fs::read(&path).expect("readable"))
        })
        .collect();
    all.sort();
    all
}

fn replay(target: &str, holds: fn(&[u8])) {
    let all = saved(target);
    assert!(all.len() > 20, "only {} inputs are saved for {target}", all.len());
    for (name, bytes) in all {
        // The name is printed only where one fails.
        println!("{name}");
        holds(&bytes);
    }
}

#[test]
fn what_the_fuzzers_saved_of_the_splitter_holds() {
    replay("split", holds::split);
}

#[test]
fn what_the_fuzzers_saved_of_the_grammar_holds() {
    replay("read", holds::read);
}

#[test]
fn what_the_fuzzers_saved_of_the_rules_holds() {
    replay("judge", holds::judge);
}

#[test]
fn what_the_fuzzers_saved_of_the_fixes_holds() {
    replay("mend", holds::mend);
}

/// A case of a rule's page, or a piece of one: near to what people write.
fn written() -> impl Strategy<Value = String> {
    let cases: Vec<String> = dbdesk_review::rules::ALL
        .iter()
        .flat_map(|rule| dbdesk_review::rules::page::Page::of(rule.page).cases)
        .map(|case| case.sql.to_owned())
        .collect();
    prop::sample::select(cases)
}

/// The same, with a piece taken out, written twice, or put elsewhere.
fn broken() -> impl Strategy<Value = String> {
    (written(), written(), any::<[prop::sample::Index; 3]>(), 0..5_u8).prop_map(|(one, other, at, how)| {
        let place = |text: &str, at: &prop::sample::Index| {
            let at = at.index(text.len() + 1);
            (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
        };
        let (a, b) = (place(&one, &at[0]), place(&one, &at[1]));
        let (a, b) = (a.min(b), a.max(b));
        let c = place(&other, &at[2]);
        match how {
            0 => format!("{}{}", &one[..a], &one[b..]),
            1 => format!("{}{}", &one[..b], &one[a..]),
            2 => format!("{}{}{}", &one[..a], &other[c..], &one[b..]),
            3 => format!("{}{}", &one[..a], &other[c..]),
            _ => format!("{one};\n{other}"),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn pieces_joined_are_the_text(text in broken()) {
        holds::split(text.as_bytes());
    }

    #[test]
    fn the_same_script_gets_the_same_answer_and_what_is_not_understood_does_not_pass(text in broken()) {
        holds::read(text.as_bytes());
    }

    #[test]
    fn whatever_a_server_answers_no_rule_panics_and_nothing_obscure_passes(
        choices in "[ -$&-~]{0,60}", schema in broken(), text in broken()
    ) {
        holds::judge(format!("{choices}%%{schema}%%{text}").as_bytes());
    }

    #[test]
    fn a_mended_statement_is_silent_of_what_was_mended_and_the_others_stay(text in broken()) {
        holds::mend(text.as_bytes());
    }

    #[test]
    fn any_edits_leave_a_text_and_each_fix_is_whole_or_absent(
        text in "[a-c订 ]{0,20}",
        fixes in prop::collection::vec(prop::collection::vec((0..30_usize, 0..30_usize, "[X订]{0,2}"), 0..4), 0..5),
    ) {
        let fixes: Vec<Vec<Edit>> = fixes
            .into_iter()
            .map(|fix| {
                let edit = |(start, end, put)| Edit { span: dbdesk_review::Span { start, end }, text: put };
                fix.into_iter().map(edit).collect()
            })
            .collect();
        let mended = dbdesk_review::mend(&text, fixes.iter().map(Vec::as_slice));
        prop_assert_eq!(&mended, &dbdesk_review::mend(&text, fixes.iter().map(Vec::as_slice)));
        let kept = |part: char| text.matches(part).count();
        for part in ['a', 'b', 'c'] {
            prop_assert!(mended.matches(part).count() <= kept(part), "{} makes {}", text, mended);
        }
        if fixes.iter().flatten().all(|edit| text.get(edit.span.start..edit.span.end).is_none()) {
            prop_assert_eq!(mended, text);
        }
    }
}
