//! A desk of its own for each story: store, Redis, target, people with tokens, and a clock that the story moves.

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use dbdesk::{
    api,
    config::{Config, Secret},
    desk::{Bell, Chance, Desk, LiveBell},
    metrics::Metrics,
};
use dbdesk_cmdb::{Within, inventory};
use dbdesk_commands::{
    clock::Clock,
    point::Points,
    wire::{person::Role, token::May},
};
use dbdesk_schedule::Redis;
use dbdesk_store::{
    begin, commit,
    group_history::Change,
    migrate, person, service_group,
    token::{self, NewToken},
};
use lab::{MariaDb, Server};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinHandle,
};

pub const SHOP: &str = "CREATE DATABASE shop; CREATE TABLE shop.orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY \
     COMMENT 'id', note VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'note') COMMENT 'orders'; \
     INSERT INTO shop.orders (note) SELECT 'x' FROM shop.seq_1_to_2000; \
     CREATE USER review@'%' IDENTIFIED BY 'review-pw'; GRANT SELECT ON *.* TO review@'%'; \
     GRANT REPLICATION CLIENT ON *.* TO review@'%'; GRANT SLAVE MONITOR ON *.* TO review@'%';";
/// Passes by policy: one row, found by its key.
pub const SMALL: &str = "UPDATE orders SET note = 'seen' WHERE id = 1;";
/// A rule fails: every row.
pub const WHOLE: &str = "UPDATE orders SET note = 'seen';";
/// Destroys.
pub const DROP: &str = "DROP TABLE orders;";
/// Nobody can run this.
pub const BROKEN: &str = "UPDATE orders SET note = WHERE id = 1;";

pub struct Stage {
    pub store: MariaDb,
    pub target: MariaDb,
    pub redis: lab::Redis,
    pub pool: dbdesk_store::Pool,
    pub base: String,
    pub http: reqwest::Client,
    /// The desk itself: what control does with it, stories do too.
    pub desk: Arc<Desk>,
    clock: Arc<Mutex<DateTime<Utc>>>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.serving.abort();
    }
}

/// An answer with what came in it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    pub fn ok(self) -> Result<Value> {
        ensure!((200..300).contains(&self.status), "{self:?}");
        Ok(self.body)
    }

    /// The code of a problem document.
    pub fn refused(self, code: &str) -> Result<Value> {
        ensure!(self.kind == "application/problem+json", "{self:?}");
        ensure!(self.body["code"] == code && self.body["status"] == self.status, "not {code}: {self:?}");
        Ok(self.body)
    }
}

impl Stage {
    pub async fn start() -> Result<Self> {
        Self::with(|_| {}).await
    }

    /// A desk with another configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Result<Self> {
        // What the desk logs is shown where a story fails.
        let _ = tracing_subscriber::fmt().with_env_filter("warn").with_test_writer().try_init();
        let (store, target, redis) =
            tokio::try_join!(MariaDb::start(), MariaDb::start(), lab::Redis::start())?;
        store.sql("CREATE DATABASE desk").await?;
        target.sql(SHOP).await?;
        let mut config = config(&store, &target, &redis)?;
        change(&mut config);
        let pool = dbdesk_store::pool(&config.store.connect());
        migrate::run(&pool).await?;
        let clock = Arc::new(Mutex::new(start_of_time()?));
        settle(&pool, target.port()).await?;
        let (base, stop, desk, serving) = serve(config, pool.clone(), &clock, chance()).await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { store, target, redis, pool, base, http, desk, clock, stop, serving })
    }

    /// Another `serve` takes the place of this one, with another configuration.
    pub async fn anew(&mut self, change: impl FnOnce(&mut Config)) -> Result<()> {
        let mut config = self.desk.config.clone();
        change(&mut config);
        self.stop.send_replace(true);
        self.serving.abort();
        (self.base, self.stop, self.desk, self.serving) =
            serve(config, self.pool.clone(), &self.clock, self.desk.chance.clone()).await?;
        Ok(())
    }

    /// Lets time pass.
    pub fn later(&self, by: TimeDelta) {
        *self.clock.lock().expect("no test panics while it moves the clock") += by;
    }

    /// The time that the desk has.
    pub fn now(&self) -> DateTime<Utc> {
        *self.clock.lock().expect("no test panics while it moves the clock")
    }

    /// A request of this person (his token is his name), or of `bot`.
    pub fn ask(&self, who: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(who)
    }

    pub async fn get(&self, who: &str, path: &str) -> Result<Answer> {
        answer(self.ask(who, Method::GET, path)).await
    }

    pub async fn post(&self, who: &str, path: &str, body: &Value) -> Result<Answer> {
        answer(self.ask(who, Method::POST, path).json(body)).await
    }

    /// The refusal in both languages, as people read it.
    pub async fn both(&self, who: &str, path: &str, body: &Value) -> Result<String> {
        let mut told = String::new();
        for lang in ["en", "zh-CN"] {
            let asked = self.ask(who, Method::POST, path).header("Accept-Language", lang).json(body);
            let refused = answer(asked).await?;
            ensure!(refused.kind == "application/problem+json", "{refused:?}");
            told.push_str(&line(&refused.body));
        }
        Ok(told)
    }

    /// Files a ticket of ann's.
    pub async fn submit(&self, sql: &str) -> Result<Value> {
        self.submit_at(sql, "now").await
    }

    pub async fn submit_at(&self, sql: &str, when: &str) -> Result<Value> {
        self.post("ann", "/v1/tickets", &submission(sql, when)).await?.ok()
    }

    /// The opaque id of a ticket's button.
    pub async fn button(&self, id: &Value, verb: &str) -> Result<String> {
        let ticket = self.get("ann", &format!("/v1/tickets/{id}")).await?.ok()?;
        let buttons = ticket["buttons"].as_array().context("buttons")?;
        let found = buttons.iter().find(|button| button["verb"] == verb);
        Ok(found.with_context(|| format!("{verb} in {buttons:?}"))?["id"].as_str().context("id")?.to_owned())
    }

    /// The kinds of a ticket's log, in order.
    pub async fn story(&self, id: &Value) -> Result<String> {
        let log = self.get("ann", &format!("/v1/tickets/{id}/log")).await?.ok()?;
        let kinds = log["entries"].as_array().context("entries")?.iter();
        Ok(kinds.filter_map(|entry| entry["event"]["kind"].as_str()).collect::<Vec<_>>().join(" "))
    }

    /// As if a process had claimed the ticket's task.
    pub async fn claimed(&self, id: &Value) -> Result<()> {
        let script = format!(
            "UPDATE desk.task SET state = 'running', epoch = 1 WHERE ticket_id = {id} AND state IN ('waiting', 'ready'); \
             UPDATE desk.ticket SET state = 'running', version = version + 1 WHERE id = {id}"
        );
        self.store.sql(&script).await.map(|_| ())
    }
}

type Served = (String, watch::Sender<bool>, Arc<Desk>, JoinHandle<()>);

async fn serve(
    config: Config,
    pool: dbdesk_store::Pool,
    clock: &Arc<Mutex<DateTime<Utc>>>,
    chance: Chance,
) -> Result<Served> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = watch::channel(false);
    let desk = Arc::new(Desk {
        requests: Semaphore::new(config.api.requests_at_once),
        reviews: Semaphore::new(config.api.reviews_at_once),
        shadows: Arc::new(Semaphore::new(config.shadow.at_once)),
        redis: Redis::new(config.redis.client()?)?,
        config,
        store: pool,
        clock: Clock::new({
            let clock = Arc::clone(clock);
            move || *clock.lock().expect("no test panics while it moves the clock")
        }),
        chance,
        bell: Bell::default(),
        live: LiveBell::default(),
        tell: Box::new(|_| {}),
        offer: Box::new(|_| {}),
        metrics: Metrics::default(),
        points: Points::default(),
        stop: stopped,
    });
    let routes = api::router(Arc::clone(&desk)).into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move {
        axum::serve(listener, routes).await.expect("it listens");
    });
    Ok((base, stop, desk, serving))
}

pub fn submission(sql: &str, when: &str) -> Value {
    json!({ "service_group": "shop", "database": "shop", "sql": sql, "reason": "as asked", "when": when })
}

/// A problem document in a line, without what changes from run to run.
pub fn line(problem: &Value) -> String {
    let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    format!("{} {} | {}\n  {}\n", problem["status"], text("code"), text("title"), text("detail"))
}

pub async fn answer(request: reqwest::RequestBuilder) -> Result<Answer> {
    let response = request.send().await?;
    let status = response.status();
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let text = response.text().await?;
    let empty = status == StatusCode::NO_CONTENT;
    let body = if empty { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
    Ok(Answer { status: status.as_u16(), kind, body })
}

fn start_of_time() -> Result<DateTime<Utc>> {
    Ok(DateTime::parse_from_rfc3339("2026-11-22T12:00:00Z")?.with_timezone(&Utc))
}

fn config(store: &Server, target: &Server, redis: &lab::Redis) -> Result<Config> {
    let mut config = Config::default();
    config.store.port = store.port();
    Server::USER.clone_into(&mut config.store.user);
    config.store.password = Secret::new(store.password());
    "desk".clone_into(&mut config.store.database);
    config.store.acquire_timeout_ms = 1_500;
    config.redis.port = redis.port();
    let url = redis.url();
    let (_, rest) = url.split_once(":@").or_else(|| url.split_once("//:")).context("a redis url")?;
    config.redis.password = Secret::new(rest.split('@').next().unwrap_or_default());
    "review".clone_into(&mut config.target.review_user);
    config.target.review_password = Secret::new("review-pw");
    Server::USER.clone_into(&mut config.target.run_user);
    config.target.run_password = Secret::new(target.password());
    Ok(config)
}

/// Different each time, and the same in each run.
fn chance() -> Chance {
    let next = AtomicU64::new(1);
    Chance::new(move |bytes| {
        for chunk in bytes.chunks_mut(8) {
            let drawn = next.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    })
}

async fn settle(pool: &dbdesk_store::Pool, target: u16) -> Result<()> {
    let at = start_of_time()?;
    let groups = format!(
        "[[group]]\nname = \"shop\"\nenvironment = \"production\"\nflavour = \"mariadb-10.11\"\ntime_zone = \"Asia/Shanghai\"\n\
         databases = [\"shop\"]\n[[group.instance]]\nhost = \"127.0.0.1\"\nport = {target}\nrole = \"primary\"\n\
         [[group.quiet]]\nfrom = \"02:00\"\nto = \"05:00\"\n\
         [[group]]\nname = \"shipping\"\nenvironment = \"staging\"\nflavour = \"mysql-8.4\"\ntime_zone = \"UTC\"\n\
         databases = [\"parcels\"]\n[[group.instance]]\nhost = \"127.0.0.1\"\nport = 1\nrole = \"primary\"\n"
    );
    let inventory = inventory::read(&groups).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut tx = begin(pool).await?;
    let people = [
        ("ann", "101", Role::Developer, "store-front"),
        ("wei", "102", Role::Developer, "store-front"),
        ("bob", "103", Role::Dba, "databases"),
        ("mei", "104", Role::Dba, "databases"),
        ("eve", "105", Role::Developer, "payments"),
        ("lea", "106", Role::Developer, "leads"),
        ("max", "107", Role::Admin, "office"),
    ];
    for (name, discord_id, role, team) in people {
        let seed = person::Seed {
            name: name.to_owned(),
            discord_id: Some(discord_id.to_owned()),
            team: Some(team.to_owned()),
            roles: vec![role],
        };
        person::put(&mut tx, &seed, at).await?;
    }
    for group in &inventory.groups {
        service_group::put(&mut tx, group, &Change::first("a test"), at).await?;
    }
    commit(tx).await?;
    for (name, ..) in people {
        let person = person::by_name(pool, name).await?.context("a person just made")?;
        let hash = Sha256::digest(name.as_bytes()).into();
        token::insert(pool, &all_of(name, token::Kind::Person(person.id)), &hash, at).await?;
    }
    token::insert(pool, &all_of("bot", token::Kind::Bot), &Sha256::digest(b"bot").into(), at).await?;
    Ok(())
}

/// A token for everything, without an end.
pub fn all_of(name: &str, kind: token::Kind) -> NewToken {
    NewToken {
        name: name.to_owned(),
        kind,
        may: BTreeSet::from(May::ALL),
        within: Within::All,
        expires_at: None,
        made_by: None,
    }
}
