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
