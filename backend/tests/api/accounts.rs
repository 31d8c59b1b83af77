//! Accounts: what may be asked for, who sees and steers one, and the password that is handed over once.

use crate::stage::{Stage, line};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::{config::Secret, service::account_expiry};
use dbdesk_commands::{id::AccountId, wire::account::AccountState};
use dbdesk_executor::run::secret_place;
use dbdesk_store::account_secret::{self, Kind};
use dbdesk_undo::sealed::{NONCE_BYTES, seal_secret};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "abcdefghijkmnpqrstuvwxyz23456789";

/// A desk that makes accounts, and knows the application `reports`.
async fn granting() -> Result<Stage> {
    let application = toml::from_str("hosts = [\"10.1.0.0/16\"]")?;
    Stage::with(|config| {
        config.target.account_password = Secret::new("account-pw");
        config.backup.secret_key = Secret::new("5a".repeat(32));
        config.account.application.insert("reports".to_owned(), application);
    })
    .await
}

/// A request that is all right, but for this.
fn request(but: &Value) -> Value {
    let mut body = json!({
        "service_group": "shop", "database": "shop", "level": "ro", "from": "reports", "until": "30d", "reason": "monthly figures"
    });
    if let (Some(body), Some(but)) = (body.as_object_mut(), but.as_object()) {
        body.extend(but.clone());
    }
    body
}

/// What ann's account came to: its ticket, approved and done as if its task had run.
async fn made(stage: &Stage) -> Result<Value> {
    let ticket = stage.post("ann", "/v1/accounts", &request(&json!({}))).await?.ok()?;
    let approve = format!("/v1/tickets/{}/approve", ticket["id"]);
    stage.post("bob", &approve, &json!({})).await?.ok()?;
    let key = stage.desk.config.backup.key().map_err(anyhow::Error::msg)?.context("a key")?;
    let of = (AccountId(1), 0);
    let sealed = seal_secret(PASSWORD.as_bytes(), &key, [7; NONCE_BYTES], &secret_place(of.0, of.1))?;
    account_secret::put(&stage.pool, of, (Kind::Password, key.name(), &sealed), stage.now()).await?;
    account_secret::made(&stage.pool, of, stage.now()).await?;
    let done = format!(
        "UPDATE desk.task SET state = 'succeeded' WHERE ticket_id = {id}; \
         UPDATE desk.ticket SET state = 'done', version = version + 1 WHERE id = {id}; \
         UPDATE desk.account SET state = '{}' WHERE id = 1",
        AccountState::Active.word(),
        id = ticket["id"]
    );
    stage.store.sql(&done).await?;
    Ok(ticket)
}

#[tokio::test]
async fn what_may_not_be_given_is_refused_with_its_reason() -> Result<()> {
    let stage = granting().await?;
    let mut told = String::new();
    for but in [
        json!({ "service_group": "shopp" }),
        json!({ "database": "mysql" }),
        json!({ "level": "all" }),
        json!({ "level": "super" }),
        json!({ "tables": "orders*" }),
        json!({ "tables": "shipping.parcels" }),
        json!({ "from": "%" }),
        json!({ "from": "10.0.0.0/8" }),
        json!({ "from": "0.0.0.0/0" }),
        json!({ "from": "billing" }),
        json!({ "from": "10.0.0.1' OR '1" }),
        json!({ "until": "366d" }),
        json!({ "until": "0d" }),
        json!({ "until": "2026-11-22" }),
        json!({ "until": "soon" }),
        json!({ "name": "root" }),
        json!({ "name": "ann`@`%" }),
        json!({ "name": "a_name_that_is_longer_than_servers_take" }),
        json!({ "hash": "hunter2" }),
        json!({ "reason": " " }),
    ] {
        told += &["\n", &but.to_string(), "\n"].concat();
        told += &stage.both("ann", "/v1/accounts", &request(&but)).await?;
    }
    for but in [json!({ "password": "hunter2" }), json!({ "grant_option": true })] {
        stage.post("ann", "/v1/accounts", &request(&but)).await?.refused("bad-request")?;
    }
    insta::assert_snapshot!(told);
    let page = stage.get("ann", "/v1/accounts").await?.ok()?;
    ensure!(page["accounts"] == json!([]), "nothing is left of any: {page:#}");
    Ok(())
}

#[tokio::test]
async fn what_may_not_be_made_as_a_database_is_refused_with_its_reason() -> Result<()> {
    let stage = granting().await?;
    let mut told = String::new();
    for but in [
        json!({ "name": "shop" }),
        json!({ "name": "sys" }),
        json!({ "name": "a b" }),
        json!({ "name": "x`; DROP DATABASE shop; -- " }),
        json!({ "charset": "klingon" }),
        json!({ "owner": "shopp" }),
        json!({ "collation": "utf8mb4_bin' --" }),
        json!({ "service_group": "nowhere" }),
        json!({ "reason": "" }),
    ] {
        let mut body = json!({ "service_group": "shop", "name": "stock", "reason": "a new service" });
        if let (Some(body), Some(but)) = (body.as_object_mut(), but.as_object()) {
            body.extend(but.clone());
        }
        told += &["\n", &but.to_string(), "\n"].concat();
        told += &stage.both("ann", "/v1/databases", &body).await?;
    }
    let body = json!({ "service_group": "shop", "name": "stock", "reason": "a new service" });
    let first = stage.post("ann", "/v1/databases", &body).await?.ok()?;
    told.push_str("\nthe same again\n");
    told += &stage.both("wei", "/v1/databases", &body).await?;
    stage.post("ann", &format!("/v1/tickets/{}/withdraw", first["id"]), &json!({})).await?.ok()?;
    stage.post("wei", "/v1/databases", &body).await?.ok().context("it is free again")?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn a_desk_without_an_account_of_its_own_says_what_it_lacks() -> Result<()> {
    let stage = Stage::start().await?;
    insta::assert_snapshot!(stage.both("ann", "/v1/accounts", &request(&json!({}))).await?);
    Ok(())
}

#[tokio::test]
async fn an_account_is_there_for_its_owner_his_team_and_the_dbas_and_is_its_owners_to_steer() -> Result<()> {
    let stage = granting().await?;
    made(&stage).await?;
    for (who, count) in [("ann", 1), ("wei", 1), ("bob", 1), ("eve", 0), ("max", 0)] {
        let page = stage.get(who, "/v1/accounts").await?.ok()?;
        ensure!(page["accounts"].as_array().map(Vec::len) == Some(count), "{who}: {page:#}");
    }
    let mut told = String::new();
    for verb in ["renew", "rotate", "revoke"] {
        let path = format!("/v1/accounts/1/{verb}");
        for who in ["eve", "max"] {
            stage.post(who, &path, &json!({})).await?.refused("not-found")?;
        }
        told += &["\n", verb, " of one's team's\n"].concat();
        told += &stage.both("wei", &path, &json!({})).await?;
    }
    stage.post("bob", "/v1/accounts/1/rotate", &json!({})).await?.refused("forbidden")?;
    told.push_str("\nrenew for too long, of none, while another is open\n");
    told += &stage.both("ann", "/v1/accounts/1/renew", &json!({ "until": "400d" })).await?;
    told += &stage.both("ann", "/v1/accounts/77/renew", &json!({})).await?;
    stage.post("ann", "/v1/accounts/1/renew", &json!({})).await?.ok()?;
    told += &stage.both("ann", "/v1/accounts/1/rotate", &json!({})).await?;
    told.push_str("\nthe same account again\n");
    told += &stage.both("wei", "/v1/accounts", &request(&json!({}))).await?;
    insta::assert_snapshot!(told);
    // It is her team's still when she goes to another.
    stage.store.sql("UPDATE desk.person SET team = 'payments' WHERE name = 'ann'").await?;
    for (who, count) in [("ann", 1), ("wei", 1), ("eve", 0)] {
        let page = stage.get(who, "/v1/accounts").await?.ok()?;
        ensure!(page["accounts"].as_array().map(Vec::len) == Some(count), "{who}, later: {page:#}");
    }
    Ok(())
}

#[tokio::test]
async fn a_password_is_handed_over_once_and_to_its_requester_only() -> Result<()> {
    let stage = granting().await?;
    let ticket = made(&stage).await?;
    let path = format!("/v1/tickets/{}/collect", ticket["id"]);
    let mut told = String::new();
    for who in ["wei", "bob"] {
        told += &stage.both(who, &path, &json!({})).await?;
    }
    for who in ["eve", "max"] {
        stage.post(who, &path, &json!({})).await?.refused("not-found")?;
    }
    stage.post("bot", &path, &json!({})).await?.refused("forbidden")?;
    let asked = || stage.ask("ann", Method::POST, &path).header("Idempotency-Key", "k").json(&json!({}));
    let response = asked().send().await?;
    ensure!(response.headers()["cache-control"] == "no-store", "{:?}", response.headers());
    let body: Value = response.json().await?;
    ensure!(body["password"] == PASSWORD, "{body:#}");
    // A replay of the same request does not bring it back, nor does a new one.
    let again = asked().send().await?.text().await?;
    ensure!(!again.contains(PASSWORD), "{again}");
    told += &stage.both("ann", &path, &json!({})).await?;
    let rows = stage
        .store
        .sql("SELECT * FROM desk.account_secret; SELECT * FROM desk.entry; SELECT * FROM desk.idempotency")
        .await?;
    ensure!(!rows.contains(PASSWORD), "{rows}");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn a_password_that_is_not_fetched_within_a_day_is_kept_no_more() -> Result<()> {
    let stage = granting().await?;
    let ticket = made(&stage).await?;
    stage.later(TimeDelta::hours(24));
    let path = format!("/v1/tickets/{}/collect", ticket["id"]);
    let told = stage.both("ann", &path, &json!({})).await?;
    account_expiry::see_to(&stage.desk).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let left = stage.store.sql("SELECT COUNT(*) FROM desk.account_secret WHERE sealed IS NOT NULL").await?;
    ensure!(left == "0", "{left} are kept");
    let story = stage.story(&ticket["id"]).await?;
    ensure!(story.ends_with("password_lapsed"), "{story}");
    let now = stage.get("ann", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(!verbs(&now).contains(&"collect"), "its button is gone: {now:#}");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn an_owner_is_told_seven_days_and_one_day_before_the_end_and_once_each() -> Result<()> {
    let stage = granting().await?;
    let ticket = made(&stage).await?;
    let round = async || -> Result<usize> {
        let tickets = account_expiry::see_to(&stage.desk).await;
        Ok(tickets.map_err(|error| anyhow::anyhow!("{error:?}"))?.len())
    };
    ensure!(round().await? == 0);
    for (pass, told) in [
        // The password that nobody fetched is told, too.
        (TimeDelta::days(22), 1),
        (TimeDelta::days(1), 1),
        (TimeDelta::days(5), 0),
        (TimeDelta::days(1), 1),
        (TimeDelta::hours(23), 0),
    ] {
        stage.later(pass);
        ensure!(round().await? == told, "at {}", stage.now());
        ensure!(round().await? == 0, "twice at {}", stage.now());
    }
    stage.later(TimeDelta::hours(1));
    ensure!(round().await? > 0, "it is locked at its end");
    ensure!(round().await? == 0, "by one ticket");
    let story = stage.story(&ticket["id"]).await?;
    ensure!(story.ends_with("password_lapsed account_ends account_ends about_account"), "{story}");
    let page = stage.get("ann", "/v1/tickets").await?.ok()?;
    let lock = &page["tickets"][0];
    ensure!(
        lock["requester"]["name"] == "dbdesk" && lock["state"] == "scheduled",
        "nobody need approve: {lock:#}"
    );
    let hers = stage.get("bob", &format!("/v1/tickets/{}", lock["id"])).await?.ok()?;
    ensure!(hers["sql"].as_str().is_some_and(|sql| sql.contains("ACCOUNT LOCK")), "{hers:#}");
    Ok(())
}

fn verbs(ticket: &Value) -> Vec<&str> {
    let buttons = ticket["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    buttons.iter().filter_map(|button| button["verb"].as_str()).collect()
}

#[tokio::test]
async fn an_account_that_somebody_revoked_says_so_and_lives_on_only_by_a_request_that_says_so() -> Result<()>
{
    let stage = granting().await?;
    let first = made(&stage).await?;
    let first = format!("/v1/tickets/{}", first["id"]);
    ensure!(verbs(&stage.get("ann", &first).await?.ok()?).contains(&"renew"));
    let lock = stage.post("bob", "/v1/accounts/1/revoke", &json!({ "reason": "it leaked" })).await?.ok()?;
    let at = stage.now().format("%Y-%m-%d %H:%M:%S").to_string();
    let done = format!(
        "UPDATE desk.task SET state = 'succeeded' WHERE ticket_id = {id}; \
         UPDATE desk.ticket SET state = 'done', version = version + 1 WHERE id = {id}; \
         UPDATE desk.account SET state = 'locked', ended_at = '{at}' WHERE id = 1",
        id = lock["id"]
    );
    stage.store.sql(&done).await?;
    let seen = stage.get("ann", &first).await?.ok()?;
    ensure!(!verbs(&seen).contains(&"renew"), "no button lets it in again: {seen:#}");
    let page = stage.get("ann", "/v1/accounts").await?.ok()?;
    let account = &page["accounts"][0];
    ensure!(
        account["revoked"]["ticket"] == lock["id"] && account["revoked"]["by"]["name"] == "bob",
        "{page:#}"
    );
    ensure!(account["removed_at"] == "2026-12-06T12:00:00Z", "{page:#}");
    let renewal = stage.post("ann", "/v1/accounts/1/renew", &json!({})).await?.ok()?;
    let sql = renewal["sql"].as_str().context("sql")?;
    let said = format!("revoked on 2026-11-22 12:00 UTC by bob with T-{}", lock["id"]);
    ensure!(sql.contains(&said) && sql.contains("lets in again"), "{sql}");
    Ok(())
}

/// A ticket as if its task had failed.
async fn fails(stage: &Stage, ticket: &Value) -> Result<()> {
    let failed = format!(
        "UPDATE desk.task SET state = 'failed' WHERE ticket_id = {id}; \
         UPDATE desk.ticket SET state = 'failed', version = version + 1 WHERE id = {id}",
        id = ticket["id"]
    );
    stage.store.sql(&failed).await.map(|_| ())
}

/// What her team's tickets are, newest first.
async fn tickets(stage: &Stage) -> Result<Vec<Value>> {
    let page = stage.get("wei", "/v1/tickets").await?.ok()?;
    page["tickets"].as_array().cloned().context("tickets")
}

#[tokio::test]
async fn an_end_comes_though_a_renewal_waits_and_is_tried_ever_more_rarely_while_it_fails() -> Result<()> {
    let stage = granting().await?;
    made(&stage).await?;
    let round = async |pass: TimeDelta| -> Result<usize> {
        stage.later(pass);
        let told = account_expiry::see_to(&stage.desk).await;
        Ok(told.map_err(|error| anyhow::anyhow!("{error:?}"))?.len())
    };
    ensure!(round(TimeDelta::days(29)).await? == 2, "she is told, also that the password is gone");
    let renewal = stage.post("ann", "/v1/accounts/1/renew", &json!({})).await?.ok()?;
    ensure!(renewal["state"] == "awaiting_approval", "{renewal:#}");
    ensure!(round(TimeDelta::days(1)).await? == 2, "its time is over, renewal or not");
    let lock = tickets(&stage).await?.remove(0);
    ensure!(lock["requester"]["name"] == "dbdesk", "{lock:#}");
    stage
        .post("ann", &format!("/v1/tickets/{}/withdraw", lock["id"]), &json!({}))
        .await?
        .refused("forbidden")?;
    fails(&stage, &lock).await?;
    ensure!(round(TimeDelta::minutes(9)).await? == 0, "not at once");
    ensure!(round(TimeDelta::minutes(1)).await? == 2, "after ten minutes");
    fails(&stage, &tickets(&stage).await?.remove(0)).await?;
    ensure!(round(TimeDelta::minutes(19)).await? == 0, "later than before");
    ensure!(round(TimeDelta::minutes(1)).await? == 2, "after twenty");
    // As when a freeze goes on for longer than an approval counts.
    let lapsed = tickets(&stage).await?.remove(0);
    let has_lapsed = format!(
        "UPDATE desk.ticket SET state = 'awaiting_approval', task_id = NULL WHERE id = {}",
        lapsed["id"]
    );
    stage.store.sql(&has_lapsed).await?;
    ensure!(round(TimeDelta::minutes(40)).await? == 2, "it is filed anew");
    let all = tickets(&stage).await?;
    ensure!(all[0]["state"] == "scheduled" && all[0]["requester"]["name"] == "dbdesk", "{all:#?}");
    ensure!(all[1]["id"] == lapsed["id"] && all[1]["state"] == "withdrawn", "{all:#?}");
    Ok(())
}

#[tokio::test]
async fn a_request_that_failed_keeps_its_name_from_nobody() -> Result<()> {
    let stage = granting().await?;
    let ticket = stage.post("ann", "/v1/accounts", &request(&json!({}))).await?.ok()?;
    stage.post("wei", "/v1/accounts", &request(&json!({}))).await?.refused("wrong-state")?;
    fails(&stage, &ticket).await?;
    let page = stage.get("ann", "/v1/accounts").await?.ok()?;
    ensure!(page["accounts"] == json!([]), "what failed is no account: {page:#}");
    stage.post("wei", "/v1/accounts", &request(&json!({}))).await?.ok()?;
    let page = stage.get("wei", "/v1/accounts").await?.ok()?;
    ensure!(page["accounts"].as_array().map(Vec::len) == Some(1), "the other's row is gone: {page:#}");
    Ok(())
}

#[tokio::test]
async fn an_old_ticket_is_not_tried_again_on_an_account_that_has_changed_since() -> Result<()> {
    let stage = granting().await?;
    made(&stage).await?;
    let retry = |ticket: &Value| format!("/v1/tickets/{}/retry", ticket["id"]);
    let body = json!({ "confirm": "shop" });
    let lock = stage.post("ann", "/v1/accounts/1/revoke", &json!({})).await?.ok()?;
    fails(&stage, &lock).await?;
    let renewal = stage.post("ann", "/v1/accounts/1/renew", &json!({})).await?.ok()?;
    stage.post("bob", &retry(&lock), &body).await?.ok().context("nothing was done since")?;
    fails(&stage, &lock).await?;
    stage.store.sql(&format!("UPDATE desk.ticket SET state = 'done' WHERE id = {}", renewal["id"])).await?;
    let mut told = stage.both("bob", &retry(&lock), &body).await?;
    stage.store.sql("DELETE FROM desk.account WHERE id = 1").await?;
    fails(&stage, &renewal).await?;
    // Its name is another's by now.
    told += &stage.both("bob", &retry(&lock), &body).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn a_renewal_is_for_as_long_as_was_asked_for_at_first() -> Result<()> {
    let stage = granting().await?;
    made(&stage).await?;
    // As renewed twice before.
    stage.store.sql("UPDATE desk.account SET expires_at = expires_at + INTERVAL 60 DAY").await?;
    let renewal = stage.post("ann", "/v1/accounts/1/renew", &json!({})).await?.ok()?;
    let until = (stage.now() + TimeDelta::days(30)).format("until %Y-%m-%d %H:%M UTC").to_string();
    let sql = renewal["sql"].as_str().context("its text")?;
    ensure!(sql.contains(&until), "{until}: {sql}");
    Ok(())
}

/// Approved is what was seen: the text that is approved is made of the fields that run, and neither is changed after.
#[tokio::test]
async fn an_accounts_request_is_not_amended_into_another() -> Result<()> {
    let stage = granting().await?;
    let ticket = stage.post("ann", "/v1/accounts", &request(&json!({}))).await?.ok()?;
    let amend = format!("/v1/tickets/{}/amend", ticket["id"]);
    let told = stage.both("ann", &amend, &json!({ "sql": "GRANT ALL ON *.* TO x" })).await?;
    let other = json!({ "sql_hash": "00".repeat(32) });
    let approve = format!("/v1/tickets/{}/approve", ticket["id"]);
    let told = told + &line(&stage.post("bob", &approve, &other).await?.refused("stale")?);
    insta::assert_snapshot!(told);
    Ok(())
}
