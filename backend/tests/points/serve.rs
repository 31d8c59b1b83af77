//! `serve`: it dies around a commit, and whoever asked had no answer. He asks again with the same key, and it was done once.

use crate::{desk::LIMIT, parts::Engine, was_killed};
use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::{id::TicketId, point::Point, wire::ticket::TicketState};
use lab::{Port, Process, Server, Spec};
use serde_json::{Value, json};
use std::{fs, io::Write as _};
use tokio::process::Command;

/// The points that are walked here.
pub const POINTS: [Point; 2] = [Point::ServeCommitting, Point::ServeCommitted];

/// A desk with an API.
pub struct Api {
    pub engine: Engine,
    port: Port,
    http: reqwest::Client,
    tokens: [String; 2],
}

impl Api {
    pub async fn start() -> Result<Self> {
        let (engine, port) = (Engine::start().await?, Port::free()?);
        let people = "[[person]]\nname = \"ann\"\ndiscord_id = \"101\"\nroles = [\"developer\"]\n\
                      [[person]]\nname = \"bob\"\ndiscord_id = \"103\"\nroles = [\"dba\"]\n";
        let mut file = fs::OpenOptions::new().append(true).open(engine.folder.path().join("dbdesk.toml"))?;
        write!(file, "[api]\nlisten = \"127.0.0.1:{}\"\n{people}", port.number())?;
        engine
            .desk
            .target
            .sql("CREATE TABLE shop.orders (id INT PRIMARY KEY, times INT NOT NULL DEFAULT 0); INSERT INTO shop.orders (id) VALUES (1), (2)")
            .await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut api = Self { engine, port, http, tokens: [const { String::new() }; 2] };
        // The first start makes the people.
        api.serve(None).await?;
        api.tokens = [api.token("ann").await?, api.token("bob").await?];
        Ok(api)
    }

    pub fn spec(&self, role: &str) -> Result<Spec> {
        Ok(self
            .engine
            .spec(&[], role)?
            .env("DBDESK__TARGET__REVIEW_USER", Server::USER)
            .env("DBDESK__TARGET__REVIEW_PASSWORD", self.engine.desk.target.password()))
    }

    pub async fn serve(&self, die_at: Option<&str>) -> Result<Process> {
        let spec = self.spec("serve")?;
        let mut serve = Process::start(match die_at {
            Some(die_at) => spec.env("DBDESK_DIE_AT", die_at),
            None => spec,
        })?;
        let url = self.url("/healthz");
        serve
            .ready("the API to answer", LIMIT, || async {
                self.http.get(&url).send().await?;
                Ok(())
            })
            .await?;
        Ok(serve)
    }

    async fn token(&self, person: &str) -> Result<String> {
        let config = self.engine.folder.path().join("dbdesk.toml");
        let out = Command::new(env!("CARGO_BIN_EXE_dbdesk"))
            .args(["token", "create", "--person", person, "--may", "read,file,decide,steer", "--config"])
            .arg(config)
            .env("DBDESK__STORE__PASSWORD", self.engine.desk.store.password())
            .output()
            .await?;
        ensure!(out.status.success(), "{out:?}");
        Ok(String::from_utf8(out.stdout)?.trim().to_owned())
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port.number())
    }

    pub async fn post(&self, who: usize, key: &str, path: &str, body: &Value) -> Result<Value> {
        let asked = self.http.post(self.url(path)).bearer_auth(&self.tokens[who]);
        let answer = asked.header("Idempotency-Key", key).json(body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Asks one that dies at `die_at`, and then, with the same words, the one that is started after it.
    async fn asked_twice(&self, die_at: Point, who: usize, path: &str, body: &Value) -> Result<Value> {
        let key = format!("{die_at} {path}").replace(['.', '/', ' '], "-");
        let mut serve = self.serve(Some(die_at.word())).await?;
        let answer = self.post(who, &key, path, body).await;
        ensure!(answer.is_err(), "it answered: {answer:?}");
        was_killed(&mut serve).await?;
        let _serve = self.serve(None).await?;
        self.post(who, &key, path, body).await
    }
}

#[tokio::test]
async fn the_service_may_die_around_each_commit_and_whoever_asks_again_gets_it_done_once() -> Result<()> {
    let api = Api::start().await?;
    let _control = Process::start(api.spec("control")?)?;
    let mut filed = Vec::new();
    for point in POINTS {
        let small = submission("UPDATE orders SET times = times + 1 WHERE id = 1");
        filed.push(api.asked_twice(point, 0, "/v1/tickets", &small).await?);
        // One that a DBA has to approve.
        let serve = api.serve(None).await?;
        let whole = submission("UPDATE orders SET times = times + 10");
        let ticket = api.post(0, &format!("whole-{}", filed.len()), "/v1/tickets", &whole).await?;
        let path = format!("/v1/tickets/{}", ticket["id"]);
        api.post(0, &format!("send-{}", filed.len()), &format!("{path}/send-to-dba"), &json!({})).await?;
        drop(serve);
        let confirm = json!({ "confirm": "shop" });
        filed.push(api.asked_twice(point, 1, &format!("{path}/approve"), &confirm).await?);
    }
    for ticket in &filed {
        let id = TicketId(ticket["id"].as_u64().context("an id")?);
        api.engine.reaches(id, TicketState::Done).await?;
        let log = api.engine.desk.story(id).await?;
        ensure!(log.matches("approved").count() == 1 && log.matches("started, ").count() == 1, "{log}");
    }
    let tickets: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM ticket").fetch_one(&api.engine.desk.pool).await?;
    ensure!(tickets == 4, "{tickets} tickets");
    let times = api.engine.desk.target.sql("SELECT id, times FROM shop.orders ORDER BY id").await?;
    ensure!(times == "1\t22\n2\t20", "{times}");
    Ok(())
}

fn submission(sql: &str) -> Value {
    json!({ "service_group": "shop", "database": "shop", "sql": sql, "reason": "as asked", "when": "now" })
}
