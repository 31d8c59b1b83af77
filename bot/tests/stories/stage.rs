//! A simulator, a backend double and the bot in one process; each story has its own.

use crate::double::{Double, TOKEN};
use dbdesk_bot::{bot, config::Config};
use dbdesk_commands::{clock::Clock, point::Points};
use discord_sim::{
    Message, Person, Place, Sim,
    seed::{BOT_TOKEN, GUILD, Seed, TICKETS},
};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle};

pub struct Stage {
    pub sim: Sim,
    pub double: Double,
    bot: Option<RunningBot>,
}

struct RunningBot {
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), bot::BotError>>,
}

/// Waits until something is so, at most 20 s.
pub async fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if look() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("waited 20 s for {what}");
}

/// The settings of a bot on this stage.
pub fn settings(sim: &Sim, backend: &str) -> Value {
    json!({
        "discord": {
            "token": BOT_TOKEN,
            "guild_id": GUILD.to_string(),
            "tickets_channel_id": TICKETS.to_string(),
            "base_url": sim.base_url(),
        },
        "backend": { "url": backend, "token": TOKEN },
        "thread": { "edit_interval_ms": 400 },
    })
}

impl Stage {
    /// With a bot that is ready.
    pub async fn set() -> Self {
        Self::on(Sim::start(Seed::default()).await.unwrap()).await
    }

    /// The same, on a simulator of the story's own.
    pub async fn on(sim: Sim) -> Self {
        let mut stage = Self { sim, double: Double::start().await, bot: None };
        stage.start_bot().await;
        stage
    }

    pub async fn start_bot(&mut self) {
        let backend = format!("http://{}", self.double.address);
        let config: Config = serde_json::from_value(settings(&self.sim, &backend)).unwrap();
        let (stop, stopped) = oneshot::channel();
        let clock = Clock::new(crate::desk::now);
        let running = tokio::spawn(bot::run(config, clock, Points::default(), async {
            stopped.await.ok();
        }));
        self.bot = Some(RunningBot { stop, running });
        self.sim.bot_is_ready("help").await.unwrap();
    }

    /// As SIGKILL does: nothing more is done.
    pub async fn kill_bot(&mut self) {
        let bot = self.bot.take().expect("a bot");
        drop(bot.stop);
        bot.running.await.unwrap().unwrap();
    }

    /// Something done to Discord behind the bot's back.
    pub async fn asks_discord(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}/api/v10/{path}", self.sim.base_url());
        let mut request =
            reqwest::Client::new().request(method, url).header("Authorization", format!("Bot {BOT_TOKEN}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        answer.json().await.unwrap_or_default()
    }

    pub fn ann(&self) -> Person {
        self.sim.person("ann")
    }

    pub fn bob(&self) -> Person {
        self.sim.person("bob")
    }

    pub fn tickets(&self) -> Place {
        self.sim.channel("tickets")
    }

    /// Ann files a ticket by the form and gets its card.
    pub async fn filed(&self, sql: &str) -> Message {
        let form = self.ann().types("/sql submit group:shop database:shop reason:tidy").send().await.unwrap();
        let told = form.modal().unwrap().fill("sql", sql).submit().await.unwrap().ephemeral().unwrap();
        assert!(told.contains("is filed"), "{told}");
        let id = self.double.ticket().id;
        self.tickets().wait_for(&format!("{id} · shop / shop")).await.unwrap()
    }

    /// Nothing happened that Discord would not have; every message says whom it may notify.
    pub fn ends_well(self, allowed_refusals: &[u32]) {
        let faults = self.sim.faults();
        assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), self.sim.report());
        let refused: Vec<_> = self
            .sim
            .refusals()
            .into_iter()
            .filter(|refused| !allowed_refusals.contains(&refused.code))
            .collect();
        assert!(refused.is_empty(), "{refused:#?}");
        let sends_message = |path: &str, body: &Value| {
            path.ends_with("/messages") || path.contains("/messages/") || body.get("type") == Some(&json!(4))
        };
        for request in self.sim.requests() {
            let is_write = matches!(request.method.as_str(), "POST" | "PATCH") && request.body.is_object();
            if is_write && sends_message(&request.path, &request.body) && !request.path.ends_with("/threads")
            {
                let body = request.body.get("data").unwrap_or(&request.body);
                assert!(
                    body.get("allowed_mentions").is_some(),
                    "{} {}: {body}",
                    request.method,
                    request.path
                );
            }
        }
    }
}
