//! Tokens: what one is for, whom it reaches, how often it asks, and how it ends.

use crate::{
    lanes::lost_on_two,
    stage::{Answer, SMALL, Stage, WHOLE, all_of, answer, line},
    watch::LIMIT,
};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::{
    api::{self, access::Access},
    doctor,
};
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    lang::Lang,
    wire::{person::Role, token::May},
};
use dbdesk_store::{
    begin, commit, person, service_group,
    token::{self, Kind, NewToken},
};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use tokio::time::timeout;

/// A token of this person's, whose text is its name.
pub async fn given(stage: &Stage, who: &str, name: &str, change: impl FnOnce(&mut NewToken)) -> Result<()> {
    let person = person::by_name(&stage.pool, who).await?.context("a person")?;
    let mut new = all_of(name, Kind::Person(person.id));
    change(&mut new);
    let hash = Sha256::digest(name.as_bytes()).into();
    Ok(token::insert(&stage.pool, &new, &hash, stage.now()).await?)
}

/// The same for the service group `shipping` alone.
async fn for_shipping(stage: &Stage, who: &str, name: &str) -> Result<()> {
    let group = service_group::by_name(&stage.pool, "shipping").await?.context("a group")?;
    given(stage, who, name, |new| new.within = Within::Only([group.id].into())).await
}

/// Somebody who manages people and tokens, and nothing else.
pub async fn admin(stage: &Stage) -> Result<()> {
    let seed = person::Seed { name: "ada".into(), discord_id: None, team: None, roles: vec![Role::Admin] };
    let mut tx = begin(&stage.pool).await?;
    person::put(&mut tx, &seed, stage.now()).await?;
    commit(tx).await?;
    given(stage, "ada", "ada", |_| {}).await
}

/// Every route with what it asks, `{…}` filled in with `id`.
fn routes(id: &str) -> Result<Vec<(Method, String, Access)>> {
    let document: Value = serde_json::from_str(&api::openapi().to_json()?)?;
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().context("paths")? {
        for (method, _) in methods.as_object().context("methods")? {
            let method: Method = method.to_uppercase().parse()?;
            let access = api::access::of(&method, path).with_context(|| format!("{method} {path}"))?;
            let filled = path.replace("{id}", id).replace("{name}", "shop");
            routes.push((method, filled, access));
        }
    }
    Ok(routes)
}

async fn ask(stage: &Stage, who: &str, method: &Method, path: &str) -> Result<Answer> {
    let asked = stage.ask(who, method.clone(), path);
    answer(if *method == Method::GET { asked } else { asked.json(&json!({})) }).await
}

async fn in_both(stage: &Stage, who: &str, method: Method, path: &str) -> Result<String> {
    let mut told = String::new();
    for lang in ["en", "zh-CN"] {
        let asked = stage.ask(who, method.clone(), path).header("Accept-Language", lang);
        told.push_str(&line(&answer(asked).await?.body));
    }
    Ok(told)
}

#[tokio::test]
async fn no_route_takes_a_token_that_is_not_for_it() -> Result<()> {
    let stage = Stage::start().await?;
    for lacks in May::ALL {
        let all = BTreeSet::from(May::ALL);
        let without = all.into_iter().filter(|may| *may != lacks).collect();
        given(&stage, "bob", &format!("all-but-{}", lacks.word()), |new| new.may = without).await?;
        given(&stage, "bob", &format!("only-{}", lacks.word()), |new| new.may = [lacks].into()).await?;
    }
    let mut seen = BTreeSet::new();
    for (method, path, access) in routes("77")? {
        let Access::May(may) = access else { continue };
        let said = format!("lacks the scope `{}`", may.word());
        let without = ask(&stage, &format!("all-but-{}", may.word()), &method, &path).await?;
        let told = without.refused("forbidden").with_context(|| format!("{method} {path}"))?;
        ensure!(told["detail"].as_str().is_some_and(|told| told.contains(&said)), "{path}: {told:#}");
        let only = ask(&stage, &format!("only-{}", may.word()), &method, &path).await?;
        ensure!(!only.body.to_string().contains("lacks the scope"), "{method} {path}: {only:?}");
        seen.insert(may);
    }
    ensure!(seen.len() >= 4, "{seen:?}");
    insta::assert_snapshot!(in_both(&stage, "all-but-steer", Method::POST, "/v1/tickets/77/pause").await?);
    Ok(())
}

#[tokio::test]
async fn a_button_needs_what_its_verb_needs() -> Result<()> {
    let stage = Stage::start().await?;
    given(&stage, "bob", "steers", |new| new.may = [May::Read, May::File, May::Steer].into()).await?;
    given(&stage, "bob", "decides", |new| new.may = [May::Decide].into()).await?;
    let ticket = stage.submit_at(WHOLE, "quiet").await?;
    stage.post("ann", &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()?;
    let button = stage.button(&ticket["id"], "approve").await?;
    let (looks, press) = (format!("/v1/buttons/{button}"), format!("/v1/buttons/{button}/press"));
    stage.get("steers", &looks).await?.refused("forbidden")?;
    let refused = stage.post("steers", &press, &json!({})).await?.refused("forbidden")?;
    ensure!(refused["detail"].as_str().is_some_and(|told| told.contains("`decide`")), "{refused:#}");
    let row = stage.get("ann", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(row["state"] == "awaiting_approval", "nothing was done: {row:#}");
    let pressed = stage.post("decides", &press, &json!({ "confirm": "shop" })).await?.ok()?;
    ensure!(pressed["ticket"]["decided_by"]["name"] == "bob", "{pressed:#}");
    Ok(())
}

#[tokio::test]
async fn what_lies_in_other_groups_is_not_there_for_a_token() -> Result<()> {
    let stage = Stage::start().await?;
    for_shipping(&stage, "bob", "ships").await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let id = ticket["id"].to_string();
    let schedule = json!({ "name": "nightly", "service_group": "shop", "database": "shop", "cron": "0 3 * * *", "sql": SMALL,
        "reason": "as asked" });
    stage.post("bob", "/v1/schedules", &schedule).await?.ok()?;
    let freeze = |group: &str| json!({ "service_group": group, "reason": "storm" });
    stage.post("bob", "/v1/freezes", &freeze("shop")).await?.ok()?;
    let frozen = stage.post("bob", "/v1/freezes", &freeze("all")).await?.ok()?;
    // Each of these has the number 1 in the shop: a ticket, its task, a schedule, a freeze; nothing was looked at to restore.
    for (method, path, access) in routes(&id)? {
        let of_no_group = [
            "/v1/tokens/shop",
            "/v1/rules/",
            "/v1/notice-buttons/",
            "/v1/people/",
            "/v1/delegations/",
            // A draft is its person's, and of no group yet.
            "/v1/cluster-drafts/",
            // Their group is in the body.
            "/v1/scripts/",
        ];
        let named = !of_no_group.iter().any(|other| path.starts_with(other));
        if !(named && matches!(access, Access::May(_)) && (path.contains("/1") || path.contains("/shop"))) {
            continue;
        }
        let hidden = ask(&stage, "ships", &method, &path).await?;
        let is_missing = hidden.status == 404
            && ["not-found", "unknown-group"].iter().any(|code| hidden.body["code"] == *code);
        ensure!(is_missing, "{method} {path}: {hidden:?}");
        ensure!(!hidden.body.to_string().contains("Did you mean: shop"), "{method} {path}: {hidden:?}");
    }
    let button =
        stage.button(&ticket["id"], "cancel").await.or(stage.button(&ticket["id"], "withdraw").await)?;
    stage.get("ships", &format!("/v1/buttons/{button}")).await?.refused("unknown-button")?;
    stage
        .post("ships", &format!("/v1/freezes/{}/end", frozen["id"]), &json!({}))
        .await?
        .refused("not-found")?;
    stage.post("ships", "/v1/freezes", &freeze("all")).await?.refused("unknown-group")?;
    stage.post("ships", "/v1/freezes", &freeze("shop")).await?.refused("unknown-group")?;
    stage.post("ships", "/v1/schedules", &schedule).await?.refused("unknown-group")?;
    let review = json!({ "sql": SMALL, "service_group": "shop", "database": "shop" });
    stage.post("ships", "/v1/reviews", &review).await?.refused("unknown-group")?;
    stage
        .post("ships", "/v1/tickets", &crate::stage::submission(SMALL, "now"))
        .await?
        .refused("unknown-group")?;
    // Who stands in for whom holds in all groups.
    stage.post("ships", "/v1/delegations/1/end", &json!({})).await?.refused("forbidden")?;
    let stands_in = json!({ "to": "wei", "until": "2026-12-01 00:00", "reason": "leave" });
    stage.post("ships", "/v1/delegations", &stands_in).await?.refused("forbidden")?;
    stage.get("ships", "/v1/rules?service_group=shop").await?.refused("unknown-group")?;
    stage.get("ships", "/v1/tickets?service_group=shop").await?.refused("unknown-group")?;

    let lists = async |who: &str| {
        let queue = stage.get(who, "/v1/queue").await?.ok()?;
        let list = async |path: &str, key: &str| {
            let page = stage.get(who, path).await?.ok()?;
            Ok::<_, anyhow::Error>(page[key].as_array().context("a list")?.len())
        };
        Ok::<_, anyhow::Error>([
            list("/v1/tickets", "tickets").await?,
            list("/v1/tasks", "tasks").await?,
            list("/v1/schedules", "schedules").await?,
            list("/v1/freezes", "freezes").await?,
            list("/v1/service-groups", "groups").await?,
            list("/v1/service-groups?prefix=sh", "groups").await?,
            usize::try_from(queue["counts"]["waiting"].as_u64().context("a count")?)?,
            queue["waiting"].as_array().context("a list")?.len(),
        ])
    };
    ensure!(lists("bob").await? == [1, 1, 1, 2, 2, 2, 1, 1], "{:?}", lists("bob").await?);
    // A freeze of all groups is one of shipping, too.
    ensure!(lists("ships").await? == [0, 0, 0, 1, 1, 1, 0, 0], "{:?}", lists("ships").await?);
    let near = stage.get("ships", "/v1/service-groups/shop").await?.refused("unknown-group")?;
    insta::assert_snapshot!(line(&near));
    Ok(())
}

#[tokio::test]
async fn a_ticket_that_runs_in_two_groups_needs_a_token_for_both() -> Result<()> {
    let stage = Stage::start().await?;
    let shop = service_group::by_name(&stage.pool, "shop").await?.context("a group")?.id;
    let shipping = service_group::by_name(&stage.pool, "shipping").await?.context("a group")?.id;
    given(&stage, "bob", "one", |new| new.within = Within::Only([shop].into())).await?;
    given(&stage, "bob", "both", |new| new.within = Within::Only([shop, shipping].into())).await?;
    let plain = stage.submit_at(SMALL, "quiet").await?;
    let spread = lost_on_two(&stage).await?;
    for (who, tickets) in [("one", 1), ("both", 2)] {
        stage.get(who, &format!("/v1/tickets/{}", plain["id"])).await?.ok()?;
        let list = stage.get(who, "/v1/tickets").await?.ok()?;
        ensure!(list["tickets"].as_array().map(Vec::len) == Some(tickets), "{who}: {list:#}");
    }
    let path = format!("/v1/tickets/{}", spread["id"]);
    stage.get("both", &path).await?.ok()?;
    stage.get("one", &path).await?.refused("not-found")?;
    stage.post("one", &format!("{path}/retry"), &json!({ "confirm": "shop" })).await?.refused("not-found")?;
    Ok(())
}

#[tokio::test]
async fn a_token_ends_when_it_said_and_says_so() -> Result<()> {
    let stage = Stage::start().await?;
    let end = stage.now() + TimeDelta::days(1);
    given(&stage, "ann", "short", |new| new.expires_at = Some(end)).await?;
    stage.later(TimeDelta::hours(23));
    stage.get("short", "/v1/me").await?.ok()?;
    stage.later(TimeDelta::hours(1));
    stage.get("short", "/v1/me").await?.refused("unauthenticated")?;
    let body = crate::stage::submission(SMALL, "now");
    insta::assert_snapshot!(stage.both("short", "/v1/tickets", &body).await?);
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.ticket").await? == "0", "nothing was filed");
    Ok(())
}

#[tokio::test]
async fn a_token_that_asks_too_often_is_told_when_it_may_again() -> Result<()> {
    let stage = Stage::with(|config| {
        config.api.requests_per_minute = 6;
        config.api.burst = 3;
    })
    .await?;
    for _ in 0..3 {
        stage.get("ann", "/v1/me").await?.ok()?;
    }
    let body = crate::stage::submission(SMALL, "now");
    let told = stage.both("ann", "/v1/tickets", &body).await?;
    let refused = stage.ask("ann", Method::GET, "/v1/me").send().await?;
    ensure!(refused.status() == 429, "{refused:?}");
    ensure!(refused.headers().get("retry-after").is_some_and(|after| after == "10"), "{refused:?}");
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.ticket").await? == "0", "nothing was filed");
    insta::assert_snapshot!(told);

    stage.get("bob", "/v1/me").await?.ok().context("another token is another's")?;
    for _ in 0..10 {
        stage
            .get("bot", "/v1/tickets/1")
            .await?
            .refused("not-found")
            .context("the bot's has its own limit")?;
    }
    stage.later(TimeDelta::seconds(9));
    stage.get("ann", "/v1/me").await?.refused("rate-limited")?;
    stage.later(TimeDelta::seconds(1));
    stage.get("ann", "/v1/me").await?.ok()?;
    stage.get("ann", "/v1/me").await?.refused("rate-limited")?;
    Ok(())
}

#[tokio::test]
async fn a_new_token_is_shown_once_and_kept_nowhere() -> Result<()> {
    let stage = Stage::start().await?;
    let body = json!({ "name": "ci", "may": ["read"], "service_groups": ["shipping"], "expires": "30d" });
    let ask_for = || {
        let asked = stage.ask("ann", Method::POST, "/v1/tokens").header("Idempotency-Key", "one");
        asked.json(&body).send()
    };
    let made = ask_for().await?;
    ensure!(made.status() == 201, "{made:?}");
    ensure!(made.headers().get("cache-control").is_some_and(|value| value == "no-store"), "{made:?}");
    let made: Value = made.json().await?;
    let text = made["token"].as_str().context("the token")?.to_owned();
    ensure!(
        made["about"]["expires_at"] == "2026-12-22T12:00:00Z" && made["about"]["may"] == json!(["read"]),
        "{made:#}"
    );
    let again = ask_for().await?;
    let again: Value = again.json().await?;
    ensure!(again.get("token").is_none() && again["about"] == made["about"], "{again:#}");

    let me = stage.get(&text, "/v1/me").await?.ok()?;
    ensure!(me["person"]["name"] == "ann", "{me:#}");
    stage.post(&text, "/v1/tickets", &crate::stage::submission(SMALL, "now")).await?.refused("forbidden")?;
    let listed = stage.get("ann", "/v1/tokens").await?.ok()?;
    let ci = listed["tokens"].as_array().context("tokens")?.iter().find(|token| token["name"] == "ci");
    let ci = ci.context("ci")?;
    ensure!(ci["service_groups"] == json!(["shipping"]) && ci["last_used_from"] == "127.0.0.1", "{ci:#}");
    ensure!(ci["last_used_at"] == "2026-11-22T12:00:00Z", "{ci:#}");
    ensure!(listed["tokens"].as_array().map(Vec::len) == Some(2), "her own only: {listed:#}");

    let tables = stage
        .store
        .sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'desk'")
        .await?;
    for table in tables.lines() {
        let rows = stage.store.sql(&format!("SELECT * FROM desk.`{table}`")).await?;
        ensure!(!rows.contains(&text), "it stands in {table}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_makes_none_that_may_more_reaches_more_or_lasts_longer() -> Result<()> {
    let stage = Stage::start().await?;
    for_shipping(&stage, "ann", "ships").await?;
    let end = stage.now() + TimeDelta::days(10);
    given(&stage, "ann", "files", |new| {
        new.may = [May::Read, May::File].into();
        new.expires_at = Some(end);
    })
    .await?;
    let mut told = String::new();
    for (who, body) in [
        ("files", json!({ "name": "x", "may": ["read", "decide"] })),
        ("files", json!({ "name": "x", "may": [] })),
        ("files", json!({ "name": "x", "expires": "11d" })),
        ("files", json!({ "name": "x", "expires": "soon" })),
        ("files", json!({ "name": "x", "person": "bob" })),
        ("ann", json!({ "name": "x", "expires": "never" })),
        ("ann", json!({ "name": "x", "expires": "367d" })),
        ("ann", json!({ "name": "x y" })),
        ("ann", json!({ "name": "bot" })),
        ("ann", json!({ "name": "x", "service_groups": [] })),
        ("ships", json!({ "name": "x", "service_groups": ["shop"] })),
    ] {
        let refused = stage.both(who, "/v1/tokens", &body).await?;
        told.extend([who, " ", &body.to_string(), "\n", &refused]);
    }
    let by_bot = stage.ask("bot", Method::POST, "/v1/tokens").header("X-Dbdesk-Act-As", "discord:101");
    told.push_str(&line(&answer(by_bot.json(&json!({ "name": "x" }))).await?.body));
    insta::assert_snapshot!(told);

    let narrow = stage.post("ships", "/v1/tokens", &json!({ "name": "narrow" })).await?.ok()?;
    ensure!(narrow["about"]["service_groups"] == json!(["shipping"]), "{narrow:#}");
    let short = stage.post("files", "/v1/tokens", &json!({ "name": "short" })).await?.ok()?;
    ensure!(short["about"]["expires_at"] == "2026-12-02T12:00:00Z", "{short:#}");
    ensure!(short["about"]["may"] == json!(["read", "file"]), "{short:#}");
    Ok(())
}

#[tokio::test]
async fn nobody_has_more_than_twenty_tokens() -> Result<()> {
    let stage = Stage::start().await?;
    let make =
        async |name: &str| stage.post("ann", "/v1/tokens", &json!({ "name": name, "expires": "1h" })).await;
    for n in 1..20 {
        make(&format!("t{n}")).await?.ok()?;
    }
    make("one-more").await?.refused("too-many")?;
    insta::assert_snapshot!(stage.both("ann", "/v1/tokens", &json!({ "name": "one-more" })).await?);
    stage.later(TimeDelta::hours(1));
    make("one-more").await?.ok().context("those that have ended do not count")?;
    Ok(())
}

#[tokio::test]
async fn a_revoked_token_ends_at_once_with_all_that_was_made_with_it() -> Result<()> {
    let stage = Stage::start().await?;
    admin(&stage).await?;
    let token = async |by: &str, name: &str| {
        let made = stage.post(by, "/v1/tokens", &json!({ "name": name })).await?.ok()?;
        Ok::<_, anyhow::Error>(made["token"].as_str().context("a token")?.to_owned())
    };
    let first = token("ann", "first").await?;
    let second = token(&first, "second").await?;
    let third = token(&second, "third").await?;
    let other = token("ann", "other").await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let path = format!("/v1/tickets/{}/events", ticket["id"]);
    let mut following = stage.ask(&third, Method::GET, &path).send().await?.bytes_stream();
    timeout(LIMIT, following.next()).await?.context("it tells")??;

    let delete = async |who: &str, name: &str| {
        answer(stage.ask(who, Method::DELETE, &format!("/v1/tokens/{name}"))).await
    };
    delete("wei", "first").await?.refused("not-found")?;
    let told = in_both(&stage, "wei", Method::DELETE, "/v1/tokens/first").await?;
    insta::assert_snapshot!(told);
    let revoked = delete("ann", "first").await?.ok()?;
    ensure!(revoked["revoked"] == json!(["first", "second", "third"]), "{revoked:#}");
    for gone in [&first, &second, &third] {
        stage.get(gone, "/v1/me").await?.refused("unauthenticated")?;
    }
    let rest = async {
        while let Some(chunk) = following.next().await {
            chunk?;
        }
        Ok::<_, anyhow::Error>(())
    };
    timeout(LIMIT, rest).await.context("who follows a ticket with it goes on")??;
    stage.get(&other, "/v1/me").await?.ok()?;
    delete("ann", "first").await?.refused("not-found")?;
    delete("ada", "other").await?.ok().context("an admin revokes anybody's")?;
    stage.get(&other, "/v1/me").await?.refused("unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn an_admin_sees_and_makes_tokens_of_others_and_nobody_else_does() -> Result<()> {
    let stage = Stage::start().await?;
    admin(&stage).await?;
    given(&stage, "ada", "ada-reads", |new| new.may = May::USUAL.into()).await?;
    let made = stage.post("ada", "/v1/tokens", &json!({ "name": "for-bob", "person": "bob" })).await?.ok()?;
    let bobs = made["token"].as_str().context("a token")?.to_owned();
    ensure!(stage.get(&bobs, "/v1/me").await?.ok()?["person"]["name"] == "bob", "his");
    let all = stage.get("ada", "/v1/tokens?all=true").await?.ok()?;
    ensure!(
        all["tokens"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "bot")),
        "{all:#}"
    );
    // Whoever makes a token holds it first: none that decides in another's name.
    given(&stage, "ada", "ada-decides", |new| new.may = May::ALL.into()).await?;
    for may in ["decide", "steer", "account", "admin"] {
        let body = json!({ "name": "bobs-hand", "person": "bob", "may": ["read", may] });
        stage.post("ada-decides", "/v1/tokens", &body).await?.refused("forbidden")?;
    }
    let his = stage.get("ada", "/v1/tokens?person=bob").await?.ok()?;
    ensure!(his["tokens"].as_array().map(Vec::len) == Some(2), "{his:#}");
    stage.get("ada", "/v1/tokens?person=zoe").await?.refused("not-found")?;
    for (who, path) in [("bob", "all=true"), ("bob", "person=ann"), ("ada-reads", "all=true")] {
        stage.get(who, &format!("/v1/tokens?{path}")).await?.refused("forbidden")?;
    }
    let another = json!({ "name": "x", "person": "bob" });
    stage.post("ada-reads", "/v1/tokens", &another).await?.refused("forbidden")?;
    insta::assert_snapshot!(stage.both("ann", "/v1/tokens", &another).await?);
    Ok(())
}

#[tokio::test]
async fn from_where_a_token_was_used_is_told_by_a_trusted_proxy_only() -> Result<()> {
    let mut stage = Stage::start().await?;
    let used_from = async |stage: &Stage| {
        stage.later(TimeDelta::minutes(2));
        let asked =
            stage.ask("ann", Method::GET, "/v1/me").header("X-Forwarded-For", "203.0.113.9, 192.0.2.7");
        answer(asked).await?.ok()?;
        stage.store.sql("SELECT last_used_from FROM desk.api_token WHERE name = 'ann'").await
    };
    ensure!(used_from(&stage).await? == "127.0.0.1", "anybody can write a header");
    stage.anew(|config| config.api.trusted_proxies = vec![[127, 0, 0, 1].into()]).await?;
    ensure!(used_from(&stage).await? == "192.0.2.7", "behind a proxy");
    Ok(())
}

#[tokio::test]
async fn doctor_warns_before_a_token_ends_that_will_be_missed() -> Result<()> {
    let stage = crate::kept::stage(|_| {}).await?;
    let ends = |days: i64| {
        let end = stage.now() + TimeDelta::days(days);
        move |new: &mut NewToken| new.expires_at = Some(end)
    };
    given(&stage, "ann", "used-and-ends", ends(5)).await?;
    given(&stage, "ann", "never-used", ends(5)).await?;
    given(&stage, "ann", "ends-later", ends(8)).await?;
    for used in ["used-and-ends", "ends-later"] {
        stage.get(used, "/v1/me").await?.ok()?;
    }
    let checks =
        async || doctor::text(&doctor::examine(&stage.desk.config, &stage.desk.clock).await, Lang::En);
    let told = checks().await;
    ensure!(told.contains("warn  tokens: “used-and-ends” ends on"), "{told}");
    ensure!(!told.contains("never-used") && !told.contains("ends-later"), "{told}");
    stage.store.sql("UPDATE desk.api_token SET expires_at = expires_at + INTERVAL 30 DAY").await?;
    ensure!(checks().await.contains("ok    tokens: "), "{}", checks().await);
    stage
        .store
        .sql("UPDATE desk.api_token SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 6 DAY WHERE name = 'bot'")
        .await?;
    ensure!(checks().await.contains("warn  tokens: “bot” ends on"), "the bot's, though it was not used");
    Ok(())
}
