//! Accounts on a real MariaDB and a real MySQL, by tasks: made, changed, ended; and what must not be is not.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Context as _, Result, bail, ensure};
use chrono::TimeDelta;
use dbdesk_account::{
    AccountName, DatabaseName, Dialect, HostPattern, HostPolicy, Level, Plugin, Privileges, Reach, TableName,
    UserName,
    ask::{Account as Given, Ask},
    database::{Charset, Database},
    drift::Ignored,
    own::{self, Gets, Need},
    statement::Limits,
};
use dbdesk_cmdb::{Hostgroups, Proxy, ProxyKind};
use dbdesk_commands::{
    id::{AccountId, TaskId, TicketId},
    wire::task::TaskKind,
};
use dbdesk_components::instance;
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Granting, Machines, Outcome, Settings, secret_place},
};
use dbdesk_review::Flavour;
use dbdesk_store::{
    account::{self, NewAccount},
    account_secret, begin,
    group_history::Change,
    revision::Effect,
    service_group::{self, GroupRow},
    task,
};
use dbdesk_ticket::machine::TaskEnd;
use dbdesk_undo::sealed::{Key, Keys, open_secret};
use desk::{Desk, Wanted, clock};
use lab::{MariaDb, MySql, Server};
use proxysql_sim::ProxySql;
use sqlx::{Connection as _, MySqlConnection, mysql::MySqlConnectOptions};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::watch;

/// How the stand-in of a `ProxySQL` is spoken to.
fn machines() -> Machines {
    Machines {
        ssh: None,
        zones: std::collections::BTreeMap::new(),
        proxysql: Some(Account { user: ProxySql::USER.into(), password: ProxySql::PASSWORD.into() }),
        proxysql_ca_file: None,
        file_sd_dir: None,
        own_users: Vec::new(),
        looks: None,
        replication: None,
        own: Arc::new(|_, _| instance::Accounts::default()),
    }
}

struct Stage {
    desk: Desk,
    dialect: Dialect,
    id: AccountId,
    /// Where the bytes of passwords go on from: no two are the same.
    chance: Arc<AtomicU64>,
}

fn keys() -> Keys {
    Keys { sealing: Key::of_hex(&"5a".repeat(32)).ok(), old: Vec::new() }
}

impl Stage {
    async fn on(target: Box<dyn std::ops::DerefMut<Target = Server>>, flavour: &str) -> Result<Self> {
        let desk = Desk::with(Box::new(MariaDb::start().await?), target).await?;
        let GroupRow { mut group, version, .. } =
            service_group::by_id(&desk.pool, desk.group).await?.context("a group")?;
        flavour.clone_into(&mut group.flavour);
        let mut tx = begin(&desk.pool).await?;
        service_group::put(&mut tx, &group, &Change::of(version, "a test"), desk::now()).await?;
        let new = NewAccount {
            group: desk.group,
            user: "reports".to_owned(),
            database: desk::SHOP.to_owned(),
            application: None,
            owner: dbdesk_commands::id::PersonId(1),
            team: None,
            expires_at: desk::now() + TimeDelta::days(30),
        };
        let id = account::insert(&mut tx, &new, desk::now()).await?;
        tx.commit().await?;
        let dialect = Dialect::of(Flavour::of_name(flavour).context("a flavour")?);
        Ok(Self { desk, dialect, id, chance: Arc::new(AtomicU64::new(1)) })
    }

    fn account(&self, generation: u32, reach: Reach) -> Result<Given> {
        let plugin = if self.dialect.is_mariadb() { Plugin::Native } else { Plugin::CachingSha2 };
        let said = |said: dbdesk_commands::lang::Said| anyhow::anyhow!(said.en);
        Ok(Given {
            id: self.id,
            user: UserName::parse("reports").map_err(said)?,
            hosts: vec![HostPattern::parse("127.0.0.1", HostPolicy::default()).map_err(said)?],
            privileges: Privileges {
                database: DatabaseName::parse(desk::SHOP).map_err(said)?,
                level: Level::Ro,
                reach,
            },
            limits: Limits::default(),
            plugin,
            generation,
        })
    }

    /// A ticket that asks for this, approved and due.
    async fn asked(&self, ask: &Ask) -> Result<(TicketId, TaskId)> {
        let text = ask.text(self.dialect).map_err(|said| anyhow::anyhow!(said.en))?;
        let effect =
            Effect { kind: TaskKind::Account, touches: Some([].into()), repeatable: true, script: None };
        let (ticket, task) = self.desk.wanted(&Wanted { sql: &text, effect, ..Wanted::default() }).await?;
        let steps = ask.counted(self.dialect).map_err(|said| anyhow::anyhow!(said.en))?;
        self.sql(
            "UPDATE ticket_revision SET request = ? WHERE ticket_id = ?",
            &[&serde_json::to_string(ask)?, &ticket.0.to_string()],
        )
        .await?;
        self.sql("UPDATE task SET total = ? WHERE id = ?", &[&steps.to_string(), &task.0.to_string()])
            .await?;
        Ok((ticket, task))
    }

    async fn sql(&self, sql: &'static str, values: &[&str]) -> Result<()> {
        let query = values.iter().fold(sqlx::query(sql), |query, value| query.bind((*value).to_owned()));
        query.execute(&self.desk.pool).await?;
        Ok(())
    }

    async fn runs(&self, task: TaskId) -> Result<Outcome> {
        let state = tempfile::tempdir()?;
        let password = self.desk.target.password().to_owned();
        let user = Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
        let count = self.chance.clone();
        let granting = Granting {
            user: user.clone(),
            keys: keys(),
            chance: Arc::new(move |bytes| {
                // The high bits of multiples of the golden ratio: passwords differ, and are the same at every run.
                bytes.fill_with(|| {
                    (count.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8
                });
                true
            }),
            hand_over_hours: 24,
            ignored: Ignored::with(&["monitor@*".to_owned()]),
            needs: Arc::new(|_| vec![Need { user: "dbdesk_run".to_owned(), privileges: own::of_run(true) }]),
        };
        let settings = Settings {
            granting: Some(Arc::new(granting)),
            machines: Some(Arc::new(machines())),
            ..Settings::usual(self.desk.connect.clone(), user, state.path().to_owned())
        };
        let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
        let (_stop, stop) = watch::channel(false);
        let by = process::claimant("here", std::process::id())?;
        Ok(Box::pin(run::run(task, by, pen, settings, clock(), stop)).await?)
    }

    /// Does it, and it succeeds.
    async fn done(&self, ask: &Ask) -> Result<()> {
        let (ticket, task) = self.asked(ask).await?;
        let outcome = self.runs(task).await?;
        ensure!(
            matches!(outcome, Outcome::Ended(TaskEnd::Succeeded)),
            "{outcome:?}: {}",
            self.desk.story(ticket).await?
        );
        let row = task::get(&self.desk.pool, task).await?.context("a task")?;
        ensure!(row.done == row.total, "{} of {}", row.done, row.total);
        Ok(())
    }

    /// Does it again from its first statement, and it succeeds.
    async fn done_again(&self, ticket: TicketId, task: TaskId) -> Result<()> {
        self.sql("UPDATE ticket SET state = 'failed' WHERE id = ?", &[&ticket.0.to_string()]).await?;
        let again = self.desk.again(ticket, task).await?;
        let outcome = self.runs(again).await?;
        let story = self.desk.story(ticket).await?;
        ensure!(matches!(outcome, Outcome::Ended(TaskEnd::Succeeded)), "{outcome:?}: {story}");
        Ok(())
    }

    /// Does it, and it fails; gives its story.
    async fn fails(&self, ask: &Ask) -> Result<String> {
        let (ticket, task) = self.asked(ask).await?;
        let outcome = self.runs(task).await?;
        ensure!(matches!(outcome, Outcome::Ended(TaskEnd::Failed)), "{outcome:?}");
        self.desk.story(ticket).await
    }

    async fn password(&self, generation: u32) -> Result<String> {
        let kept = account_secret::get(&self.desk.pool, (self.id, generation)).await?.context("a secret")?;
        let key = keys().sealing.context("a key")?;
        let sealed = kept.sealed.context("it is kept")?;
        let opened = open_secret(&sealed, &key, &secret_place(self.id, generation))?;
        Ok(String::from_utf8(opened.to_vec())?)
    }

    /// The user that logs in with the password of a generation.
    fn user(&self, generation: u32) -> &'static str {
        match (self.dialect.is_mariadb(), generation % 2) {
            (false, _) => "reports",
            (true, 0) => "reports_a",
            (true, _) => "reports_b",
        }
    }

    async fn connects(&self, generation: u32) -> Result<MySqlConnection> {
        let options = MySqlConnectOptions::new()
            .host("127.0.0.1")
            .port(self.desk.target.port())
            .username(self.user(generation))
            .password(&self.password(generation).await?)
            .database(desk::SHOP);
        Ok(MySqlConnection::connect_with(&options).await?)
    }

    async fn refused(&self, generation: u32) -> Result<()> {
        match self.connects(generation).await {
            Ok(_) => bail!("generation {generation} is let in"),
            Err(_) => Ok(()),
        }
    }

    async fn state(&self) -> Result<String> {
        Ok(account::get(&self.desk.pool, self.id).await?.context("an account")?.state.word().to_owned())
    }

    async fn users(&self) -> Result<String> {
        self.desk.target.sql("SELECT COALESCE(GROUP_CONCAT(User ORDER BY User), '') FROM mysql.user WHERE User LIKE 'reports%'").await
    }
}

async fn it_lives(stage: Stage) -> Result<()> {
    let until = desk::now() + TimeDelta::days(30);
    stage.done(&Ask::Create { account: stage.account(0, Reach::Database)?, until, given: false }).await?;
    let mut reader = stage.connects(0).await?;
    sqlx::query("SELECT * FROM done").fetch_all(&mut reader).await?;
    ensure!(sqlx::query("DELETE FROM done").execute(&mut reader).await.is_err(), "it may read, and no more");
    ensure!(stage.state().await? == "active");

    stage
        .done(&Ask::Rotate { account: stage.account(1, Reach::Database)?, grace_hours: 24, given: false })
        .await?;
    stage.connects(0).await.context("the old password goes on")?;
    stage.connects(1).await.context("beside the new one")?;
    stage.done(&Ask::EndOld { account: stage.account(1, Reach::Database)? }).await?;
    stage.refused(0).await?;
    let held = stage.connects(1).await?;

    stage.done(&Ask::Lock { account: stage.account(1, Reach::Database)? }).await?;
    stage.refused(1).await?;
    ensure!(ended(held).await, "its sessions end with it");
    ensure!(stage.state().await? == "locked");
    stage.done(&Ask::Renew { account: stage.account(1, Reach::Database)?, until, revoked: None }).await?;
    stage.connects(1).await?;
    ensure!(stage.state().await? == "active");
    let gone = Ask::Drop { account: stage.account(1, Reach::Database)? };
    let story = stage.fails(&gone).await?;
    ensure!(story.contains("is not any more as it was"), "it lives on: {story}");
    stage.done(&Ask::Lock { account: stage.account(1, Reach::Database)? }).await?;
    stage.done(&gone).await?;
    ensure!(stage.users().await?.is_empty(), "{}", stage.users().await?);
    ensure!(stage.state().await? == "dropped");
    Ok(())
}

async fn ended(mut connection: MySqlConnection) -> bool {
    sqlx::query("SELECT 1").execute(&mut connection).await.is_err()
}

#[tokio::test]
async fn an_account_lives_from_its_making_to_its_end_on_mariadb() -> Result<()> {
    it_lives(Stage::on(Box::new(MariaDb::start().await?), "mariadb-10.11").await?).await
}

#[tokio::test]
async fn an_account_lives_from_its_making_to_its_end_on_mysql() -> Result<()> {
    it_lives(Stage::on(Box::new(MySql::start().await?), "mysql-9.7").await?).await
}

#[tokio::test]
async fn a_proxy_that_keeps_a_list_lets_in_whom_the_servers_do() -> Result<()> {
    let stage = Stage::on(Box::new(MariaDb::start().await?), "mariadb-10.11").await?;
    let proxy = ProxySql::start().await?;
    let GroupRow { mut group, version, .. } =
        service_group::by_id(&stage.desk.pool, stage.desk.group).await?.context("a group")?;
    group.proxies = vec![Proxy {
        host: "127.0.0.1".to_owned(),
        kind: ProxyKind::Proxysql,
        admin: proxy.address().to_string(),
        write_port: 6033,
        read_port: None,
        hostgroups: Some(Hostgroups { writer: 10, reader: 11 }),
    }];
    let mut tx = begin(&stage.desk.pool).await?;
    service_group::put(&mut tx, &group, &Change::of(version, "a test"), desk::now()).await?;
    tx.commit().await?;
    let listed =
        || proxy.sql("SELECT username, active, default_hostgroup FROM mysql_users ORDER BY username");
    let until = desk::now() + TimeDelta::days(30);
    stage.done(&Ask::Create { account: stage.account(0, Reach::Database)?, until, given: false }).await?;
    ensure!(listed()?.trim() == "reports_a\t1\t10", "{}", listed()?);
    let password = proxy.sql("SELECT password FROM mysql_users")?;
    let told = stage.desk.story(TicketId(1)).await?;
    ensure!(password.trim().len() > 20 && !told.contains(password.trim()), "no password is told: {told}");
    // Another password is another account beside it, on a MariaDB; then the old one ends.
    stage
        .done(&Ask::Rotate { account: stage.account(1, Reach::Database)?, grace_hours: 1, given: false })
        .await?;
    ensure!(listed()?.trim() == "reports_a\t1\t10\nreports_b\t1\t10", "{}", listed()?);
    stage.done(&Ask::EndOld { account: stage.account(1, Reach::Database)? }).await?;
    stage.done(&Ask::Lock { account: stage.account(1, Reach::Database)? }).await?;
    ensure!(listed()?.trim() == "reports_b\t0\t10", "{}", listed()?);
    stage.done(&Ask::Renew { account: stage.account(1, Reach::Database)?, until, revoked: None }).await?;
    ensure!(listed()?.trim() == "reports_b\t1\t10", "{}", listed()?);
    stage.done(&Ask::Lock { account: stage.account(1, Reach::Database)? }).await?;
    stage.done(&Ask::Drop { account: stage.account(1, Reach::Database)? }).await?;
    ensure!(listed()?.trim().is_empty(), "{}", listed()?);
    Ok(())
}

async fn what_must_not_be(stage: Stage) -> Result<()> {
    let until = desk::now() + TimeDelta::days(30);
    // What a ticket left that was withdrawn decides nothing.
    let (of, before) = ((stage.id, 0), desk::now() - TimeDelta::hours(1));
    account_secret::put(&stage.desk.pool, of, (account_secret::Kind::Hash, "old", b"sealed"), before).await?;

    // What runs is what was approved: other fields under the same text are refused, and nothing is sent.
    let create = Ask::Create { account: stage.account(0, Reach::Database)?, until, given: false };
    let (ticket, task) = stage.asked(&create).await?;
    let mut more = stage.account(0, Reach::Database)?;
    more.privileges.level = Level::Ddl;
    let forged = serde_json::to_string(&Ask::Create { account: more, until, given: false })?;
    stage
        .sql("UPDATE ticket_revision SET request = ? WHERE ticket_id = ?", &[&forged, &ticket.0.to_string()])
        .await?;
    let outcome = stage.runs(task).await?;
    ensure!(matches!(outcome, Outcome::Ended(TaskEnd::Failed)), "{outcome:?}");
    ensure!(stage.users().await?.is_empty(), "{}", stage.users().await?);

    // One that was there is not taken over, and the same user from elsewhere is not put in the shade.
    for name in [
        AccountName::new(stage.user(0), "127.0.0.1"),
        AccountName::new(stage.user(1), "10.9.0.0/255.255.0.0"),
    ] {
        let made = format!("CREATE USER {} IDENTIFIED BY 'of-somebody-else-1'", name.sql());
        stage.desk.target.sql(&made).await?;
        let story = stage.fails(&create).await?;
        ensure!(story.contains("is there already"), "{story}");
        stage.desk.target.sql(&format!("DROP USER {}", name.sql())).await?;
    }

    // A table that is not there: what was made is taken away, and the same ticket can be done when it is there.
    let tables =
        Reach::Tables([TableName::parse("nowhere").map_err(|said| anyhow::anyhow!(said.en))?].into());
    let create = Ask::Create { account: stage.account(0, tables)?, until, given: false };
    stage.fails(&create).await?;
    ensure!(stage.users().await?.is_empty(), "{}", stage.users().await?);
    ensure!(stage.state().await? == "asked");
    stage.desk.target.sql("CREATE TABLE shop.nowhere (id INT PRIMARY KEY)").await?;
    stage.done(&create).await?;
    stage.connects(0).await?;
    Ok(())
}

#[tokio::test]
async fn what_was_not_approved_or_is_somebody_elses_or_half_done_is_not_left_on_mariadb() -> Result<()> {
    what_must_not_be(Stage::on(Box::new(MariaDb::start().await?), "mariadb-10.11").await?).await
}

#[tokio::test]
async fn what_was_not_approved_or_is_somebody_elses_or_half_done_is_not_left_on_mysql() -> Result<()> {
    what_must_not_be(Stage::on(Box::new(MySql::start().await?), "mysql-9.7").await?).await
}

#[tokio::test]
async fn what_was_changed_by_hand_is_brought_back_on_mysql() -> Result<()> {
    let stage = Stage::on(Box::new(MySql::start().await?), "mysql-9.7").await?;
    let until = desk::now() + TimeDelta::days(30);
    let account = stage.account(0, Reach::Database)?;
    stage.done(&Ask::Create { account: account.clone(), until, given: false }).await?;
    let target = &stage.desk.target;
    target.sql("GRANT DELETE ON shop.* TO 'reports'@'127.0.0.1'; CREATE USER mallory@'%' IDENTIFIED BY 'by-hand-1234'; \
        CREATE USER monitor@'%' IDENTIFIED BY 'by-hand-1234'").await?;
    let accounts = vec![
        AccountName::new("reports", "127.0.0.1"),
        AccountName::new("mallory", "%"),
        AccountName::new("monitor", "%"),
    ];
    stage.done(&Ask::Repair { accounts, found: vec!["two".to_owned()] }).await?;
    let grants = target.sql("SHOW GRANTS FOR 'reports'@'127.0.0.1'").await?;
    ensure!(!grants.contains("DELETE"), "{grants}");
    let mallory = target.sql("SHOW CREATE USER mallory@'%'").await?;
    ensure!(mallory.contains("ACCOUNT LOCK"), "{mallory}");
    let monitor = target.sql("SHOW CREATE USER monitor@'%'").await?;
    ensure!(!monitor.contains("ACCOUNT LOCK"), "it was named as none of the desk's since: {monitor}");
    stage.connects(0).await?;
    Ok(())
}

#[tokio::test]
async fn a_task_that_is_done_again_uses_the_password_of_the_first() -> Result<()> {
    let stage = Stage::on(Box::new(MariaDb::start().await?), "mariadb-10.11").await?;
    let until = desk::now() + TimeDelta::days(30);
    let create = Ask::Create { account: stage.account(0, Reach::Database)?, until, given: false };
    let (ticket, task) = stage.asked(&create).await?;
    stage.runs(task).await?;
    let first = stage.password(0).await?;
    // As after a crash at any point: the server has some of it, and all is done again.
    for half in [
        "DROP USER 'reports_a'@'127.0.0.1'",
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'reports_a'@'127.0.0.1'",
        "ALTER USER 'reports_a'@'127.0.0.1' ACCOUNT LOCK",
    ] {
        stage.desk.target.sql(half).await?;
        stage.sql("UPDATE account SET state = 'asked'", &[]).await?;
        stage.sql("UPDATE account_secret SET made_at = NULL", &[]).await?;
        stage.done_again(ticket, task).await.context(half)?;
        ensure!(stage.password(0).await? == first, "{half}: the same password");
        let mut reader = stage.connects(0).await.context(half)?;
        sqlx::query("SELECT * FROM done").fetch_all(&mut reader).await.context(half)?;
    }
    // As after a crash when the book had it already, and the secret was forgotten: nothing is sent, and nothing taken away.
    stage.sql("UPDATE account_secret SET sealed = NULL", &[]).await?;
    stage.done_again(ticket, task).await?;
    ensure!(stage.users().await? == "reports_a", "{}", stage.users().await?);
    Ok(())
}

#[tokio::test]
async fn a_rotation_that_is_done_again_leaves_the_old_password_good_on_mysql() -> Result<()> {
    let stage = Stage::on(Box::new(MySql::start().await?), "mysql-9.7").await?;
    let until = desk::now() + TimeDelta::days(30);
    stage.done(&Ask::Create { account: stage.account(0, Reach::Database)?, until, given: false }).await?;
    let spec = account::get(&stage.desk.pool, stage.id).await?.context("an account")?.spec;
    let rotate = Ask::Rotate { account: stage.account(1, Reach::Database)?, grace_hours: 24, given: false };
    let (ticket, task) = stage.asked(&rotate).await?;
    stage.runs(task).await?;
    stage.connects(1).await?;
    // As after a crash behind the statements, before the book had it.
    stage.sql("UPDATE account SET spec = ?, old_until = NULL", &[&spec]).await?;
    stage.sql("UPDATE account_secret SET made_at = NULL WHERE generation = 1", &[]).await?;
    stage.done_again(ticket, task).await?;
    stage.connects(0).await.context("the old password goes on")?;
    stage.connects(1).await.context("beside the new one")?;
    Ok(())
}

#[tokio::test]
async fn a_database_that_the_ticket_did_not_make_is_not_taken_over() -> Result<()> {
    let stage = Stage::on(Box::new(MariaDb::start().await?), "mariadb-10.11").await?;
    let said = |said: dbdesk_commands::lang::Said| anyhow::anyhow!(said.en);
    let database = Database {
        name: DatabaseName::parse("shop_new").map_err(said)?,
        charset: Charset::parse("utf8mb4", Some("utf8mb4_bin")).map_err(said)?,
    };
    let make = Ask::MakeDatabase { database, owner: None, size_mb: None, own: vec![] };
    let by_hand = "CREATE DATABASE shop_new CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
    stage.desk.target.sql(by_hand).await?;
    let story = stage.fails(&make).await?;
    ensure!(story.contains("is there already"), "{story}");
    stage.desk.target.sql("DROP DATABASE shop_new").await?;
    let (ticket, task) = stage.asked(&make).await?;
    stage.runs(task).await?;
    // As after a crash behind the statement: it is its own.
    stage.done_again(ticket, task).await
}

#[tokio::test]
async fn the_desks_own_account_works_in_a_database_that_a_ticket_made_or_the_thread_says_what_is_lacking()
-> Result<()> {
    let stage = Stage::on(Box::new(MariaDb::start().await?), "mariadb-10.11").await?;
    let shop = desk::SHOP;
    stage
        .desk
        .target
        .sql(&format!(
            "CREATE USER dbdesk_run@'127.0.0.1' IDENTIFIED BY 'by-hand-1234'; \
             GRANT SELECT, INSERT ON {shop}.* TO dbdesk_run@'127.0.0.1'"
        ))
        .await?;
    let said = |said: dbdesk_commands::lang::Said| anyhow::anyhow!(said.en);
    let make = |name: &str, own: Vec<Gets>| -> Result<Ask> {
        let (name, charset) =
            (DatabaseName::parse(name).map_err(said)?, Charset::parse("utf8mb4", None).map_err(said)?);
        Ok(Ask::MakeDatabase { database: Database { name, charset }, owner: None, size_mb: None, own })
    };
    let (ticket, task) = stage.asked(&make("shop_one", vec![])?).await?;
    stage.runs(task).await?;
    let story = stage.desk.story(ticket).await?;
    ensure!(
        story.contains("DeskLacks")
            && story.contains("_one`.* TO `dbdesk_run`@`127.0.0.1`")
            && story.contains("GRANT SELECT, INSERT ON"),
        "{story}"
    );
    let gets = Gets {
        account: AccountName::new("dbdesk_run", "127.0.0.1"),
        privileges: [dbdesk_account::Privilege::Select, dbdesk_account::Privilege::Insert].into(),
    };
    let (ticket, task) = stage.asked(&make("shop_two", vec![gets])?).await?;
    stage.runs(task).await?;
    let story = stage.desk.story(ticket).await?;
    ensure!(!story.contains("DeskLacks"), "{story}");
    let grants = stage.desk.target.sql("SHOW GRANTS FOR dbdesk_run@'127.0.0.1'").await?;
    ensure!(grants.contains("GRANT SELECT, INSERT ON `shop") && grants.contains("_two`.*"), "{grants}");
    Ok(())
}
