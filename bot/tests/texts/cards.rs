//! Cards in every state.

use crate::sample::{read, ticket};
use dbdesk_bot::reply::card;
use dbdesk_commands::{lang::Lang, wire::ticket::TicketState};

fn all(lang: Lang) -> String {
    TicketState::ALL
        .map(|state| format!("── {state:?} ──\n{}", read(&card::card(&ticket(state, lang)))))
        .join("\n")
}

#[test]
fn a_card_in_every_state_in_english() {
    insta::assert_snapshot!(all(Lang::En));
}

#[test]
fn a_card_in_every_state_in_chinese() {
    insta::assert_snapshot!(all(Lang::Zh));
}

#[test]
fn a_card_approved_by_policy_says_so_and_long_sql_is_cut_with_a_word() {
    let mut ticket = ticket(TicketState::Scheduled, Lang::En);
    (ticket.decided_by, ticket.approved_by_policy, ticket.revision) = (None, true, 3);
    ticket.sql = "INSERT INTO t VALUES (1);\n".repeat(100);
    insta::assert_snapshot!(read(&card::card(&ticket)));
}

#[test]
fn rows_are_told_as_the_least_where_a_statement_was_not_counted() {
    let mut ticket = ticket(TicketState::AwaitingApproval, Lang::En);
    ticket.review.truncate(1);
    assert!(read(&card::card(&ticket)).contains("1 statement · 117 B · 40 rows\n"), "all are counted");
    let mut uncounted = ticket.review[0].clone();
    uncounted.plan = None;
    ticket.review.push(uncounted);
    assert!(read(&card::card(&ticket)).contains("2 statements · 117 B · at least 40 rows\n"));
    ticket.lang = Lang::Zh;
    assert!(read(&card::card(&ticket)).contains("至少 40 行"));
}
