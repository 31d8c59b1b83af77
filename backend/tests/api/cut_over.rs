//! Hold cut-over and cut over: when the copy of a table takes the table's place.

use crate::{
    stage::{SMALL, Stage},
    throttle::online,
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

async fn verbs(stage: &Stage, id: &Value) -> Result<Vec<String>> {
    let ticket = stage.get("ann", &format!("/v1/tickets/{id}")).await?.ok()?;
    let buttons = ticket["buttons"].as_array().into_iter().flatten();
    Ok(buttons.filter_map(|button| button["verb"].as_str().map(ToOwned::to_owned)).collect())
}

#[tokio::test]
async fn a_dba_holds_the_cut_over_and_lets_it_go_by_a_button() -> Result<()> {
    let stage = Stage::start().await?;
    let id = online(&stage).await?;
    ensure!(
        verbs(&stage, &id).await? == ["pause", "cancel", "throttle", "hold-cut-over"],
        "nothing holds it"
    );
    let press = async |verb: &str| {
        let button = stage.button(&id, verb).await?;
        stage.post("bob", &format!("/v1/buttons/{button}/press"), &json!({})).await?.ok()
    };
    let held = press("hold-cut-over").await?;
    ensure!(held["ticket"]["task"]["cut_over"] == "hold" && held["ticket"]["state"] == "running", "{held:#}");
    ensure!(verbs(&stage, &id).await? == ["pause", "cancel", "throttle", "cut-over"], "it is held");
    let free = press("cut-over").await?;
    ensure!(free["ticket"]["task"]["cut_over"] == "now", "{free:#}");
    let path = format!("/v1/tickets/{id}/cut-over");
    let quiet = stage.post("bob", &path, &json!({ "quiet": true })).await?.ok()?;
    ensure!(quiet["task"]["cut_over"] == "quiet", "{quiet:#}");
    ensure!(
        verbs(&stage, &id).await? == ["pause", "cancel", "throttle", "hold-cut-over", "cut-over"],
        "it waits for a window"
    );
    ensure!(
        stage.story(&id).await? == "filed approved cut_over_asked cut_over_asked cut_over_asked",
        "its log: {}",
        stage.story(&id).await?
    );
    // What was said is of this run only.
    stage.store.sql("UPDATE desk.task SET state = 'failed'; UPDATE desk.ticket SET state = 'failed'").await?;
    let again = stage.post("bob", &format!("/v1/tickets/{id}/retry"), &json!({})).await?.ok()?;
    ensure!(again["task"].get("cut_over").is_none(), "{again:#}");
    ensure!(verbs(&stage, &id).await?.contains(&"hold-cut-over".to_owned()), "it is held before it starts");
    Ok(())
}

#[tokio::test]
async fn where_quiet_windows_are_waited_for_a_running_ticket_can_be_let_go_at_once() -> Result<()> {
    let stage = Stage::with(|config| config.ddl.cut_over_in_quiet_window = true).await?;
    let id = online(&stage).await?;
    stage.store.sql("UPDATE desk.task SET started_at = UTC_TIMESTAMP(3)").await?;
    ensure!(
        verbs(&stage, &id).await? == ["pause", "cancel", "throttle", "hold-cut-over", "cut-over"],
        "it waits by itself"
    );
    stage.post("bob", &format!("/v1/tickets/{id}/cut-over"), &json!({})).await?.ok()?;
    ensure!(verbs(&stage, &id).await? == ["pause", "cancel", "throttle", "hold-cut-over"], "it does not");
    Ok(())
}

#[tokio::test]
async fn who_may_not_and_what_has_no_cut_over_or_has_begun_it_is_refused() -> Result<()> {
    let stage = Stage::start().await?;
    let id = online(&stage).await?;
    let mut told = String::new();
    for verb in ["hold-cut-over", "cut-over"] {
        told += &stage.both("ann", &format!("/v1/tickets/{id}/{verb}"), &json!({})).await?;
    }
    stage.store.sql("UPDATE desk.task SET cuts_over = 1").await?;
    ensure!(verbs(&stage, &id).await? == ["pause", "cancel", "throttle"], "it has begun");
    told += &stage.both("bob", &format!("/v1/tickets/{id}/hold-cut-over"), &json!({})).await?;
    stage
        .store
        .sql("UPDATE desk.task SET cuts_over = 0; UPDATE desk.service_group SET spec = JSON_REMOVE(spec, '$.quiet')")
        .await?;
    told += &stage.both("bob", &format!("/v1/tickets/{id}/cut-over"), &json!({ "quiet": true })).await?;
    stage.post("bob", &format!("/v1/tickets/{id}/cancel"), &json!({})).await?.ok()?;
    stage.post("bob", &format!("/v1/tickets/{id}/cut-over"), &json!({})).await?.refused("wrong-state")?;
    let plain = stage.submit(SMALL).await?;
    told += &stage.both("bob", &format!("/v1/tickets/{}/cut-over", plain["id"]), &json!({})).await?;
    stage.store.sql("UPDATE desk.ticket SET state = 'done'").await?;
    told += &stage.both("bob", &format!("/v1/tickets/{id}/hold-cut-over"), &json!({})).await?;
    let task = stage.store.sql("SELECT COUNT(cut_over) FROM desk.task").await?;
    ensure!(task == "0", "nothing was kept of what was refused");
    insta::assert_snapshot!(told);
    Ok(())
}
