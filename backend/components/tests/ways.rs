//! No verdict on how a statement should run is better than what real servers grant: they are asked for each algorithm.

use anyhow::{Context as _, Result, bail};
use dbdesk_commands::wire::review::Way;
use dbdesk_components::mysql::facts::{Limits, gather};
use dbdesk_review::Settings;
use lab::{MariaDb, MySql, Server};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::{collections::BTreeMap, fmt::Write as _};

const TABLES: &str = include_str!("ways/tables.sql");
const CASES: &str = include_str!("ways/cases.sql");
/// "ALGORITHM=… is not supported", without and with a reason.
const NOT_GRANTED: [u16; 2] = [1845, 1846];

/// A server that is asked.
struct Asked {
    options: MySqlConnectOptions,
    connection: MySqlConnection,
    is_mariadb: bool,
    tables: BTreeMap<&'static str, &'static str>,
}

impl Asked {
    async fn start(server: &Server, is_mariadb: bool) -> Result<Self> {
        server.sql("CREATE DATABASE ways").await?;
        let options: MySqlConnectOptions = server.url("ways").parse()?;
        let connection = MySqlConnection::connect_with(&options).await?;
        let tables = TABLES
            .lines()
            .filter_map(|line| Some((line.split_whitespace().nth(2)?, line.trim_end_matches(';'))))
            .collect();
        let mut asked = Self { options, connection, is_mariadb, tables };
        asked.run("SET SESSION foreign_key_checks = 1").await?;
        Ok(asked)
    }

    async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        self.connection.execute(AssertSqlSafe(sql.to_owned())).await.map(|_| ())
    }

    /// The table as it is before each statement, with a few rows.
    async fn make(&mut self, table: &str) -> Result<()> {
        self.run("SET SESSION foreign_key_checks = 0").await?;
        for gone in ["plainer", "pairs", "cascading", table] {
            self.run(&format!("DROP TABLE IF EXISTS {gone}")).await?;
        }
        for needed in ["users", table] {
            let create = self.tables.get(needed).context("a table of tables.sql")?;
            let create = create.replacen("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1);
            self.run(&create).await?;
        }
        let rows = match table {
            "plain" => "INSERT INTO plain (user_id, note, amount) VALUES (1, 'a', 1), (2, 'b', 2)",
            "keyless" => "INSERT INTO keyless (a, b) VALUES (1, 1), (2, 2)",
            "pairs" => "INSERT INTO pairs (id, user_id, amount) VALUES (1, 1, 1)",
            "cascading" => "INSERT INTO cascading (id, user_id) VALUES (1, 1)",
            "made" => "INSERT INTO made (id, a) VALUES (1, 1), (2, 2)",
            "squeezed" | "redundant" | "parted" => {
                &format!("INSERT INTO {table} (id, amount) VALUES (1, 1), (12, 2)")
            }
            "isam" | "checked" => &format!("INSERT INTO {table} (id, a) VALUES (1, 1), (2, 2)"),
            _ => &format!("REPLACE INTO {table} (id) VALUES (1), (12)"),
        };
        self.run(rows).await?;
        Ok(self.run("SET SESSION foreign_key_checks = 1").await?)
    }

    /// What names the table's rows on disk; another one after it was built anew.
    async fn place(&mut self, table: &str) -> Result<Option<u64>> {
        let catalogue = if self.is_mariadb { "innodb_sys_tables" } else { "innodb_tables" };
        let sql = format!(
            "SELECT CAST(MIN(table_id) AS UNSIGNED) FROM information_schema.{catalogue} \
             WHERE name = 'ways/{table}' OR name = 'ways/plainer' OR name LIKE 'ways/{table}#%'"
        );
        let row = self.connection.fetch_one(AssertSqlSafe(sql)).await?;
        Ok(row.try_get_unchecked(0)?)
    }

    /// Whether the server runs the statement in this way; if so the table is made again.
    async fn grants(&mut self, sql: &str, table: &str, way: &str, in_its_place: bool) -> Result<bool> {
        let before = self.place(table).await?;
        match self.run(&with_way(sql, way)?).await {
            Ok(()) => {
                let stays = self.place(table).await? == before;
                self.make(table).await?;
                Ok(stays || !in_its_place)
            }
            Err(sqlx::Error::Database(error)) => {
                let number = error.downcast_ref::<sqlx::mysql::MySqlDatabaseError>().number();
                if NOT_GRANTED.contains(&number) {
                    Ok(false)
                } else {
                    bail!("{sql} with {way}: {number} {error}")
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The best way in which the server runs it.
    async fn best(&mut self, sql: &str, table: &str) -> Result<u8> {
        if self.grants(sql, table, "ALGORITHM=INSTANT", true).await? {
            return Ok(1);
        }
        for (way, stays, weight) in [
            ("ALGORITHM=INPLACE, LOCK=NONE", true, 2),
            ("ALGORITHM=INPLACE, LOCK=NONE", false, 3),
            ("ALGORITHM=INPLACE", false, 4),
        ] {
            if self.grants(sql, table, way, stays).await? {
                return Ok(weight);
            }
        }
        Ok(5)
    }

    async fn verdict(&self, sql: &str) -> Result<Way> {
        let settings = Settings { database: Some("ways".into()), ..Settings::default() };
        let script = dbdesk_review::read(sql)?;
        let facts = gather(&self.options, &script.questions(&settings), &Limits::default()).await?;
        let judged = dbdesk_review::judge(&script, &facts, &settings);
        let way = judged.statements.first().and_then(|statement| statement.way.clone());
        Ok(way.with_context(|| format!("no verdict on {sql}"))?.way)
    }
}

/// The statement with the wish for a way.
fn with_way(sql: &str, way: &str) -> Result<String> {
    if sql.starts_with("ALTER TABLE") {
        let at = sql.match_indices(' ').nth(2).context("three words")?.0;
        return Ok(format!("{} {way},{}", &sql[..at], &sql[at..]));
    }
    // MariaDB's DROP INDEX takes no wish; both mean the same.
    if let Some((index, table)) = sql.strip_prefix("DROP INDEX ").and_then(|rest| rest.split_once(" ON ")) {
        return Ok(format!("ALTER TABLE {table} {way}, DROP INDEX {index}"));
    }
    Ok(format!("{sql} {}", way.replace(',', "")))
}

fn table_of(sql: &str) -> &str {
    let mut words = sql.split_whitespace();
    let word = if sql.starts_with("ALTER") { words.nth(2) } else { words.nth(4) };
    word.unwrap_or_default()
}

/// Work on partitions, and a way that the statement asks for itself, take no other wish.
fn takes_a_wish(sql: &str) -> bool {
    !sql.contains("PARTITION") && !sql.contains("ALGORITHM") && !sql.contains("LOCK")
}

async fn never_claims_too_much(server: &Server, flavour: &str) -> Result<String> {
    let mut asked = Asked::start(server, flavour == "mariadb").await?;
    let (mut told, mut too_good) = (String::new(), Vec::new());
    let mut section = "both";
    for line in CASES.lines() {
        if let Some(name) = line.strip_prefix("-- ") {
            section = name;
        } else if !line.is_empty() && ["both", flavour].contains(&section) {
            let table = table_of(line);
            asked.make(table).await?;
            let way = asked.verdict(line).await?;
            let claimed = way.weight();
            let mut note = "";
            if takes_a_wish(line) {
                let best = match asked.best(line, table).await {
                    Ok(best) => best,
                    Err(error) => {
                        too_good.push(format!("{line}: {error:#}"));
                        continue;
                    }
                };
                // A change of the definition may be called so where the server says "in place" and stays there.
                if claimed < best && !(claimed == 1 && best == 2 && !line.contains("ADD INDEX")) {
                    too_good.push(format!("{line}: {way:?}, but the best is {best}"));
                }
                if claimed > best {
                    note = "   (the server does better)";
                }
            } else {
                note = "   (not asked)";
            }
            let _ = writeln!(told, "{line}\n    {}{note}", way.said().en);
        }
    }
    anyhow::ensure!(too_good.is_empty(), "better than the server grants:\n{}", too_good.join("\n"));
    Ok(told)
}

#[tokio::test]
async fn no_verdict_is_better_than_what_a_mariadb_grants() -> Result<()> {
    insta::assert_snapshot!(never_claims_too_much(&*MariaDb::start().await?, "mariadb").await?);
    Ok(())
}

#[tokio::test]
async fn no_verdict_is_better_than_what_a_mysql_grants() -> Result<()> {
    insta::assert_snapshot!(never_claims_too_much(&*MySql::start().await?, "mysql").await?);
    Ok(())
}
