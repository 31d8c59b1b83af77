//! Buttons on cards.

use crate::stage::Stage;

#[tokio::test]
async fn a_dba_approves_and_a_second_click_is_told_by_whom() {
    let stage = Stage::set().await;
    let card = stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    let told = stage.bob().presses(&card, "Approve").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("is approved"), "{told}");
    let mei = stage.sim.person("mei");
    let told =
        mei.presses_id(&card, card.button("Approve").unwrap().custom_id.as_deref().unwrap()).await.unwrap();
    assert!(told.message().unwrap().contains("bob 已经处理过了"), "{told}");
    let card = stage.sim.shows(&card, "approved by @Bob").await.unwrap();
    assert_eq!(card.labels(), ["Withdraw", "Run now", "Pause", "Cancel"]);
    stage.sim.thread_of(&card).wait_for("Approved by @Bob").await.unwrap();
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_developer_who_presses_a_dbas_button_is_told_why_not() {
    let stage = Stage::set().await;
    let card = stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    let told = stage.ann().presses(&card, "Approve").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("Only a DBA may do this"), "{told}");
    // A form does not open for what he may not do.
    let told = stage.ann().presses(&card, "Reject").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("Only a DBA may do this"), "{told}");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_rejection_asks_for_a_reason_and_the_requester_is_notified() {
    let stage = Stage::set().await;
    let card = stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    let form = stage.bob().presses(&card, "Reject").await.unwrap().modal().unwrap();
    assert_eq!(form.title, "Reject · T-1");
    let told =
        form.fill("reason", "**Not** on Friday, @everyone").submit().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("is rejected"), "{told}");
    let thread = stage.sim.thread_of(&card);
    let message = thread.wait_for("Rejected by @Bob").await.unwrap();
    assert_eq!(message.pings, ["ann"]);
    assert!(
        message.embeds[0].description.contains("\\*\\*Not\\*\\* on Friday, @\u{200b}everyone"),
        "{message}"
    );
    let card = stage.sim.shows(&card, "rejected by @Bob").await.unwrap();
    assert!(card.labels().is_empty());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_reason_that_comes_too_late_is_given_back() {
    let stage = Stage::set().await;
    let card = stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    let form = stage.bob().presses(&card, "Reject").await.unwrap().modal().unwrap();
    stage.bob().presses(&card, "Approve").await.unwrap().ephemeral().unwrap();
    let told =
        form.fill("reason", "not in the week of the sale").submit().await.unwrap().ephemeral().unwrap();
    assert!(
        told.contains("Already decided by bob") && told.contains("not in the week of the sale"),
        "{told}"
    );
    stage.ends_well(&[]);
}

#[tokio::test]
async fn the_sql_is_amended_in_a_form_that_holds_it_already() {
    let stage = Stage::set().await;
    let card = stage.filed("DELETE FROM orders").await;
    assert_eq!(card.labels(), ["Amend", "Send to a DBA", "Withdraw"]);
    let form = stage.ann().presses(&card, "Amend").await.unwrap().modal().unwrap();
    assert_eq!(form.inputs[0].value, "DELETE FROM orders");
    let told =
        form.fill("sql", "DELETE FROM orders WHERE id = 7").submit().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("revision 2"), "{told}");
    stage.sim.shows(&card, "Waiting for a DBA").await.unwrap();
    stage.sim.thread_of(&card).wait_for("Ann amended it: revision 2").await.unwrap();
    stage.ends_well(&[]);
}

#[tokio::test]
async fn sql_too_long_for_a_form_is_amended_with_a_file() {
    let stage = Stage::set().await;
    let long = "UPDATE orders SET a = 1 WHERE id = 7;\n".repeat(200);
    let sent = stage
        .ann()
        .types("/sql submit group:shop database:shop reason:long")
        .attach("a.sql", long.as_bytes());
    sent.send().await.unwrap();
    let card = stage.tickets().wait_for("T-1").await.unwrap();
    let told = stage.ann().presses(&card, "Amend").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("/ticket amend ticket:T-1"), "{told}");
    let amend =
        stage.ann().types("/ticket amend ticket:T-1").attach("b.sql", long.replace('7', "8").as_bytes());
    let told = amend.send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("revision 2"), "{told}");
    let message = stage.sim.thread_of(&card).wait_for("amended it").await.unwrap();
    assert_eq!(message.files[0].name, "ticket-1-r2.sql");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn destruction_asks_for_the_service_groups_name() {
    let stage = Stage::set().await;
    let card = stage.filed("DROP TABLE orders").await;
    stage.ann().presses(&card, "Send to a DBA").await.unwrap();
    let card =
        stage.sim.until(&card, "an Approve button", |card| card.button("Approve").is_some()).await.unwrap();
    let form = stage.bob().presses(&card, "Approve").await.unwrap().modal().unwrap();
    let told = form.fill("name", "shpo").submit().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("Type shop to confirm") || told.contains("Type `shop` to confirm"), "{told}");
    let form = stage.bob().presses(&card, "Approve").await.unwrap().modal().unwrap();
    let told = form.fill("name", "shop").submit().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("is approved"), "{told}");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_button_works_after_the_bot_was_restarted_and_an_unknown_one_is_explained() {
    let mut stage = Stage::set().await;
    let card = stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    stage.sim.thread_of(&card).wait_for("Ann filed").await.unwrap();
    stage.kill_bot().await;
    stage.start_bot().await;
    let told = stage.bob().presses_id(&card, "press:gone").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("This button is no longer known"), "{told}");
    let told = stage.bob().presses_id(&card, "from-another-time").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("of another version"), "{told}");
    let told = stage.bob().presses(&card, "Approve").await.unwrap().ephemeral().unwrap();
    assert!(told.contains("is approved"), "{told}");
    stage.ends_well(&[]);
}
