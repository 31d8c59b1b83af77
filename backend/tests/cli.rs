//! The binary's own roles: tables, people, inventory, tokens, and the API as a process.

use anyhow::{Context as _, Result, ensure};
use lab::{MariaDb, Process, Redis, Spec};
use std::{
    fs::{OpenOptions, Permissions},
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};
use tokio::process::Command;

const DBDESK: &str = env!("CARGO_BIN_EXE_dbdesk");
const LIMIT: Duration = Duration::from_secs(20);
const GROUPS: &str = "[[group]]\nname = \"shop\"\nenvironment = \"production\"\nflavour = \"mariadb-10.11\"\n\
     time_zone = \"Asia/Shanghai\"\ndatabases = [\"shop\"]\n\
     [[group.instance]]\nhost = \"127.0.0.1\"\nport = 3306\nrole = \"primary\"\n";

struct Machine {
    store: MariaDb,
    redis: Redis,
    folder: tempfile::TempDir,
    port: lab::Port,
}

impl Machine {
    async fn start() -> Result<Self> {
        let (store, redis) = tokio::try_join!(MariaDb::start(), Redis::start())?;
        store.sql("CREATE DATABASE desk").await?;
        let (folder, port) = (tempfile::tempdir()?, lab::Port::free()?);
        let machine = Self { store, redis, folder, port };
        let url = machine.redis.url();
        let password = url.split_once(":@").or_else(|| url.split_once("//:")).context("a redis url")?.1;
        machine.put("store", machine.store.password())?;
        machine.put("redis", password.split('@').next().unwrap_or_default())?;
        machine.put("inventory.toml", GROUPS)?;
        machine.put(
            "dbdesk.toml",
            &format!(
                "[store]\nport = {}\nuser = \"dbdesk\"\npassword_file = \"store\"\ndatabase = \"desk\"\n\
                 [redis]\nport = {}\npassword_file = \"redis\"\n[api]\nlisten = \"127.0.0.1:{}\"\n\
                 [[person]]\nname = \"ann\"\ndiscord_id = \"101\"\nroles = [\"developer\"]\n",
                machine.store.port(),
                machine.redis.port(),
                machine.port.number()
            ),
        )?;
        Ok(machine)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(self.path(name))?;
        Ok(file.write_all(text.as_bytes())?)
    }

    async fn run(&self, words: &[&str]) -> Result<Output> {
        let run = Command::new(DBDESK)
            .args(words)
            .env("DBDESK_CONFIG", self.path("dbdesk.toml"))
            .kill_on_drop(true)
            .output();
        Ok(tokio::time::timeout(LIMIT, run).await.with_context(|| format!("{words:?} hangs"))??)
    }

    async fn ok(&self, words: &[&str]) -> Result<String> {
        let out = self.run(words).await?;
        ensure!(out.status.success(), "{words:?}: {out:?}");
        Ok(String::from_utf8(out.stdout)?)
    }

    async fn fails(&self, words: &[&str]) -> Result<String> {
        let out = self.run(words).await?;
        ensure!(out.status.code() == Some(1), "{words:?}: {out:?}");
        Ok(String::from_utf8(out.stderr)?)
    }

    async fn fails_with_findings(&self, words: &[&str]) -> Result<String> {
        let out = self.run(words).await?;
        ensure!(out.status.code() == Some(1), "{words:?}: {out:?}");
        Ok(String::from_utf8(out.stdout)?)
    }

    fn serve(&self) -> Result<Process> {
        let log = self.path("serve.log");
        let spec = Spec::new(Path::new(DBDESK), self.folder.path(), &log)
            .arg("serve")
            .env("DBDESK__API__REQUESTS_AT_ONCE", "1")
            .env("DBDESK_CONFIG", self.path("dbdesk.toml"));
        Process::start(spec)
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port.number())
    }
}

#[tokio::test]
async fn sharded_tables_are_loaded_beside_the_groups_that_they_lie_in() -> Result<()> {
    let machine = Machine::start().await?;
    machine.ok(&["migrate"]).await?;
    let inventory = machine.path("inventory.toml").display().to_string();
    let load = ["inventory", "load", inventory.as_str()];
    let orders = "[[sharded_table]]\nname = \"orders\"\n\
         [[sharded_table.shards]]\ngroup = \"shop\"\ndatabase = \"shop\"\ntables = \"orders_{0000..0255}\"\n";
    machine.put("inventory.toml", orders)?;
    let homeless = machine.fails(&load).await?;
    ensure!(homeless.contains("“shop”, which is neither in this file nor known from before"), "{homeless}");
    machine.put("inventory.toml", &format!("{GROUPS}{orders}"))?;
    ensure!(machine.ok(&load).await? == "shop: added\nsharded table orders: added\n", "first");
    ensure!(machine.ok(&load).await? == "shop: as it was\nsharded table orders: as it was\n", "again");
    machine.put("inventory.toml", &orders.replace("0255", "0511"))?;
    let alone = machine.ok(&load).await?;
    ensure!(alone == "sharded table orders: changed\nshop: not in this file, left as it was\n", "{alone}");
    let groups = GROUPS.replace("[\"shop\"]", "[\"other\"]");
    machine.put("inventory.toml", &groups)?;
    let taken = machine.fails(&[&load[..], &["--lang", "zh-CN"]].concat()).await?;
    ensure!(taken.contains("分表“orders”写在“shop”的数据库“shop”中，但该服务组没有这个数据库"), "{taken}");
    machine.put("inventory.toml", &format!("{groups}[[sharded_table]]\nname = \"orders\"\nshards = []\n"))?;
    ensure!(machine.ok(&load).await? == "shop: changed\nsharded table orders: changed\n", "given up");
    Ok(())
}

#[tokio::test]
async fn a_running_group_is_read_into_an_inventory_file() -> Result<()> {
    let (machine, cluster) = tokio::try_join!(Machine::start(), lab::Cluster::start(2))?;
    cluster
        .primary
        .sql(
            "CREATE DATABASE shop; CREATE USER dbdesk_review@'127.0.0.1' IDENTIFIED BY 'of-the-lab'; \
             GRANT SELECT ON *.* TO dbdesk_review@'127.0.0.1'; \
             GRANT SLAVE MONITOR, BINLOG MONITOR ON *.* TO dbdesk_review@'127.0.0.1'",
        )
        .await?;
    cluster.synced().await?;
    let before = std::fs::read_to_string(machine.path("dbdesk.toml"))?;
    machine.put("review", "of-the-lab")?;
    let password = machine.path("review").display().to_string();
    machine.put("dbdesk.toml", &format!("{before}\n[target]\nreview_password_file = {password:?}\n"))?;
    let replica = format!("127.0.0.1:{}", cluster.replicas[0].port());
    let import = ["cmdb", "import", replica.as_str(), "--name", "shop", "--environment", "production"];
    let denied = machine.fails(&import).await?;
    ensure!(denied.contains("grant the account dbdesk_review REPLICATION MASTER ADMIN"), "{denied}");
    cluster.primary.sql("GRANT REPLICATION MASTER ADMIN ON *.* TO dbdesk_review@'127.0.0.1'").await?;
    cluster.synced().await?;
    let text = machine.ok(&import).await?;
    let read = dbdesk_cmdb::inventory::read(&text).map_err(|faults| anyhow::anyhow!("{faults:?}: {text}"))?;
    let group = &read.groups[0];
    ensure!(group.primary().is_some_and(|primary| primary.port == cluster.primary.port()), "{text}");
    ensure!(group.instances.len() == 3 && group.databases == ["shop"], "{text}");
    ensure!(group.flavour == "mariadb-10.11", "{text}");
    machine.put("imported.toml", &text)?;
    machine.ok(&["migrate"]).await?;
    let loaded =
        machine.ok(&["inventory", "load", &machine.path("imported.toml").display().to_string()]).await?;
    ensure!(loaded == "shop: added\n", "{loaded}");
    let wrong = machine.fails(&["cmdb", "import", "nonsense", "--name", "x", "--environment", "y"]).await?;
    ensure!(wrong.contains("write it as 10.0.0.1:3306"), "{wrong}");
    let away = machine.fails(&["cmdb", "import", "127.0.0.1:1", "--name", "x", "--environment", "y"]).await?;
    ensure!(away.contains("127.0.0.1:1 can not be asked"), "{away}");
    Ok(())
}

#[tokio::test]
async fn a_desk_is_set_up_with_migrate_inventory_and_token() -> Result<()> {
    let machine = Machine::start().await?;
    let early = machine.fails(&["serve"]).await?;
    ensure!(early.contains("no tables yet; run `dbdesk migrate`"), "{early}");
    let first = machine.ok(&["migrate"]).await?;
    ensure!(first.contains("were made or changed; 1 of 1 people"), "{first}");
    let again = machine.ok(&["migrate"]).await?;
    ensure!(again.contains("are as they should be; 0 of 1 people"), "{again}");

    let inventory = machine.path("inventory.toml").display().to_string();
    let load = ["inventory", "load", inventory.as_str()];
    ensure!(machine.ok(&load).await? == "shop: added\n", "first");
    ensure!(machine.ok(&load).await? == "shop: as it was\n", "again");
    machine.put("inventory.toml", &GROUPS.replace("3306", "3307"))?;
    ensure!(machine.ok(&load).await? == "shop: changed\n", "changed");
    for (dbas, policy, fault) in [
        ("leads", "", "there is no group of approvers “leads”"),
        ("shop-dbas", "[policy.approvers.shop-dbas]\npeople = [\"bob\"]\n", "does not ask for the role"),
    ] {
        let before = std::fs::read_to_string(machine.path("dbdesk.toml"))?;
        machine.put("dbdesk.toml", &format!("{before}\n{policy}"))?;
        let named = format!("databases = [\"shop\"]\ndbas = \"{dbas}\"");
        machine.put("inventory.toml", &GROUPS.replace("databases = [\"shop\"]", &named))?;
        let refused = machine.fails(&load).await?;
        ensure!(refused.contains("“shop”: ") && refused.contains(fault), "{refused}");
        machine.put("dbdesk.toml", &before)?;
    }
    machine.put("inventory.toml", &GROUPS.replace("primary", "replica"))?;
    let wrong = machine.fails(&[&load[..], &["--lang", "zh-CN"]].concat()).await?;
    ensure!(wrong.contains("必须恰好有一个"), "{wrong}");

    let nobody = machine.fails(&["token", "create", "--person", "eve"]).await?;
    ensure!(nobody.contains("no person “eve”"), "{nobody}");
    let out = machine.path("token").display().to_string();
    ensure!(
        machine.ok(&["token", "create", "--bot", "--name", "bot", "--out", &out]).await?.is_empty(),
        "in the file only"
    );
    let mode = std::fs::metadata(&out)?.permissions();
    ensure!(mode.mode() & 0o777 == Permissions::from_mode(0o600).mode(), "{mode:?}");
    let again = machine.fails(&["token", "create", "--bot", "--name", "bot"]).await?;
    ensure!(again.contains("a token “bot” already"), "{again}");
    let text = std::fs::read_to_string(&out)?;
    let kept = machine.store.sql("SELECT * FROM desk.api_token").await?;
    ensure!(!kept.contains(text.trim()), "only its hash is kept");
    let listed = machine.ok(&["token", "list"]).await?;
    ensure!(listed.starts_with("bot\tbot\t") && listed.contains("never used"), "{listed}");
    Ok(())
}

#[tokio::test]
async fn the_audit_log_is_listed_and_verified_from_a_shell() -> Result<()> {
    let machine = Machine::start().await?;
    machine.ok(&["migrate"]).await?;
    machine.ok(&["inventory", "load", &machine.path("inventory.toml").display().to_string()]).await?;
    machine
        .ok(&["token", "create", "--person", "ann", "--name", "ci", "--group", "shop", "--expires", "12h"])
        .await?;
    machine.ok(&["token", "revoke", "ci"]).await?;
    let listed = machine.ok(&["token", "list"]).await?;
    ensure!(listed.contains("ci\tann\tread,file\tshop\tmade ") && listed.contains("\trevoked "), "{listed}");
    for wrong in [
        &["--person", "ann", "--expires", "never"][..],
        &["--person", "ann", "--expires", "999d"],
        &["--person", "ann", "--group", "shpo"],
        &["--person", "ann", "--name", "a b"],
    ] {
        machine.fails(&[&["token", "create"], wrong].concat()).await?;
    }

    let rows = machine.ok(&["audit", "list", "--format", "json"]).await?;
    let rows: Vec<serde_json::Value> = rows.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let whats: Vec<_> = rows.iter().filter_map(|row| row["what"].as_str()).collect();
    ensure!(whats == ["person-changed", "inventory-loaded", "token-created", "token-revoked"], "{rows:#?}");
    let uid = rows[2]["actor"].as_str().context("an actor")?;
    let source = rows[2]["source"].as_str().context("a source")?;
    ensure!(rows[2]["via"] == "cli" && uid.starts_with("uid ") && source.ends_with(uid), "{rows:#?}");
    ensure!(rows[1]["content_hash"].as_str().is_some_and(|hash| hash.len() == 64), "{rows:#?}");
    ensure!(
        machine.ok(&["audit", "list", "--person", "ann", "--since", "7d"]).await?.is_empty(),
        "nothing of hers"
    );
    ensure!(machine.ok(&["audit", "list", "--since", "10m"]).await?.lines().count() == 4, "minutes");
    for (words, told) in [
        (&["audit", "list", "--since", "foo"][..], "a time until now is written as 7d, 12h or 10m"),
        (&["audit", "list", "--since", "7x"], "a time until now is written as 7d, 12h or 10m"),
        (&["audit", "list", "--since", "0d"], "a time until now is written as 7d, 12h or 10m"),
        (&["audit", "list", "--since", "4000000d"], "more than 36500 days"),
        (&["audit", "list", "--ticket", "T-99"], "there is no ticket T-99"),
        (&["audit", "verify", "--from", "9999"], "there is no row 9999: the newest is 4"),
        (&["audit", "verify", "--expect-head", &"0".repeat(64)], "no row has the hash 0000"),
        (&["token", "create", "--person", "ann", "--expires", "0d"], "ended at once"),
        (&["token", "create"], "--person"),
        (&["token", "create"], "--bot"),
        (&["token", "create", "--person", "nobody"], "dbdesk person add"),
        (&["token", "create", "--person", "ann", "--may", "admin"], "ann is no admin"),
    ] {
        let out = machine.run(words).await?;
        let text = String::from_utf8_lossy(&out.stderr);
        ensure!(!out.status.success() && text.contains(told), "{words:?}: {text}");
    }
    ensure!(machine.ok(&["audit", "list", "--since", "1h"]).await?.lines().count() == 4, "all of it");

    let whole = machine.ok(&["audit", "verify"]).await?;
    let head = whole.trim().rsplit(' ').next().context("the head")?.to_owned();
    ensure!(whole == format!("4 rows are whole. Head: row 4 {head}\n"), "{whole}");
    machine.ok(&["audit", "verify", "--from", "3", "--expect-head", &head]).await?;
    let cut = "USE desk; DELETE FROM audit WHERE id > 2; \
               UPDATE audit_head SET last_id = 2, last_hash = (SELECT hash FROM audit WHERE id = 2)";
    machine.store.sql(cut).await?;
    machine.ok(&["audit", "verify"]).await?;
    let found = machine.fails(&["audit", "verify", "--expect-head", &head]).await?;
    ensure!(found.contains(&format!("no row has the hash {head}")), "{found}");
    machine.store.sql("UPDATE desk.audit SET subject = 'pay' WHERE id = 2").await?;
    let found = machine.fails(&["audit", "verify"]).await?;
    ensure!(found.contains("row 2 was changed") && found.contains("1 rows before that are."), "{found}");
    let no_hash = machine.run(&["audit", "verify", "--expect-head", "abc"]).await?;
    ensure!(no_hash.status.code() == Some(2), "{no_hash:?}");
    Ok(())
}

#[tokio::test]
async fn the_rules_and_the_flavour_of_a_group_come_from_its_environment_in_the_inventory() -> Result<()> {
    let machine = Machine::start().await?;
    let review = "[review.environment.production.rules]\ndrop-column = \"error\"\n\
                  [review.group.shop.limits]\nindexes_per_table = 9\n";
    let config = std::fs::read_to_string(machine.path("dbdesk.toml"))?;
    machine.put("dbdesk.toml", &format!("{config}{review}"))?;
    let refused = async |words: &[&str]| {
        let out = machine.run(words).await?;
        ensure!(out.status.code() == Some(2), "{words:?}: {out:?}");
        Ok::<_, anyhow::Error>(String::from_utf8(out.stderr)?)
    };
    let early = refused(&["review", "--rules", "--group", "shop"]).await?;
    ensure!(early.contains("run `dbdesk migrate`") && early.contains("(--environment)"), "{early}");
    machine.ok(&["migrate"]).await?;
    machine.ok(&["inventory", "load", &machine.path("inventory.toml").display().to_string()]).await?;
    let rules = machine.ok(&["review", "--rules", "--group", "shop", "--format", "json"]).await?;
    let rules: serde_json::Value = serde_json::from_str(&rules)?;
    ensure!(rules["environment"] == "production" && rules["service_group"] == "shop", "{rules:#}");
    let all = rules["rules"].as_array().context("rules")?;
    let column = all.iter().find(|rule| rule["id"] == "drop-column").context("drop-column")?;
    ensure!(column["level"] == "error" && column["from"] == "environment", "{column:#}");
    let unknown = refused(&["review", "--rules", "--group", "shpo"]).await?;
    ensure!(unknown.contains("no service group “shpo”. Did you mean: shop?"), "{unknown}");

    machine.put("a.sql", "ALTER TABLE t ADD COLUMN IF NOT EXISTS c int NOT NULL DEFAULT 0 COMMENT 'c';")?;
    let file = machine.path("a.sql").display().to_string();
    machine.ok(&["review", "--group", "shop", &file]).await?;
    let other = machine.fails_with_findings(&["review", &file]).await?;
    ensure!(other.contains("syntax-of-another-server"), "MySQL where no group is named: {other}");
    Ok(())
}

#[tokio::test]
async fn the_api_runs_as_a_process_and_ends_in_order() -> Result<()> {
    let machine = Machine::start().await?;
    machine.ok(&["migrate"]).await?;
    let token = machine.ok(&["token", "create", "--person", "ann", "--name", "ann"]).await?;
    let bot = machine.ok(&["token", "create", "--bot"]).await?;
    let mut serve = machine.serve()?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let me = async || {
        let answer = http.get(machine.url("/v1/me")).bearer_auth(token.trim()).send().await?;
        Ok::<_, anyhow::Error>((answer.status().as_u16(), answer.text().await?))
    };
    serve
        .ready("the API to answer", LIMIT, || async {
            let (status, body) = me().await?;
            ensure!(status == 200 && body.contains("\"ann\""), "{status} {body}");
            Ok(())
        })
        .await?;
    machine.ok(&["token", "revoke", "ann"]).await?;
    ensure!(me().await?.0 == 401, "revoked at once");

    // Who waits for news is answered before it ends.
    let waiting = tokio::spawn({
        let (http, url) = (http.clone(), machine.url("/v1/cards/behind?wait_s=25"));
        async move {
            // Whoever asks below may have the only place just then.
            lab::until("a place to wait", LIMIT + LIMIT, || async {
                let answer = http.get(&url).bearer_auth(bot.trim()).send().await?;
                ensure!(answer.status() == 200, "{answer:?}");
                Ok(())
            })
            .await
        }
    });
    lab::until("somebody to wait", LIMIT, || async {
        let answer = http.get(machine.url("/healthz")).send().await?;
        ensure!(answer.status() == 429, "the only place is free: {answer:?}");
        Ok(())
    })
    .await?;
    let status = tokio::time::timeout(LIMIT, serve.stop()).await.context("it does not end")??;
    ensure!(status.success(), "{status}: {}", serve.log_tail());
    waiting.await?.context("it was not answered")?;

    machine.store.sql("UPDATE desk._sqlx_migrations SET version = version + 1000").await?;
    let newer = machine.fails(&["serve"]).await?;
    ensure!(newer.contains("it is too old"), "{newer}");
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_down_or_a_key_that_is_wrong_is_told_in_a_line() -> Result<()> {
    let mut machine = Machine::start().await?;
    machine.store.kill()?;
    let down = machine.fails(&["serve"]).await?;
    ensure!(down.contains("can not be asked") && down.contains("dbdesk doctor"), "{down}");
    ensure!(!down.contains(machine.store.password()), "no secret is told");
    machine.put("dbdesk.toml", "[api]\nlisen = \"x\"\n")?;
    let wrong = machine.fails(&["serve"]).await?;
    ensure!(wrong.contains("no key `lisen` in [api]. Did you mean `listen`"), "{wrong}");
    Ok(())
}

#[tokio::test]
async fn tasks_are_looked_at_and_steered_from_a_shell() -> Result<()> {
    let machine = Machine::start().await?;
    let config = std::fs::read_to_string(machine.path("dbdesk.toml"))?;
    let people = format!(
        "{config}[[person]]\nname = \"bob\"\nroles = [\"dba\"]\n[client]\nurl = \"http://127.0.0.1:{}\"\ntoken_file = \"bob\"\n",
        machine.port.number()
    );
    machine.put("dbdesk.toml", &people)?;
    machine.ok(&["migrate"]).await?;
    machine.ok(&["inventory", "load", &machine.path("inventory.toml").display().to_string()]).await?;
    let ann = machine.ok(&["token", "create", "--person", "ann", "--name", "ann"]).await?;
    let bob = machine
        .ok(&["token", "create", "--person", "bob", "--name", "bob", "--may", "read,file,decide,steer"])
        .await?;
    machine.put("bob", &bob)?;
    let down = machine.fails(&["task", "queue"]).await?;
    ensure!(down.contains("does not answer") && down.contains("client.url"), "{down}");
    let mut serve = machine.serve()?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let ticket = serde_json::json!({ "service_group": "shop", "database": "shop", "reason": "as asked",
        "sql": "UPDATE orders SET note = 'a' WHERE id = 1", "when": next_month() });
    let post = async |token: &str, path: &str, body: &serde_json::Value| {
        let answer = http.post(machine.url(path)).bearer_auth(token.trim()).json(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {text}");
        Ok::<_, anyhow::Error>(text)
    };
    serve
        .ready("the API to answer", LIMIT, || async {
            ensure!(http.get(machine.url("/healthz")).send().await?.status() == 200, "not yet");
            Ok(())
        })
        .await?;
    post(&ann, "/v1/tickets", &ticket).await?;
    post(&ann, "/v1/tickets/1/send-to-dba", &serde_json::json!({})).await?;
    post(&bob, "/v1/tickets/1/approve", &serde_json::json!({})).await?;

    let mut told = String::new();
    for words in [
        &["list"][..],
        &["list", "ended"],
        &["list", "--group", "shop", "--state", "waiting", "--lang", "zh-CN"],
        &["pause", "T-1"],
        &["show", "T-1"],
        &["resume", "K-1", "--lang", "zh-CN"],
        &["prioritise", "1", "high"],
        &["show", "1", "--lang", "zh-CN"],
        &["queue"],
        &["cancel", "K-1"],
        &["retry", "T-1"],
        &["show", "T-1"],
    ] {
        let out = machine.ok(&[&["task"], words].concat()).await?;
        told.extend(["$ dbdesk task ", &words.join(" "), "\n", &out]);
    }
    for words in [
        &["show", "K-77"][..],
        &["list", "--group", "shpo"],
        &["pause", "K-1", "--lang", "zh-CN"],
        &["skip", "T-1", "--confirm", "shop"],
        &["throttle", "T-1", "--max-lag", "3", "--max-load", "20"],
        &["hold-cut-over", "T-1"],
        &["cut-over", "T-1", "--quiet", "--lang", "zh-CN"],
        &["undo", "T-1"],
    ] {
        let out = machine.fails(&[&["task"], words].concat()).await?;
        told.extend(["$ dbdesk task ", &words.join(" "), "\n(1) ", &out]);
    }
    let timeless: Vec<String> = told.lines().map(without_time).collect();
    insta::assert_snapshot!(timeless.join("\n"));

    let json = machine.ok(&["task", "log", "T-1", "--format", "json"]).await?;
    let json: serde_json::Value = serde_json::from_str(&json)?;
    ensure!(json["task"] == 2 && json["entries"][0]["event"]["kind"] == "retried", "{json:#}");
    for words in [
        &["show", "x"][..],
        &["list", "some"],
        &["prioritise", "K-1", "first"],
        &["show"],
        &["list", "--limit", "0"],
    ] {
        let out = machine.run(&[&["task"], words].concat()).await?;
        ensure!(out.status.code() == Some(2), "{words:?}: {out:?}");
    }
    machine.put("dbdesk.toml", &people.replace("token_file = \"bob\"", "token = \"x\""))?;
    let inside = machine.run(&["task", "queue"]).await?;
    let inside_text = String::from_utf8(inside.stderr)?;
    ensure!(inside.status.code() == Some(2) && inside_text.contains("client.token_file"), "{inside_text}");
    Ok(())
}

/// A time that is far enough.
#[expect(clippy::disallowed_methods, reason = "the processes have the real clock")]
fn next_month() -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(30)).format("%Y-%m-%d %H:%M").to_string()
}

/// A line without the time at its end.
fn without_time(line: &str) -> String {
    let head = line.strip_suffix(" UTC").and_then(|head| head.get(..head.len().checked_sub(19)?));
    head.map_or_else(|| line.to_owned(), |head| format!("{head}[time]"))
}

/// What doctor says as the only program of a container, where `first` is its pid 1. `None` where nobody may make such a room.
async fn doctor_in_a_container(first: &[&str]) -> Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("dbdesk.toml");
    std::fs::write(&config, "[store]\nhost = \"127.0.0.1\"\nport = 1\n[redis]\nport = 1\n")?;
    let room = ["--pid", "--fork", "--kill-child", "--mount-proc"];
    if !Command::new("unshare").args(room).arg("true").output().await?.status.success() {
        return Ok(None);
    }
    let program = [DBDESK, "doctor", "--config", config.to_str().context("a path")?];
    let said = Command::new("unshare").args(room).args(first).args(program).output().await?;
    Ok(Some(String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()))
}

#[tokio::test]
async fn doctor_names_a_pid_1_that_does_not_wait_for_orphans_and_says_what_to_do() -> Result<()> {
    let (Some(alone), Some(with_init)) = (
        doctor_in_a_container(&[]).await?,
        doctor_in_a_container(&["sh", "-c", "\"$@\"; exit $?", "sh"]).await?,
    ) else {
        eprintln!("skipped: this account can not make a namespace of processes");
        return Ok(());
    };
    let told = "process 1 (dbdesk) does not wait for orphans";
    ensure!(alone.contains(told) && alone.contains("docker run --init"), "{alone}");
    ensure!(with_init.contains("ok    pid 1: a process that nobody started is waited for"), "{with_init}");
    Ok(())
}

#[tokio::test]
async fn what_the_account_of_accounts_needs_is_printed_for_a_dba_to_run() -> Result<()> {
    let machine = Machine::start().await?;
    machine.ok(&["migrate"]).await?;
    machine.ok(&["inventory", "load", machine.path("inventory.toml").to_str().context("a path")?]).await?;
    let grants = ["account", "grants", "shop", "--host"];
    let mut told = machine
        .ok(&[&grants[..], &["10.0.0.0/24", "--database", "stock", "--prefix", "shop_"]].concat())
        .await?;
    told += "--\n";
    told += &machine.fails(&["account", "grants", "ship", "--host", "10.0.0.9"]).await?;
    told += &machine.fails(&[&grants[..], &["10.0.0.9'"]].concat()).await?;
    told += &machine.fails(&[&grants[..], &["10.0.0.9", "--database", "mysql"]].concat()).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn people_who_are_not_in_the_configuration_are_kept_by_the_operators_shell() -> Result<()> {
    let machine = Machine::start().await?;
    machine.ok(&["migrate"]).await?;
    machine
        .ok(&["person", "add", "tom", "--role", "developer", "--role", "dba", "--team", "databases"])
        .await?;
    machine.ok(&["person", "add", "nix"]).await?;
    let mut told = machine.fails(&["person", "add", "tom"]).await?;
    told += &machine.fails(&["person", "add", "dbdesk"]).await?;
    told += &machine.fails(&["person", "link", "tom", "101"]).await?;
    told += &machine.fails(&["person", "link", "tom", "x"]).await?;
    told += &machine.fails(&["person", "link", "tom", "0"]).await?;
    told += &machine.fails(&["person", "add", "x@y <@123>"]).await?;
    told += &machine.fails(&["person", "link", "nobody", "7"]).await?;
    let asked = r#"USE desk;
        INSERT INTO notice (id, channel, lang, content, created_at, updated_at)
        VALUES (5, 'admins', 'en', '{"kind":"link_asked","discord_id":"200","name":"tom","lapses_at":"2030-01-01T00:00:00Z","admins":[]}',
                NOW(3), NOW(3));
        INSERT INTO link_request (discord_id, name, notice_id, asked_at, lapses_at, open_discord_id)
        VALUES ('200', 'tom', 5, NOW(3), '2030-01-01', '200')"#;
    machine.store.sql(asked).await?;
    told += &machine.ok(&["person", "link", "tom", "200"]).await?;
    let settled =
        machine.store.sql("SELECT content, settled_at IS NOT NULL FROM desk.notice WHERE id = 5").await?;
    ensure!(settled.contains(r#""kind":"operator""#) && settled.trim().ends_with('1'), "{settled}");
    told += &machine.fails(&["person", "link", "tom", "201"]).await?;
    told += &machine.ok(&["person", "unlink", "ann"]).await?;
    told += &machine.fails(&["person", "unlink", "ann"]).await?;
    told += &machine.fails(&["person", "roles", "ann", "admin"]).await?;
    told += &machine.fails(&["person", "team", "ann"]).await?;
    told += &machine.ok(&["person", "roles", "nix", "admin"]).await?;
    told += &machine.ok(&["person", "team", "nix", "office"]).await?;
    told += &machine.ok(&["person", "roles", "tom"]).await?;
    ensure!(machine.ok(&["migrate"]).await?.contains("0 of 1 people"), "what was unlinked is not given back");
    told += &machine.ok(&["person", "list"]).await?;

    let config = std::fs::read_to_string(machine.path("dbdesk.toml"))?;
    machine.put("dbdesk.toml", &config.replace("\"101\"", "\"200\""))?;
    told += &machine.fails(&["migrate"]).await?;
    let twice = "[[person]]\nname = \"eve\"\ndiscord_id = \"101\"\nroles = []\n";
    machine.put("dbdesk.toml", &format!("{config}{twice}"))?;
    let refused = machine.fails(&["migrate"]).await?;
    told += refused.split_once(": ").context("a place")?.1.split_once(": ").context("what is wrong")?.1;
    insta::assert_snapshot!(told);
    Ok(())
}
