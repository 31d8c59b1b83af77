//! What is said of people: who is who, who stands in, what is done without approval.

use chrono::{DateTime, Utc};
use dbdesk_bot::reply::{delegations, emergencies, message::Message, notices};
use dbdesk_commands::{
    id::{ButtonId, DelegationId, EmergencyId, NoticeId, PersonId, TicketId},
    lang::{Lang, Said},
    wire::{
        delegation::{DelegationPage, DelegationView},
        emergency::{EmergencyPage, EmergencyView},
        link::LinkAsked,
        notice::{
            EmergencyEnd, LinkObstacle, LinkOutcome, NoticeBehind, NoticeButton, NoticeChannel,
            NoticeContent, NoticePressed, NoticeVerb, Reviewed,
        },
        person::{PersonView, Role},
    },
};
use serenity::model::id::RoleId;
use std::fmt::Write as _;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_370_400 + 60 * minute, 0).unwrap()
}

fn person(id: u64, name: &str) -> PersonView {
    PersonView { id: PersonId(id), name: name.to_owned(), discord_id: (id != 9).then(|| format!("{id}")) }
}

pub(crate) fn read(message: &Message) -> String {
    let pings: Vec<String> = message.pings.iter().map(|id| format!("<@{id}>")).collect();
    let roles: Vec<String> = message.role_pings.iter().map(|id| format!("<@&{id}>")).collect();
    let mut text = format!("{}\n", message.content);
    for embed in &message.embeds {
        writeln!(text, "# {}\n{}", embed.title, embed.text).unwrap();
        for (name, value, _) in &embed.fields {
            writeln!(text, "- {name}: {value}").unwrap();
        }
    }
    for button in &message.buttons {
        writeln!(text, "[{}] {}", button.label, button.custom_id).unwrap();
    }
    text + &format!("notified: {} {}\n", pings.join(" "), roles.join(" "))
}

fn notice(content: NoticeContent, lang: Lang, buttons: &[NoticeVerb]) -> String {
    let button = |verb: &NoticeVerb| NoticeButton { id: ButtonId(format!("b-{}", verb.word())), verb: *verb };
    let it = NoticeBehind {
        id: NoticeId(7),
        channel: NoticeChannel::Admins,
        lang,
        version: 1,
        content,
        buttons: buttons.iter().map(button).collect(),
        place: None,
    };
    read(&notices::notice(&it, Some(RoleId::new(50))))
}

fn asked(outcome: Option<LinkOutcome>) -> NoticeContent {
    NoticeContent::LinkAsked {
        discord_id: "418273645512002001".to_owned(),
        name: "`@everyone` **ann** \u{202e}".to_owned(),
        lapses_at: at(60),
        admins: vec![person(5, "sam"), person(9, "no-chat")],
        obstacle: None,
        first: None,
        outcome,
    }
}

fn emergency(ended: Option<EmergencyEnd>, reviewed: Option<Reviewed>) -> NoticeContent {
    NoticeContent::Emergency {
        id: EmergencyId(3),
        service_group: "shop".to_owned(),
        person: person(3, "bob"),
        reason: "orders are lost, <@&50> @here".to_owned(),
        from: at(0),
        until: at(30),
        admins: vec![person(5, "sam")],
        ended,
        reviewed,
    }
}

#[test]
fn every_notice_in_both_languages() {
    let mut all = String::new();
    for lang in [Lang::En, Lang::Zh] {
        all += &notice(asked(None), lang, &NoticeVerb::OF_LINK);
        for why in [LinkObstacle::NoPerson, LinkObstacle::HasAccount] {
            let mut hindered = asked(None);
            if let NoticeContent::LinkAsked { obstacle, .. } = &mut hindered {
                *obstacle = Some(why);
            }
            all += &notice(hindered, lang, &NoticeVerb::OF_LINK);
        }
        let mut vouched = asked(None);
        if let NoticeContent::LinkAsked { first, .. } = &mut vouched {
            *first = Some(person(5, "sam"));
        }
        all += &notice(vouched, lang, &NoticeVerb::OF_LINK);
        for outcome in [
            LinkOutcome::Confirmed { by: person(5, "sam"), at: at(1) },
            LinkOutcome::Refused { by: person(5, "sam"), at: at(1) },
            LinkOutcome::Replaced { at: at(1) },
            LinkOutcome::Lapsed { at: at(1) },
            LinkOutcome::Operator { name: "ann".to_owned(), at: at(1) },
        ] {
            all += &notice(asked(Some(outcome)), lang, &[]);
        }
        let end = |by: Option<PersonView>, tickets: u64| {
            Some(EmergencyEnd { at: at(10), by, tickets: (1..=tickets).map(TicketId).collect() })
        };
        let review = Reviewed { by: person(4, "mei"), at: at(20), text: "needed, _and_ well".to_owned() };
        all += &notice(emergency(None, None), lang, &[]);
        all += &notice(emergency(end(Some(person(3, "bob")), 2), None), lang, &[]);
        all += &notice(emergency(end(None, 0), None), lang, &[]);
        all += &notice(emergency(end(None, 70), Some(review)), lang, &[]);
        let reminder = NoticeContent::EmergencyNotReviewed {
            id: EmergencyId(3),
            service_group: "shop".to_owned(),
            person: person(3, "bob"),
            ended_at: at(10),
            people: vec![person(4, "mei"), person(5, "sam")],
        };
        all += &notice(reminder, lang, &[]);
        let drift = |ticket: Option<u64>, mended: bool| NoticeContent::Drift {
            service_group: "shop".to_owned(),
            differences: vec![Said::fixed("db-2:3306 takes writes, @here", "db-2:3306 可写 @here")],
            since: at(0),
            dbas: vec![person(4, "mei")],
            ticket: ticket.map(TicketId),
            mended_at: mended.then(|| at(30)),
        };
        all += &notice(drift(None, false), lang, &NoticeVerb::OF_DRIFT);
        all += &notice(drift(Some(7), false), lang, &NoticeVerb::OF_DRIFT);
        all += &notice(drift(Some(7), true), lang, &[]);
        all.push_str("════\n");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn every_answer_in_both_languages() {
    let mut all = String::new();
    let it = |ended: Option<i64>| EmergencyView {
        id: EmergencyId(3),
        service_group: "shop".to_owned(),
        person: person(3, "bob"),
        reason: "orders are lost".to_owned(),
        from: at(0),
        until: at(30),
        ended_at: ended.map(at),
        tickets: vec![TicketId(4)],
        reviewed: None,
    };
    let delegation = |lacks: &[Role]| DelegationView {
        id: DelegationId(2),
        person: person(3, "bob"),
        to: person(1, "ann"),
        from: at(0),
        until: at(600),
        reason: "leave @here".to_owned(),
        by: person(3, "bob"),
        ended_at: None,
        lacks: lacks.to_vec(),
    };
    for lang in [Lang::En, Lang::Zh] {
        let confirmed = LinkOutcome::Confirmed { by: person(5, "sam"), at: at(1) };
        let pressed = |verb| NoticePressed { verb, content: asked(Some(confirmed.clone())) };
        all += &read(&notices::pressed(
            &NoticePressed { verb: NoticeVerb::Confirm, content: asked(None) },
            lang,
        ));
        for message in [
            notices::asked(&LinkAsked { lapses_at: at(60) }, lang),
            notices::unlinked(&person(9, "ann"), lang),
            notices::pressed(&pressed(NoticeVerb::Confirm), lang),
            notices::pressed(&pressed(NoticeVerb::Refuse), lang),
            emergencies::on(&it(None), lang),
            emergencies::off(&it(Some(10)), lang),
            emergencies::reviewed(&it(Some(10)), lang),
            emergencies::list(
                &EmergencyPage { emergencies: vec![it(None), it(Some(10))], own_only: false },
                lang,
            ),
            emergencies::list(&EmergencyPage { emergencies: Vec::new(), own_only: false }, lang),
            emergencies::list(&EmergencyPage { emergencies: Vec::new(), own_only: true }, lang),
            delegations::added(&delegation(&[]), lang),
            delegations::added(&delegation(&[Role::Dba]), lang),
            delegations::ended(&delegation(&[]), lang),
            delegations::list(&DelegationPage { delegations: vec![delegation(&[])] }, lang),
            delegations::list(&DelegationPage { delegations: Vec::new() }, lang),
        ] {
            all += &read(&message);
        }
        all.push_str("════\n");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_longest_of_everything_still_is_a_message_that_discord_takes() {
    let long = "`@everyone` 长\u{202e}*".repeat(200);
    let content = NoticeContent::Emergency {
        id: EmergencyId(u64::MAX),
        service_group: long.clone(),
        person: person(9, &long),
        reason: long.clone(),
        from: at(0),
        until: at(30),
        admins: (1..=20).map(|id| person(u64::MAX - id, &long)).collect(),
        ended: Some(EmergencyEnd {
            at: at(1),
            by: Some(person(9, &long)),
            tickets: (0..500).map(|id| TicketId(u64::MAX - id)).collect(),
        }),
        reviewed: Some(Reviewed { by: person(9, &long), at: at(2), text: long }),
    };
    let it = NoticeBehind {
        id: NoticeId(u64::MAX),
        channel: NoticeChannel::Alerts,
        lang: Lang::Zh,
        version: 1,
        content,
        buttons: Vec::new(),
        place: None,
    };
    let message = notices::notice(&it, None).fitted();
    for embed in &message.embeds {
        assert!(embed.fields.iter().all(|(_, value, _)| (1..=1_024).contains(&value.chars().count())));
        assert!(embed.title.chars().count() <= 256 && embed.text.chars().count() <= 4_096);
    }
    assert!(message.content.chars().count() <= 2_000);
}
