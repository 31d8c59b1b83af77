//! Answers to the asker: filed, shown, listed, done, refused, helped.

use crate::sample::{SQL, at, person, read, review, ticket};
use dbdesk_bot::{
    backend::BackendError,
    handle::{card_button, help, sql_review, sql_submit, ticket_amend, ticket_show},
    inbound::Review,
    reply::{problem, ticket_lines},
};
use dbdesk_commands::{
    id::TicketId,
    lang::{Lang, Said},
    wire::{
        button::ButtonPressed,
        person::Role,
        problem::{Code, Problem},
        ticket::{Risk, TicketLine, TicketPage, TicketState, TicketVerb},
    },
};

const LANGS: [Lang; 2] = [Lang::En, Lang::Zh];

#[test]
fn a_filed_and_an_amended_ticket() {
    let text = LANGS.map(|lang| {
        let ticket = ticket(TicketState::AwaitingChoice, lang);
        let filed = sql_submit::filed_message(&ticket, lang, None);
        let linked = sql_submit::filed_message(&ticket, lang, Some("386"));
        format!("{}──\n{}──\n{}", read(&filed), linked.content, read(&ticket_amend::amended(&ticket, lang)))
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn a_review_alone() {
    let it = Review { group: "shop".into(), database: "shop".into() };
    let text = LANGS.map(|lang| {
        let clean = sql_review::message(&[], "", &it, lang);
        format!("{}──\n{}", read(&sql_review::message(&review(lang), SQL, &it, lang)), read(&clean))
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn a_ticket_shown() {
    insta::assert_snapshot!(read(&ticket_show::message(&ticket(TicketState::Failed, Lang::Zh), Lang::En)));
}

#[test]
fn a_list_of_tickets() {
    let line = |id: u64, state| TicketLine {
        id: TicketId(id),
        state,
        service_group: "shop".into(),
        database: "shop".into(),
        requester: person(1, "ann"),
        reason: "close [old](http://x) orders".into(),
        risk: Risk::Low,
        created_at: at(0),
        task: None,
        card: None,
    };
    let page = TicketPage {
        tickets: vec![line(42, TicketState::Running), line(41, TicketState::Done)],
        next_before: Some(TicketId(41)),
    };
    let none = TicketPage { tickets: vec![], next_before: None };
    let text = LANGS.map(|lang| {
        let empty =
            ["mine", "open", "all"].map(|which| read(&ticket_lines::page(&none, which, lang))).concat();
        format!("{}──\n{empty}", read(&ticket_lines::page(&page, "open", lang)))
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn what_was_done_after_a_button() {
    let text = LANGS.map(|lang| {
        let done = TicketVerb::ALL.map(|verb| {
            let state = match verb {
                TicketVerb::Reject => TicketState::Rejected,
                TicketVerb::Withdraw => TicketState::Withdrawn,
                TicketVerb::SendToDba | TicketVerb::Amend | TicketVerb::Fix => TicketState::AwaitingApproval,
                TicketVerb::Approve => TicketState::Scheduled,
                _ => TicketState::Running,
            };
            let pressed = ButtonPressed { verb, ticket: ticket(state, lang), collected: None };
            format!("{verb:?}: {}", read(&card_button::done(&pressed, lang)))
        });
        done.concat()
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn every_way_of_not_being_answered() {
    let text = LANGS.map(|lang| {
        let said = Said::fixed("The name is `shop`, not *shpo*.", "名称是 `shop`，不是 *shpo*。");
        let mut refused = Problem::new(Code::NotConfirmed, &said, lang);
        let plain = problem::of_error(&BackendError::Refused(Box::new(refused.clone())), lang);
        (refused.code, refused.instance) = (Code::Fault, Some("req-17".into()));
        let errors = [
            BackendError::Refused(Box::new(refused)),
            BackendError::Down(String::new()),
            BackendError::Unknown(String::new()),
            BackendError::Fault(String::new()),
        ];
        let errors = errors.map(|error| read(&problem::of_error(&error, lang))).concat();
        format!("{}{errors}{}", read(&plain), read(&problem::with_sql_back(plain.clone(), SQL, lang)))
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn help_by_role() {
    let text = LANGS.map(|lang| read(&help::message(&[Role::Developer, Role::Dba, Role::Admin], lang)));
    insta::assert_snapshot!(text.join("════\n"));
    let developer = read(&help::message(&[Role::Developer], Lang::En));
    assert!(!developer.contains("For DBAs") && !developer.contains("For admins"));
}
