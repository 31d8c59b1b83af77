//! What is written out for a sharded table is understood by real servers as it is meant, whatever database the session is in.

use anyhow::{Context as _, Result, ensure};
use dbdesk_review::series::{self, Home};
use lab::{MariaDb, MySql, Server};

/// Two of four tables lie in `shop_3`, two in a database whose name must be quoted.
fn home(name: &str) -> Home {
    let database = match name.rsplit_once('_') {
        Some(("orders" | "items" | "gone", "00" | "01")) => "shop_3",
        Some(("orders" | "items" | "gone", "02" | "03")) => "shop-10",
        _ => return Home::Unknown,
    };
    Home::In { group: "shop".to_owned(), database: database.to_owned() }
}

const TEXTS: &[&str] = &[
    "CREATE TABLE orders_{00..03} (id int NOT NULL PRIMARY KEY, n int, note varchar(9))",
    "CREATE TABLE `items_{00..03}` LIKE orders_{00..03}",
    "INSERT INTO orders_{00..03} (id, n) VALUES (1, 1), (2, 2), (3, 3)",
    "INSERT INTO items_{00..03} (id, n) SELECT id + 1, n FROM orders_{00..03} ON DUPLICATE KEY UPDATE note = items_{00..03}.note",
    "UPDATE`orders_{00..03}`SET n = 7 WHERE orders_{00..03}.id = 1",
    "UPDATE orders_{00..03} o JOIN items_{00..03} i ON i.id = o.id SET o.n = i.n + 10, i.note = 'x'",
    "WITH w AS (SELECT id FROM items_{00..03}) UPDATE orders_{00..03} JOIN w USING (id) SET note = 'w'",
    "DELETE orders_{00..03} FROM orders_{00..03} JOIN items_{00..03} i ON i.id = orders_{00..03}.id WHERE i.id = 3",
    "DELETE FROM orders_{00..03} USING orders_{00..03} JOIN items_{00..03} i ON i.id = orders_{00..03}.id WHERE i.id = 2",
    "DELETE i FROM items_{00..03} AS i WHERE i.id IN (SELECT id FROM orders_{00..03})",
    "DELETE FROM items_{00..03} WHERE id = 4 ORDER BY (SELECT MAX(n) FROM orders_{00..03}) LIMIT 1",
    "DELETE FROM items_{00..03}",
    "ALTER TABLE items_{00..03} ADD INDEX orders_{00..03} (n), ADD FOREIGN KEY (id) REFERENCES orders_{00..03} (id)",
    "OPTIMIZE TABLE orders_{00..03}, items_{00..03}",
    "RENAME TABLE items_{00..03} TO gone_{00..03}",
    "TRUNCATE gone_{00..03}; ALTER TABLE gone_{00..03} RENAME TO items_{00..03}",
];

async fn runs(server: &Server) -> Result<()> {
    server.sql("CREATE DATABASE elsewhere; CREATE DATABASE shop_3; CREATE DATABASE `shop-10`").await?;
    for text in TEXTS {
        // `WITH` before a change is MySQL's alone.
        if text.starts_with("WITH") && server.sql("SELECT VERSION()").await?.contains("MariaDB") {
            continue;
        }
        let written =
            series::written_on(text, &home).map_err(|refusal| anyhow::anyhow!("{}", refusal.said.en))?;
        ensure!(written.placed.is_some(), "{text}");
        let session = format!("USE elsewhere;\n{}", written.sql);
        server.sql(&session).await.with_context(|| session.clone())?;
    }
    let tables = server
        .sql(
            "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables \
             WHERE table_schema IN ('elsewhere', 'shop_3', 'shop-10') ORDER BY 1",
        )
        .await?;
    let wanted = [
        "shop-10.items_02",
        "shop-10.items_03",
        "shop-10.orders_02",
        "shop-10.orders_03",
        "shop_3.items_00",
        "shop_3.items_01",
        "shop_3.orders_00",
        "shop_3.orders_01",
    ];
    ensure!(tables.lines().collect::<Vec<_>>() == wanted, "{tables}");
    for table in ["shop_3.orders_01", "`shop-10`.orders_02"] {
        let rows = server.sql(&format!("SELECT id, n FROM {table}")).await?;
        ensure!(rows.trim() == "1\t7", "{table}: {rows}");
    }
    Ok(())
}

#[tokio::test]
async fn mariadb_runs_each_statement_where_its_table_lies() -> Result<()> {
    runs(&*MariaDb::start().await?).await
}

#[tokio::test]
async fn mysql_runs_each_statement_where_its_table_lies() -> Result<()> {
    runs(&*MySql::start().await?).await
}
