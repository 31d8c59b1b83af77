//! Whatever people write, Discord takes the message: checked by twilight-validate, which is not ours.

use crate::{
    rules::{line, view},
    sample::{by, entry, finding, person, ticket},
};
use dbdesk_bot::{
    handle::{sql_review, sql_submit, ticket_show},
    inbound::Review,
    reply::{card, message::Message, modal, rules, story, ticket_lines},
};
use dbdesk_commands::{
    id::{ButtonId, TicketId},
    lang::Lang,
    wire::{
        button::Form,
        entry::{Event, Seen},
        review::Level,
        rule::{RuleLevel, RulePage, Scope},
        ticket::{Risk, TicketLine, TicketPage, TicketState, TicketView},
        waits::Waits,
    },
};
use proptest::prelude::*;
use twilight_model::channel::message::{Component, Embed};

pub fn check(message: Message) -> Result<(), TestCaseError> {
    let (body, files) = message.into_json();
    let problem = |what: &str, error: String| TestCaseError::fail(format!("{what}: {error}\n{body:#}"));
    twilight_validate::message::content(body["content"].as_str().unwrap())
        .map_err(|error| problem("content", error.to_string()))?;
    let embeds: Vec<Embed> = body["embeds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|embed| {
            let mut embed = embed.clone();
            embed["type"] = "rich".into();
            serde_json::from_value(embed).unwrap()
        })
        .collect();
    twilight_validate::message::embeds(&embeds).map_err(|error| problem("embeds", error.to_string()))?;
    let components: Vec<Component> = serde_json::from_value(body["components"].clone()).unwrap();
    twilight_validate::message::components(&components, false)
        .map_err(|error| problem("components", error.to_string()))?;
    for file in files {
        twilight_validate::message::attachment_filename(&file.name)
            .map_err(|error| problem("file", error.to_string()))?;
    }
    let parse = &body["allowed_mentions"]["parse"];
    prop_assert_eq!(parse, &serde_json::json!([]), "nobody is notified by chance");
    if let Some(nonce) = body.get("nonce") {
        prop_assert!(nonce.as_str().unwrap().len() <= 25);
        prop_assert_eq!(&body["enforce_nonce"], &true);
    }
    Ok(())
}

fn wild(text: &str, long: usize) -> TicketView {
    let mut ticket = ticket(TicketState::AwaitingApproval, Lang::En);
    ticket.id = TicketId(u64::MAX);
    for field in [
        &mut ticket.reason,
        &mut ticket.sql,
        &mut ticket.service_group,
        &mut ticket.database,
        &mut ticket.environment,
        &mut ticket.requester.name,
        &mut ticket.sql_hash,
    ] {
        *field = text.repeat(long);
    }
    ticket.decision_reason = Some(text.repeat(long));
    ticket.requester.discord_id = Some(text.to_owned());
    let findings = (0..long).map(|n| {
        let text = text.repeat(n);
        finding(&text, Level::Error, (n, n * 7), [&text, &text, &format!("SELECT {text}")])
    });
    ticket.review[1].findings = findings.collect();
    ticket
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_ticket_breaks_a_limit(text in "(\\PC|[`*_<@>\n\u{202e}\u{0}]){0,30}", long in 0usize..120) {
        let ticket = wild(&text, long);
        check(card::card(&ticket))?;
        check(sql_submit::filed_message(&ticket, Lang::Zh, Some("1")))?;
        check(ticket_show::message(&ticket, Lang::Zh))?;
        let it = Review { group: text.repeat(long), database: text.clone() };
        check(sql_review::message(&ticket.review, &ticket.sql, &it, Lang::En))?;
        let line = TicketLine {
            id: ticket.id,
            state: ticket.state,
            service_group: ticket.service_group.clone(),
            database: ticket.database.clone(),
            requester: ticket.requester.clone(),
            reason: ticket.reason.clone(),
            risk: Risk::High,
            created_at: ticket.created_at,
            task: None,
            card: None,
        };
        let page = TicketPage { tickets: vec![line; 50], next_before: Some(ticket.id) };
        check(ticket_lines::page(&page, "mine", Lang::En))?;
    }

    #[test]
    fn no_log_breaks_a_limit(text in "(\\PC|[`*_<@>\n]){0,30}", long in 0usize..120) {
        let ticket = wild(&text, long);
        let many = text.repeat(long);
        let actor = dbdesk_commands::wire::person::Actor::Person(dbdesk_commands::wire::person::PersonView {
            name: many.clone(),
            discord_id: None,
            ..person(1, "x")
        });
        let (index, total) = (u32::MAX - 1, u32::MAX);
        let done = |n: u32| Event::StatementDone {
            index: n,
            total,
            affected_rows: u64::MAX,
            elapsed_ms: u64::MAX,
            warnings: vec![many.clone(); if n.is_multiple_of(3) { 9 } else { 0 }],
        };
        let mut events = vec![
            Event::Filed { by: actor.clone(), statements: total, bytes: u64::MAX },
            Event::Rejected { by: actor, reason: many.clone() },
            Event::Started { host: many.clone(), pid: total, epoch: u64::MAX },
            Event::TargetUnreachable { message: many.clone(), limit_ms: u64::MAX },
            Event::Waits { waits: Waits::Machine { labels: vec![many.clone(); 9] } },
            Event::LastSeen {
                index,
                connection: u64::MAX,
                instance: many.clone(),
                seen: Seen::Runs { elapsed_ms: u64::MAX, stage: many.clone() },
                binlog: Some(many.clone()),
            },
            Event::StatementFailed { index, total, code: Some(u16::MAX), message: many.clone() },
        ];
        events.extend((0..60).map(done));
        let entries: Vec<_> = (u64::MAX - 100..).zip(events).map(|(id, event)| entry_of(id, event)).collect();
        for told in story::tell(&entries, &ticket, Some(serenity::model::id::RoleId::new(u64::MAX - 1))) {
            check(told.message)?;
        }
    }

    #[test]
    fn no_rule_breaks_a_limit(text in "(\\PC|[`*_<@>\n]){0,30}", long in 0usize..400) {
        let many = text.repeat(long);
        let scope = Scope { service_group: Some(many.clone()), environment: Some(many.clone()) };
        let mut all: Vec<_> = (0..long).map(|n| line(&format!("{text}{n}"), RuleLevel::ALL[n % 5])).collect();
        all.push(line(&many, RuleLevel::Error));
        let page = RulePage { scope: scope.clone(), measure: many.clone(), rules: all, limits: Vec::new() };
        check(rules::list(&page, Lang::En))?;
        let mut view = view(Lang::Zh);
        view.scope = scope;
        for field in [&mut view.what, &mut view.why, &mut view.what_to_do, &mut view.rule.id] {
            field.clone_from(&many);
        }
        (view.bad, view.good) = (Some(many.clone()), Some(many.clone()));
        view.rule.limits = vec![view.rule.limits[0].clone(); long];
        check(rules::page(&view, Lang::Zh))?;
    }

    #[test]
    fn no_form_breaks_a_limit(text in "\\PC{0,60}", long in 0usize..90) {
        let many = text.repeat(long);
        let id = ButtonId("a".repeat(22));
        for modal in [
            modal::submit((&many, &many), &many, &many, true, Lang::En),
            modal::review(&many, &many, Lang::Zh),
            modal::of_button(Form::Sql, &id, &many, (&many, &many), None, Lang::En),
            modal::of_button(Form::Name, &id, "x", (&many, ""), Some(u32::MAX), Lang::Zh),
            modal::of_button(Form::Reason, &id, "x", ("", ""), None, Lang::Zh),
            modal::of_button(Form::Limits, &id, &many, (&many, &many), None, Lang::En),
        ] {
            let body = serde_json::to_value(&modal).unwrap();
            prop_assert!(body["title"].as_str().unwrap().chars().count() <= 45);
            prop_assert!(body["custom_id"].as_str().unwrap().len() <= 100);
            let rows = body["components"].as_array().unwrap();
            prop_assert!((1..=5).contains(&rows.len()));
            for input in rows.iter().map(|row| &row["components"][0]) {
                prop_assert!(input["label"].as_str().unwrap().chars().count() <= 45, "{}", input);
                let max = input["max_length"].as_u64().unwrap();
                prop_assert!(max <= 4_000);
                let value = input["value"].as_str().unwrap_or_default();
                prop_assert!(value.chars().count() as u64 <= max, "{}", input);
            }
        }
    }
}

fn entry_of(id: u64, event: Event) -> dbdesk_commands::wire::entry::Entry {
    dbdesk_commands::wire::entry::Entry { id: dbdesk_commands::id::EntryId(id), ..entry(1, event) }
}

#[test]
fn an_event_by_the_desk_itself_is_named() {
    let told = story::tell(
        &[entry(1, Event::CancelAsked { by: by(2, "x") })],
        &ticket(TicketState::Running, Lang::En),
        None,
    );
    assert_eq!(told.len(), 1);
}
