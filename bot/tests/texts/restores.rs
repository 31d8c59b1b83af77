//! What the binary log has, as the one reads it who asked.

use crate::sample::{at, read, ticket};
use dbdesk_bot::reply::restores;
use dbdesk_commands::{
    id::RestoreId,
    lang::Lang,
    wire::{
        restore::{RestoreTransaction, RestoreView},
        ticket::TicketState,
    },
};

fn found(is_told: bool) -> RestoreView {
    let one = RestoreTransaction {
        at: at(60),
        gtid: Some("0-1-42".into()),
        connection: None,
        account: None,
        statement: Some("DELETE FROM orders\nWHERE note = '`a`'".into()),
        deleted: 4,
        changed: 0,
        inserted: 0,
        rows: vec!["id = 1".into(), "id = 2".into(), "id = **3**".into()],
    };
    let two = RestoreTransaction {
        gtid: None,
        connection: Some(77),
        account: is_told.then(|| "shop@10.0.0.1".into()),
        statement: None,
        deleted: 0,
        changed: 1,
        inserted: 1,
        rows: vec!["id = 7".into(), "id = 8".into()],
        ..one.clone()
    };
    RestoreView {
        id: RestoreId(5),
        service_group: "shop".into(),
        database: "shop".into(),
        table: "orders".into(),
        from: at(0),
        until: at(600),
        deleted: 4,
        changed: u64::from(is_told),
        inserted: u64::from(is_told),
        transactions: vec![one, two],
        more: if is_told { 1_234 } else { 0 },
    }
}

#[test]
fn what_was_found_in_the_binary_log() {
    let text = [Lang::En, Lang::Zh].map(|lang| {
        let filed = restores::filed(&ticket(TicketState::AwaitingApproval, lang), lang);
        let found = [true, false].map(|is_told| read(&restores::found(&found(is_told), lang)));
        format!("{}──\n{}", found.join("──\n"), read(&filed))
    });
    insta::assert_snapshot!(text.join("════\n"));
}
