//! Slash commands.

use crate::stage::{Stage, eventually};
use std::time::Duration;

#[tokio::test]
async fn a_developer_files_a_ticket_in_a_form_and_follows_it_in_its_thread() {
    let stage = Stage::set().await;
    let form = stage
        .ann()
        .types("/sql submit group:shop database:shop reason:tidy time:quiet")
        .send()
        .await
        .unwrap();
    let form = form.modal().unwrap();
    let prefilled: Vec<_> =
        form.inputs.iter().map(|input| (input.custom_id.as_str(), input.value.as_str())).collect();
    assert_eq!(
        prefilled,
        [("sql", ""), ("reason", "tidy"), ("group", "shop"), ("database", "shop"), ("time", "quiet")]
    );
    let told = form.fill("sql", "UPDATE orders SET a = 1 WHERE id = 7").submit().await.unwrap();
    assert!(
        told.message().unwrap().contains("T-1 is filed")
            || told.message().unwrap().contains("**T-1** is filed"),
        "{told}"
    );
    let card = stage.tickets().wait_for("T-1 · shop / shop").await.unwrap();
    assert_eq!(card.labels(), ["Approve", "Reject", "Amend", "Withdraw"]);
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("reads about 120,000 rows").await.unwrap();
    stage.ann().is_told("Follow it here").await.unwrap();
    insta::assert_snapshot!(stage.ann().reads(&stage.tickets()) + &stage.ann().reads(&thread));
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_long_script_comes_as_a_file_and_is_a_file_in_the_thread() {
    let stage = Stage::set().await;
    let sql = "UPDATE orders SET a = 1 WHERE id = 7;\n".repeat(300);
    let sent = stage.ann().types("/sql submit group:shop database:shop reason:long");
    let told = sent.attach("big.sql", sql.as_bytes()).send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("is filed"), "{told}");
    let card = stage.tickets().wait_for("T-1").await.unwrap();
    let first = stage.sim.thread_of(&card).wait_for("Ann filed 300 statements").await.unwrap();
    assert_eq!(first.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["ticket-1.sql"]);
    assert_eq!(first.files[0].bytes, sql.as_bytes());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_review_is_read_by_the_asker_alone_and_files_nothing() {
    let stage = Stage::set().await;
    let wei = stage.sim.person("wei");
    let form = wei.types("/sql review group:shop database:shop").send().await.unwrap().modal().unwrap();
    let told = form.fill("sql", "DELETE FROM orders").submit().await.unwrap().ephemeral().unwrap();
    insta::assert_snapshot!(told.to_string());
    assert!(stage.tickets().messages().is_empty());
    assert!(stage.double.world().tickets.is_empty());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn options_complete_while_they_are_typed() {
    let stage = Stage::set().await;
    let values = async |line: &str, option: &str, typed: &str| -> Vec<String> {
        let choices = stage.ann().autocompletes(line, option, typed).await.unwrap();
        choices.into_iter().map(|choice| choice.value).collect()
    };
    assert_eq!(values("/sql submit", "group", "sh").await, ["shop"]);
    assert_eq!(values("/sql submit group:shop", "database", "arch").await, ["shop_archive"]);
    assert_eq!(values("/sql submit group:shop", "time", "no").await, ["now"]);
    stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    assert_eq!(values("/ticket show", "ticket", "").await, ["T-1"]);
    stage.double.world().slow = Duration::from_secs(5);
    assert!(values("/sql submit", "group", "sh").await.is_empty(), "a slow backend offers nothing, in time");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn tickets_are_shown_listed_and_taken_back() {
    let stage = Stage::set().await;
    let ann = stage.ann();
    assert!(
        ann.types("/ticket list").send().await.unwrap().message().unwrap().contains("You have no tickets")
    );
    for _ in 0..17 {
        stage.filed("UPDATE orders SET a = 1 WHERE id = 7").await;
    }
    let list = ann.types("/ticket list which:mine").send().await.unwrap().ephemeral().unwrap();
    assert!(list.contains("T-17") && list.contains("T-3") && !list.contains("T-2 "), "{list}");
    ann.presses(&list, "Older").await.unwrap();
    stage.sim.shows(&list, "T-2").await.unwrap();
    let shown = ann.types("/ticket show ticket:T-17").send().await.unwrap().ephemeral().unwrap();
    assert!(shown.contains("T-17 · shop / shop") && shown.contains("Its thread"), "{shown}");
    let taken = ann.types("/ticket withdraw ticket:17").send().await.unwrap().ephemeral().unwrap();
    assert!(taken.contains("is taken back"), "{taken}");
    let card = stage.tickets().wait_for("T-17 ·").await.unwrap();
    let card = stage.sim.shows(&card, "Withdrawn").await.unwrap();
    assert!(card.labels().is_empty());
    // Seventeen cards at once are more than Discord takes in five seconds: 429 is 0 here.
    stage.ends_well(&[0]);
}

#[tokio::test]
async fn help_speaks_the_readers_language_and_knows_his_role() {
    let stage = Stage::set().await;
    let told = stage.sim.person("mei").types("/help").send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("DBA 操作") && told.contains("工单流程"), "{told}");
    let told = stage.ann().types("/help").send().await.unwrap().ephemeral().unwrap();
    assert!(!told.contains("For DBAs") && told.contains("/ticket amend"), "{told}");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn every_interaction_is_acknowledged_at_once_however_slow_the_backend_is() {
    let stage = Stage::set().await;
    stage.double.world().slow = Duration::from_millis(3_500);
    let told = stage.ann().types("/ticket list").send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("You have no tickets"), "{told}");
    let latencies = stage.sim.ack_latencies_ms();
    assert!(!latencies.is_empty() && latencies.iter().all(|ms| *ms < 1_000), "{latencies:?}");
    println!("acknowledged after {latencies:?} ms");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn an_acknowledgement_that_discord_drops_is_sent_again() {
    let stage = Stage::set().await;
    stage.sim.trouble().answer_next(1, 502);
    let told = stage.ann().types("/ticket list").send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("You have no tickets"), "{told}");
    stage.ends_well(&[0]);
}

#[tokio::test]
async fn commands_are_registered_once_and_not_again() {
    let mut stage = Stage::set().await;
    stage.ann().types("/help").send().await.unwrap();
    stage.kill_bot().await;
    stage.start_bot().await;
    let gets = || {
        stage.sim.requests().iter().filter(|it| it.method == "GET" && it.path.contains("/commands")).count()
    };
    eventually("the registered commands looked at", || gets() == 2).await;
    stage.ann().types("/help").send().await.unwrap();
    let puts = stage.sim.requests().iter().filter(|it| it.method == "PUT").count();
    assert_eq!((gets(), puts), (2, 1));
    stage.ends_well(&[]);
}
