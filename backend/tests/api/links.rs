//! Which Discord user is which person: he says so, an admin confirms it, and nothing else counts.

use crate::stage::{Answer, Stage, all_of, answer, line};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::service::noticing;
use dbdesk_commands::{id::PersonId, wire::person::Role};
use dbdesk_store::{
    begin, commit,
    person::{self, Put, Seed},
    token::{self, Kind},
};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

fn seed(name: &str, discord_id: Option<&str>, roles: &[Role]) -> Seed {
    Seed {
        name: name.to_owned(),
        discord_id: discord_id.map(str::to_owned),
        team: None,
        roles: roles.to_vec(),
    }
}

/// Adds a person; his token is his name.
async fn add(stage: &Stage, name: &str, discord_id: Option<&str>, roles: &[Role]) -> Result<PersonId> {
    let mut tx = begin(&stage.pool).await?;
    let id = person::add(&mut tx, &seed(name, discord_id, roles), stage.now()).await?;
    commit(tx).await?;
    let hash = Sha256::digest(name.as_bytes()).into();
    token::insert(&stage.pool, &all_of(name, Kind::Person(id)), &hash, stage.now()).await?;
    Ok(id)
}

/// The bot asks for this Discord user.
async fn asks(stage: &Stage, discord_id: &str, name: &str) -> Result<Answer> {
    stage.post("bot", "/v1/links", &json!({ "discord_id": discord_id, "name": name })).await
}

/// The bot acts as this Discord user.
async fn me(stage: &Stage, discord_id: &str) -> Result<Answer> {
    let asked = stage.ask("bot", Method::GET, "/v1/me");
    answer(asked.header("X-Dbdesk-Act-As", format!("discord:{discord_id}"))).await
}

async fn behind(stage: &Stage) -> Result<Vec<Value>> {
    let page = stage.get("bot", "/v1/notices/behind").await?.ok()?;
    Ok(page["notices"].as_array().context("notices")?.clone())
}

fn path(notice: &Value, verb: &str) -> Result<String> {
    let buttons = notice["buttons"].as_array().context("buttons")?;
    let button = buttons.iter().find(|button| button["verb"] == verb).context("a button")?;
    Ok(format!("/v1/notice-buttons/{}/press", button["id"].as_str().context("an id")?))
}

/// The newest notice.
async fn newest(stage: &Stage) -> Result<Value> {
    behind(stage).await?.pop().context("a notice")
}

#[tokio::test]
async fn the_admins_read_at_once_that_a_name_is_nobodys_or_is_linked_already_and_the_asker_does_not()
-> Result<()> {
    let stage = Stage::start().await?;
    add(&stage, "tom", None, &[Role::Developer]).await?;
    let mut answers = Vec::new();
    for (discord, name, obstacle) in [
        ("900", "nobody", json!("no_person")),
        ("901", "ann", json!("has_account")),
        ("902", "tom", Value::Null),
    ] {
        answers.push(asks(&stage, discord, name).await?.ok()?);
        let notice = newest(&stage).await?;
        ensure!(notice["content"]["obstacle"] == obstacle, "{notice:#}");
    }
    ensure!(answers.windows(2).all(|two| two[0] == two[1]), "they are answered alike: {answers:#?}");
    Ok(())
}

#[tokio::test]
async fn who_is_not_linked_asks_an_admin_confirms_and_nobody_else_can() -> Result<()> {
    let stage = Stage::start().await?;
    add(&stage, "tom", None, &[Role::Developer]).await?;
    let mut told = String::new();
    for lang in ["en", "zh-CN"] {
        let asked = stage.ask("bot", Method::GET, "/v1/me").header("Accept-Language", lang);
        let refused = answer(asked.header("X-Dbdesk-Act-As", "discord:900")).await?;
        told += &line(&refused.refused("not-linked")?);
    }
    asks(&stage, "900", " tom ").await?.ok()?;
    let notice = newest(&stage).await?;
    ensure!(notice["channel"] == "admins" && notice["content"]["name"] == "tom", "{notice:#}");
    ensure!(notice["content"]["admins"][0]["name"] == "max", "they are called: {notice:#}");
    let (confirm, nothing) = (path(&notice, "confirm")?, json!({}));
    for who in ["ann", "bob", "tom"] {
        told += &stage.both(who, &confirm, &nothing).await?;
    }
    told += &stage.both("max", "/v1/notice-buttons/AAAAAAAAAAAAAAAAAAAAAA/press", &nothing).await?;
    told += &stage.both("bot", &confirm, &nothing).await?;
    me(&stage, "900").await?.refused("not-linked")?;
    let press = || {
        let asked = stage.ask("max", Method::POST, &confirm).header("Idempotency-Key", "one");
        answer(asked.json(&nothing))
    };
    let (first, again) = (press().await?.ok()?, press().await?.ok()?);
    ensure!(first == again && first["content"]["outcome"]["kind"] == "confirmed", "{first:#}");
    ensure!(me(&stage, "900").await?.ok()?["person"]["name"] == "tom");
    told += &stage.both("max", &confirm, &nothing).await?;
    told += &stage.both("max", &path(&notice, "refuse")?, &nothing).await?;
    let settled = newest(&stage).await?;
    ensure!(settled["version"] == 2 && settled["buttons"] == json!([]), "its buttons are gone: {settled:#}");
    told += &{
        let mut both = String::new();
        for lang in ["en", "zh-CN"] {
            let asked = stage.ask("bot", Method::POST, "/v1/links").header("Accept-Language", lang);
            let body = json!({ "discord_id": "900", "name": "ann" });
            both += &line(&answer(asked.json(&body)).await?.refused("wrong-state")?);
        }
        both
    };
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn the_answer_says_nothing_about_the_name() -> Result<()> {
    let stage = Stage::start().await?;
    add(&stage, "tom", None, &[Role::Developer]).await?;
    let mut answers = Vec::new();
    for (discord_id, name) in
        [("901", "tom"), ("902", "ann"), ("903", "nobody"), ("904", "`@everyone` **x**")]
    {
        let asked = asks(&stage, discord_id, name).await?;
        ensure!(asked.status == 202, "{asked:?}");
        answers.push(asked.body);
    }
    ensure!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    let own = json!({ "discord_id": "905", "name": "ann" });
    stage.post("eve", "/v1/links", &own).await?.refused("forbidden")?;
    for body in [
        json!({ "discord_id": "", "name": "ann" }),
        json!({ "discord_id": "12x", "name": "ann" }),
        json!({ "discord_id": "905", "name": " " }),
        json!({ "discord_id": "905", "name": "x".repeat(65) }),
    ] {
        stage.post("bot", "/v1/links", &body).await?.refused("invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_confirmed_is_told_and_stays_open() -> Result<()> {
    let stage = Stage::start().await?;
    let ida = add(&stage, "ida", None, &[Role::Admin]).await?;
    let nothing = json!({});
    let mut told = String::new();
    for (discord_id, name) in [("901", "nobody"), ("902", "ann"), ("903", "ida")] {
        asks(&stage, discord_id, name).await?.ok()?;
        let confirm = path(&newest(&stage).await?, "confirm")?;
        told += &stage.both(if name == "ida" { "ida" } else { "max" }, &confirm, &nothing).await?;
    }
    let own = path(&newest(&stage).await?, "confirm")?;
    // What was missing is mended, and the same button confirms.
    add(&stage, "nobody", None, &[Role::Developer]).await?;
    stage.post("max", &path(&behind(&stage).await?[0], "confirm")?, &nothing).await?.ok()?;
    ensure!(me(&stage, "901").await?.ok()?["person"]["name"] == "nobody");
    // She became that Discord user meanwhile, as the operator's shell can make her.
    let mut tx = begin(&stage.pool).await?;
    person::link(&mut tx, ida, "903").await?;
    commit(tx).await?;
    told += &stage.both("max", &own, &nothing).await?;
    asks(&stage, "904", "tom").await?.ok()?;
    let taken = path(&newest(&stage).await?, "confirm")?;
    add(&stage, "tom", None, &[Role::Developer]).await?;
    add(&stage, "other", Some("904"), &[Role::Developer]).await?;
    told += &stage.both("max", &taken, &nothing).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn two_admins_at_the_same_moment_confirm_once() -> Result<()> {
    let stage = Stage::start().await?;
    add(&stage, "ida", None, &[Role::Admin]).await?;
    for n in 0..5 {
        let (name, discord_id) = (format!("tom{n}"), format!("91{n}"));
        add(&stage, &name, None, &[Role::Developer]).await?;
        asks(&stage, &discord_id, &name).await?.ok()?;
        let notice = newest(&stage).await?;
        let (confirm, refuse, nothing) = (path(&notice, "confirm")?, path(&notice, "refuse")?, json!({}));
        let (max, ida, no) = tokio::join!(
            stage.post("max", &confirm, &nothing),
            stage.post("ida", &confirm, &nothing),
            stage.post("ida", &refuse, &nothing)
        );
        let mut statuses = [max?.status, ida?.status, no?.status];
        statuses.sort_unstable();
        ensure!(statuses == [200, 409, 409], "{statuses:?}");
    }
    // The same name, claimed by two: one of them.
    add(&stage, "pia", None, &[Role::Developer]).await?;
    let mut paths = Vec::new();
    for discord_id in ["921", "922"] {
        asks(&stage, discord_id, "pia").await?.ok()?;
        paths.push(path(&newest(&stage).await?, "confirm")?);
    }
    let nothing = json!({});
    let (one, two) =
        tokio::join!(stage.post("max", &paths[0], &nothing), stage.post("ida", &paths[1], &nothing));
    let mut statuses = [one?.status, two?.status];
    statuses.sort_unstable();
    ensure!(statuses == [200, 409], "{statuses:?}");
    Ok(())
}

#[tokio::test]
async fn who_decides_on_others_is_confirmed_by_two_admins() -> Result<()> {
    let stage = Stage::with(|config| {
        let leads = "[leads]\npeople = [\"lia\"]".parse::<toml::Table>().expect("it is toml");
        config.policy.approvers = leads.try_into().expect("they are groups");
    })
    .await?;
    add(&stage, "dan", None, &[Role::Dba]).await?;
    add(&stage, "lia", None, &[Role::Developer]).await?;
    add(&stage, "ida", Some("108"), &[Role::Admin]).await?;
    let nothing = json!({});
    let mut told = String::new();
    for (discord_id, name) in [("900", "dan"), ("901", "lia")] {
        asks(&stage, discord_id, name).await?.ok()?;
        let confirm = path(&newest(&stage).await?, "confirm")?;
        let first = stage.post("max", &confirm, &nothing).await?.ok()?;
        ensure!(first["content"]["first"]["name"] == "max", "{first:#}");
        ensure!(first["content"].get("outcome").is_none(), "{first:#}");
        me(&stage, discord_id).await?.refused("not-linked")?;
        told += &stage.both("max", &confirm, &nothing).await?;
        let notice = newest(&stage).await?;
        ensure!(notice["version"] == 2 && notice["buttons"].as_array().is_some_and(|it| it.len() == 2));
        let second = stage.post("ida", &confirm, &nothing).await?.ok()?;
        ensure!(second["content"]["outcome"]["by"]["name"] == "ida", "{second:#}");
        ensure!(me(&stage, discord_id).await?.ok()?["person"]["name"] == name);
    }
    // One who is no admin any more has confirmed nothing, and the other may still refuse.
    add(&stage, "eva", None, &[Role::Admin]).await?;
    asks(&stage, "902", "eva").await?.ok()?;
    let notice = newest(&stage).await?;
    stage.post("ida", &path(&notice, "confirm")?, &nothing).await?.ok()?;
    unlinks(&stage, "max", "ida", "en").await?.ok()?;
    let alone = stage.post("max", &path(&notice, "confirm")?, &nothing).await?.ok()?;
    ensure!(alone["content"]["outcome"]["by"]["name"] == "max", "no other admin is there to ask: {alone:#}");
    let log = stage.get("max", "/v1/audit?limit=100").await?.ok()?.to_string();
    ensure!(log.matches("person-vouched").count() == 3, "{log}");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn one_request_is_open_for_a_discord_user_twenty_in_all_and_none_longer_than_a_day() -> Result<()> {
    let stage = Stage::start().await?;
    let first = asks(&stage, "900", "tom").await?.ok()?;
    stage.later(TimeDelta::hours(1));
    ensure!(asks(&stage, "900", "tom").await?.ok()? == first, "the same again is the same one");
    ensure!(behind(&stage).await?.len() == 1);
    asks(&stage, "900", "tim").await?.ok()?;
    let both = behind(&stage).await?;
    ensure!(both.len() == 2 && both[0]["content"]["outcome"]["kind"] == "replaced", "{both:#?}");
    ensure!(both[0]["buttons"] == json!([]) && both[1]["content"]["name"] == "tim", "{both:#?}");
    for n in 1..20 {
        asks(&stage, &format!("{}", 1_000 + n), "tom").await?.ok()?;
    }
    let mut told = String::new();
    for lang in ["en", "zh-CN"] {
        let asked = stage.ask("bot", Method::POST, "/v1/links").header("Accept-Language", lang);
        let body = json!({ "discord_id": "2000", "name": "tom" });
        told += &line(&answer(asked.json(&body)).await?.refused("too-many")?);
    }
    let confirm = path(&both[1], "confirm")?;
    stage.later(TimeDelta::hours(24));
    told += &stage.both("max", &confirm, &json!({})).await?;
    ensure!(noticing::lapse_links(&stage.desk).await? == 20);
    ensure!(noticing::lapse_links(&stage.desk).await? == 0, "once");
    told += &stage.both("max", &confirm, &json!({})).await?;
    ensure!(behind(&stage).await?[1]["content"]["outcome"]["kind"] == "lapsed");
    // Each calls every admin: the same user does so five times a day.
    for name in ["tom", "tim", "tam", "tum", "tem"] {
        asks(&stage, "2000", name).await?.ok()?;
    }
    told += &line(&asks(&stage, "2000", "tom").await?.refused("too-many")?);
    stage.later(TimeDelta::hours(24));
    asks(&stage, "2000", "tom").await?.ok()?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn a_notice_is_behind_until_its_newest_version_stands_in_chat() -> Result<()> {
    let stage = Stage::start().await?;
    asks(&stage, "900", "tom").await?.ok()?;
    let notice = newest(&stage).await?;
    ensure!(notice.get("place").is_none() && notice["version"] == 1, "{notice:#}");
    let put = |who: &'static str, body: Value| {
        let asked = stage.ask(who, Method::PUT, "/v1/notices/N-1/card");
        answer(asked.json(&body))
    };
    let place = |version: u64| json!({ "channel_id": "1", "message_id": "2", "told_version": version });
    put("ann", place(1)).await?.refused("forbidden")?;
    put("bot", json!({ "channel_id": "x", "message_id": "2", "told_version": 1 }))
        .await?
        .refused("invalid")?;
    ensure!(put("bot", place(99)).await?.status == 204);
    ensure!(put("bot", place(99)).await?.status == 204, "again");
    ensure!(behind(&stage).await?.is_empty());
    stage.post("max", &path(&notice, "refuse")?, &json!({})).await?.ok()?;
    let again = newest(&stage).await?;
    ensure!(again["version"] == 2 && again["place"]["message_id"] == "2", "{again:#}");
    let gone = stage.ask("bot", Method::PUT, "/v1/notices/77/card").json(&place(1));
    answer(gone).await?.refused("not-found")?;
    stage.get("ann", "/v1/notices/behind").await?.refused("forbidden")?;
    Ok(())
}

async fn unlinks(stage: &Stage, who: &str, name: &str, lang: &str) -> Result<Answer> {
    let asked = stage.ask(who, Method::DELETE, &format!("/v1/people/{name}/link"));
    answer(asked.header("Accept-Language", lang)).await
}

#[tokio::test]
async fn an_admin_unlinks_and_the_last_one_stays() -> Result<()> {
    let stage = Stage::start().await?;
    let mut told = String::new();
    for lang in ["en", "zh-CN"] {
        told += &line(&unlinks(&stage, "bob", "ann", lang).await?.refused("forbidden")?);
        told += &line(&unlinks(&stage, "max", "nobody", lang).await?.refused("not-found")?);
        told += &line(&unlinks(&stage, "max", "max", lang).await?.refused("wrong-state")?);
    }
    let gone = unlinks(&stage, "max", "ann", "en").await?.ok()?;
    ensure!(gone["name"] == "ann" && gone.get("discord_id").is_none(), "{gone:#}");
    for lang in ["en", "zh-CN"] {
        told += &line(&unlinks(&stage, "max", "ann", lang).await?.refused("wrong-state")?);
    }
    me(&stage, "101").await?.refused("not-linked")?;
    let ticket = stage.submit(crate::stage::SMALL).await?;
    ensure!(ticket["requester"]["name"] == "ann", "her tokens and tickets stay hers");
    add(&stage, "ida", Some("108"), &[Role::Admin]).await?;
    let (max, ida) = tokio::join!(unlinks(&stage, "max", "ida", "en"), unlinks(&stage, "ida", "max", "en"));
    let mut statuses = [max?.status, ida?.status];
    statuses.sort_unstable();
    ensure!(statuses == [200, 409], "one of them stays: {statuses:?}");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn the_configuration_neither_takes_a_link_away_nor_gives_one_back() -> Result<()> {
    let stage = Stage::start().await?;
    let put = async |seed: Seed| -> Result<Put> {
        let mut tx = begin(&stage.pool).await?;
        let put = person::put(&mut tx, &seed, stage.now()).await?;
        commit(tx).await?;
        Ok(put)
    };
    let developer = [Role::Developer];
    let linked = async |name: &str| -> Result<Option<String>> {
        Ok(person::by_name(&stage.pool, name).await?.context("a person")?.discord_id)
    };
    put(seed("tom", None, &developer)).await?;
    asks(&stage, "900", "tom").await?.ok()?;
    stage.post("max", &path(&newest(&stage).await?, "confirm")?, &json!({})).await?.ok()?;
    ensure!(put(seed("tom", None, &developer)).await? == Put::Kept);
    ensure!(linked("tom").await?.as_deref() == Some("900"), "a seed without one leaves it");
    ensure!(put(seed("tom", Some("901"), &developer)).await? == Put::OtherDiscord);
    ensure!(put(seed("new", Some("900"), &developer)).await? == Put::OtherDiscord, "it is tom's");
    ensure!(linked("tom").await?.as_deref() == Some("900") && linked("new").await?.is_none());
    unlinks(&stage, "max", "tom", "en").await?.ok()?;
    ensure!(put(seed("tom", Some("900"), &developer)).await? == Put::Kept, "an admin took it away");
    ensure!(linked("tom").await?.is_none());
    ensure!(put(seed("tom", Some("902"), &developer)).await? == Put::Changed);
    ensure!(linked("tom").await?.as_deref() == Some("902"));
    Ok(())
}

#[tokio::test]
async fn who_has_no_role_may_nothing() -> Result<()> {
    let stage = Stage::start().await?;
    add(&stage, "nix", Some("950"), &[]).await?;
    let body = crate::stage::submission(crate::stage::SMALL, "now");
    let mut told = stage.both("nix", "/v1/tickets", &body).await?;
    told += &line(&me(&stage, "950").await?.refused("forbidden")?);
    stage.get("nix", "/v1/tickets").await?.refused("forbidden")?;
    insta::assert_snapshot!(told);
    Ok(())
}
