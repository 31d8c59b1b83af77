//! What becomes of the tables, as the thread shows it.

use crate::sample::{by, entry, read, ticket};
use dbdesk_bot::{
    handle::sql_review,
    inbound::Review,
    reply::{limits, message::Message, story, tables},
};
use dbdesk_commands::{
    lang::Lang,
    wire::{
        entry::Event,
        review::{TableDiff, TableFate},
        ticket::{TicketState, TicketView},
    },
};

fn table(name: &str, was: Option<&str>, fate: TableFate, diff: &str) -> TableDiff {
    let was = was.map(str::to_owned);
    TableDiff { database: "shop".into(), table: name.into(), was, fate, diff: diff.into(), is_cut: false }
}

/// A ticket that passes and changes these tables.
fn changing(tables: Vec<TableDiff>, lang: Lang) -> TicketView {
    let mut ticket = ticket(TicketState::AwaitingApproval, lang);
    ticket.review.truncate(1);
    ticket.review[0].tables = tables;
    ticket
}

fn told(ticket: &TicketView) -> Vec<story::Told> {
    let filed = Event::Filed { by: by(1, "ann"), statements: 1, bytes: 48 };
    story::tell(&[entry(1, filed)], ticket, None)
}

/// Each fate of a table.
fn of_each_fate() -> Vec<TableDiff> {
    let changed = "   `status` varchar(20) NOT NULL,\n-  `note` varchar(200) DEFAULT NULL,\n+  `note` text DEFAULT NULL COMMENT '```',\n   PRIMARY KEY (`id`)\n";
    let made = "+CREATE TABLE `payments` (\n+  `id` int(11) NOT NULL\n+) ENGINE=InnoDB\n";
    let renamed = "-CREATE TABLE `customers` (\n+CREATE TABLE `buyers` (\n";
    vec![
        table("orders", None, TableFate::Changed, changed),
        table("payments", None, TableFate::Created, made),
        table("buyers", Some("customers"), TableFate::Changed, renamed),
        table("logs", None, TableFate::Dropped, "-CREATE TABLE `logs` (\n"),
    ]
}

fn alone(ticket: &TicketView) -> Message {
    let it = Review { group: "shop".into(), database: "shop".into() };
    sql_review::message(&ticket.review, &ticket.sql, &it, ticket.lang)
}

fn fits(message: &Message) {
    let embeds = &message.embeds;
    let all: usize = embeds.iter().map(|e| limits::length(&e.title) + limits::length(&e.text)).sum();
    assert!(embeds.len() <= limits::EMBEDS && all <= limits::EMBEDS_TOTAL, "{all}");
    assert!(embeds.iter().all(|embed| embed.text.matches("```").count() % 2 == 0), "a block is not closed");
}

#[test]
fn a_review_alone_shows_them_too() {
    for lang in [Lang::En, Lang::Zh] {
        insta::assert_snapshot!(read(&alone(&changing(of_each_fate(), lang))));
    }
}

#[test]
fn a_review_alone_shows_findings_and_tables_in_one_message_and_the_rest_in_files() {
    let diff = "+  `column` varchar(200),\n".repeat(200);
    let mut ticket = ticket(TicketState::Returned, Lang::En);
    let finding = ticket.review.iter().flat_map(|one| &one.findings).next().cloned().expect("a finding");
    ticket.review[0].findings = vec![finding; 40];
    ticket.review[0].tables =
        (0..12).map(|n| table(&format!("t_{n}"), None, TableFate::Created, &diff)).collect();
    let message = alone(&ticket);
    fits(&message);
    assert!(message.embeds[0].title.starts_with("Statement"), "{:?}", message.embeds);
    assert!(
        message.embeds.last().is_some_and(|embed| embed.title.contains("shop.t_0")),
        "{:?}",
        message.embeds
    );
    let names: Vec<&str> = message.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["review.txt", "tables.diff"]);
    assert!(message.files[1].bytes.len() > 12 * diff.len());
}

#[test]
fn the_thread_shows_each_table_before_and_after() {
    for lang in [Lang::En, Lang::Zh] {
        let messages: Vec<String> =
            told(&changing(of_each_fate(), lang)).iter().map(|told| read(&told.message)).collect();
        insta::assert_snapshot!(messages.join("\n────\n"));
    }
}

#[test]
fn many_and_long_diffs_are_cut_to_what_discord_takes_and_whole_in_a_file() {
    let long: String = (0..900)
        .flat_map(|n| ["+  `column_".to_owned(), n.to_string(), "` varchar(200),\n".to_owned()])
        .collect();
    let tables: Vec<TableDiff> =
        (0..40).map(|n| table(&format!("t_{n}"), None, TableFate::Created, &long)).collect();
    let ticket = changing(tables, Lang::En);
    let told = told(&ticket);
    let shown: usize = told.iter().map(|told| told.message.embeds.len()).sum();
    assert_eq!(shown, 1 + tables::SHOWN);
    let file = &told[0].message.files[0];
    assert!(file.name.ends_with("tables.diff") && file.bytes.len() > 40 * long.len(), "{}", file.bytes.len());
    for told in &told {
        fits(&told.message);
    }
}
