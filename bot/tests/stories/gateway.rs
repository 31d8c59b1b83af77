//! The connection to Discord on bad days, with the program itself.

use crate::{
    double::Double,
    stage::{eventually, settings},
};
use discord_sim::{Options, Sim, seed::Seed};
use std::{
    io::Write as _,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

struct Program {
    child: Child,
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Program {
    fn start(sim: &Sim, double: &Double) -> Self {
        let settings = settings(sim, &format!("http://{}", double.address));
        let text = |section: &str, key: &str| settings[section][key].as_str().unwrap_or_default().to_owned();
        let child = Command::new(env!("CARGO_BIN_EXE_dbdesk-bot"))
            .env("DBDESK_BOT__DISCORD__TOKEN", text("discord", "token"))
            .env("DBDESK_BOT__DISCORD__GUILD_ID", text("discord", "guild_id"))
            .env("DBDESK_BOT__DISCORD__TICKETS_CHANNEL_ID", text("discord", "tickets_channel_id"))
            .env("DBDESK_BOT__DISCORD__BASE_URL", text("discord", "base_url"))
            .env("DBDESK_BOT__BACKEND__URL", text("backend", "url"))
            .env("DBDESK_BOT__BACKEND__TOKEN", text("backend", "token"))
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program starts");
        Self { child }
    }

    /// Processor time used so far, in seconds.
    fn cpu_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        ticks / 100.0
    }

    fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// Waits for its end.
    async fn ends_within(mut self, limit: Duration) -> Duration {
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return asked.elapsed();
            }
            assert!(asked.elapsed() < limit, "still there after {limit:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn set() -> (Sim, Double, Program) {
    let sim = Sim::start(Seed::default()).await.unwrap();
    let double = Double::start().await;
    let program = Program::start(&sim, &double);
    sim.bot_is_ready("help").await.unwrap();
    (sim, double, program)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reset_and_six_dead_seconds_the_bot_answers_within_two_and_has_lost_nothing() {
    let (sim, _double, program) = set().await;
    let (cpu_before, away) = (program.cpu_s(), Duration::from_millis(5_300));
    let dead = away + Duration::from_millis(700);
    let since = Instant::now();
    sim.trouble().gateway_unreachable(dead);
    // Typed while the bot is away: only a replay brings it.
    tokio::time::sleep(away).await;
    let told = sim.person("ann").types("/help").send().await.unwrap();
    let back = since.elapsed();
    assert!(told.message().is_some_and(|told| told.contains("/ticket show")), "{told}\n{}", sim.report());
    assert!(back < dead + Duration::from_secs(2), "answered {back:?} after the reset");
    let cpu = (program.cpu_s() - cpu_before) / back.as_secs_f64();
    assert!(cpu < 0.10, "{:.1}% of a core", cpu * 100.0);
    let resumed = sim.gateway_log().iter().filter(|line| line.contains("resume")).count();
    writeln!(std::io::stdout(), "back after {back:?}, {:.2}% of a core, {resumed} resume lines", cpu * 100.0)
        .unwrap();
    assert!(sim.faults().is_empty(), "{:?}", sim.faults());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_closing_that_can_be_mended_is_mended() {
    let (sim, _double, _program) = set().await;
    let ann = sim.person("ann");
    let trouble = sim.trouble();
    for what in ["reset", "op 7", "op 9 resumable", "4000", "4009", "no code"] {
        match what {
            "reset" => trouble.reset_connections(),
            "op 7" => trouble.ask_reconnect(),
            "op 9 resumable" => trouble.invalidate_session(true),
            "no code" => trouble.close_gateway(1000),
            code => trouble.close_gateway(code.parse().unwrap()),
        }
        // What is typed while no session can be resumed is lost at Discord, too; the next one must be heard.
        let mut answered = false;
        for _ in 0..8 {
            answered = answered || ann.types("/help").send().await.unwrap().message().is_some();
        }
        assert!(answered, "after {what}:\n{}", sim.report());
    }
    assert!(sim.faults().is_empty(), "{:?}", sim.faults());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_dead_without_saying_so_is_noticed_and_resumed() {
    let options =
        Options { heartbeat_interval_ms: 400, openapi: discord_sim::openapi_path(), ..Options::default() };
    let sim = Sim::start_with(Seed::default(), options).await.unwrap();
    let double = Double::start().await;
    let _program = Program::start(&sim, &double);
    sim.bot_is_ready("help").await.unwrap();
    let resumes = || sim.gateway_log().iter().filter(|line| line.contains("resumed")).count();
    sim.trouble().drop_heartbeat_acks(true);
    eventually("a session taken up again", || resumes() > 0).await;
    sim.trouble().drop_heartbeat_acks(false);
    let told = sim.person("ann").types("/help").send().await.unwrap();
    assert!(told.message().is_some(), "{told}\n{}", sim.report());
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_is_obeyed_while_connected_and_while_the_gateway_is_dead() {
    let (sim, double, program) = set().await;
    program.terminate();
    program.ends_within(Duration::from_secs(2)).await;
    let program = Program::start(&sim, &double);
    sim.bot_is_ready("").await.unwrap();
    sim.trouble().gateway_unreachable(Duration::from_secs(30));
    eventually("the connection lost", || !sim.connected()).await;
    program.terminate();
    program.ends_within(Duration::from_secs(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_ends_the_bot_with_advice() {
    let (sim, double) = (Sim::start(Seed::default()).await.unwrap(), Double::start().await);
    let settings = settings(&sim, &format!("http://{}", double.address));
    let ended = tokio::process::Command::new(env!("CARGO_BIN_EXE_dbdesk-bot"))
        .env("DBDESK_BOT__DISCORD__TOKEN", "not.the.token")
        .env("DBDESK_BOT__DISCORD__TICKETS_CHANNEL_ID", "1")
        .env("DBDESK_BOT__DISCORD__BASE_URL", settings["discord"]["base_url"].as_str().unwrap())
        .env("DBDESK_BOT__BACKEND__URL", "http://127.0.0.1:9")
        .env("DBDESK_BOT__BACKEND__TOKEN", "x")
        .output();
    let ended = tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it ends").unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success() && said.contains("developer portal"), "{said}");
    assert!(!said.contains("not.the.token"), "{said}");
}
