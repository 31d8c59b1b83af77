//! What each level may, and may not.

use crate::desk::{create, login, on_all, password, privileges, refused, run};
use anyhow::{Context as _, Result, ensure};
use dbdesk_account::{Level, Reach};
use dbdesk_components::mysql::accounts::Accounts;
use lab::Server;

on_all!(every_level_may_what_it_is_for_and_nothing_else);

/// The level from which on this may be done to a table; what is done is undone by the next.
const ON_A_TABLE: &[(Level, &str)] = &[
    (Level::Ro, "SELECT * FROM {t}"),
    (Level::Rw, "INSERT INTO {t} VALUES (1, 1)"),
    (Level::Rw, "UPDATE {t} SET n = 2 WHERE id = 1"),
    (Level::Rw, "DELETE FROM {t} WHERE id = 1"),
    (Level::Ddl, "ALTER TABLE {t} ADD COLUMN x int"),
    (Level::Ddl, "ALTER TABLE {t} DROP COLUMN x"),
    (Level::Ddl, "CREATE INDEX idx_n ON {t} (n)"),
    (Level::Ddl, "DROP INDEX idx_n ON {t}"),
    (Level::Ddl, "CREATE TRIGGER {t}_trg BEFORE INSERT ON {t} FOR EACH ROW SET NEW.n = 3"),
    (Level::Ddl, "DROP TRIGGER {t}_trg"),
    (Level::Ddl, "TRUNCATE TABLE {t}"),
];
/// And to a whole database.
const ON_A_DATABASE: &[(Level, &str)] = &[
    (Level::Ro, "SHOW CREATE VIEW {d}.seen"),
    (
        Level::Ddl,
        "CREATE TABLE {d}.child (id int PRIMARY KEY, CONSTRAINT fk FOREIGN KEY (id) REFERENCES {t} (id))",
    ),
    (Level::Ddl, "DROP TABLE {d}.child"),
    (Level::Ddl, "CREATE VIEW {d}.v AS SELECT id FROM {t}"),
    (Level::Ddl, "DROP VIEW {d}.v"),
];
/// Nobody may, whatever his level.
const NEVER: &[&str] = &[
    "SELECT * FROM shopxa.orders",
    "INSERT INTO shopxa.orders VALUES (1, 1)",
    "DROP TABLE shopxa.orders",
    "CREATE DATABASE shopya",
    "SELECT User FROM mysql.user",
    "CREATE USER someone",
    "GRANT SELECT ON shop_a.orders TO someone",
    "CREATE PROCEDURE shop_a.p() SELECT 1",
    "CREATE EVENT shop_a.e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    "LOCK TABLES shop_a.orders WRITE",
    "SET GLOBAL max_connections = 5",
    "FLUSH TABLES",
];
/// "Denied": on a database, a table, a routine; of a global privilege; no such account to grant to.
const DENIED: [u16; 6] = [1044, 1142, 1227, 1370, 1410, 1133];

async fn every_level_may_what_it_is_for_and_nothing_else(
    server: &Server,
    mut accounts: Accounts,
) -> Result<()> {
    let dialect = accounts.dialect();
    for (at, level) in Level::ALL.into_iter().enumerate() {
        for (word, reach) in [("all", Reach::Database), ("some", Reach::parse("orders").expect("a table"))] {
            let name = format!("shop_{}_{word}", level.word());
            let secret = password(at as u8);
            run(&mut accounts, &create(&name, &secret, &privileges(level, reach.clone()), dialect)).await?;
            let mut session = login(server, &name, &secret).await.context(name.clone())?;
            let is_whole = reach == Reach::Database;
            let mut wrong = Vec::new();
            let mut tries = Vec::new();
            for (from, sql) in ON_A_TABLE {
                tries.push((*from <= level, sql.replace("{t}", "shop_a.orders")));
                tries.push((*from <= level && is_whole, sql.replace("{t}", "shop_a.items")));
            }
            for (from, sql) in ON_A_DATABASE {
                tries.push((*from <= level && is_whole, sql.replace("{t}", "shop_a.orders")));
            }
            tries.extend(NEVER.iter().map(|sql| (false, (*sql).to_owned())));
            for (may, sql) in tries {
                let sql = sql.replace("{d}", "shop_a");
                match refused(&mut session, &sql).await? {
                    None if may => {}
                    Some(code) if !may && DENIED.contains(&code) => {}
                    // What was not made can not be dropped: no such index, column, trigger, view.
                    Some(1091 | 1360 | 1051 | 1146) if !may => {}
                    answer => wrong.push(format!("{name}: {sql}: {answer:?}")),
                }
            }
            ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    }
    Ok(())
}
