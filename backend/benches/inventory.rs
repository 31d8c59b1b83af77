//! Looking a group up and completing its name, with 400 instances and with 40,000 (four to a group): median and p99 of each beside each other.
//! `make bench-inventory`. Prints ratios; nothing is asserted.

use anyhow::Result;
use dbdesk_cmdb::Within;
use dbdesk_store::{
    Connect, Pool, instance, migrate,
    service_group::{by_name, matching},
};
use lab::{MariaDb, Server};
use std::time::{Duration, Instant};

const SMALL: u32 = 100;
const LARGE: u32 = 10_000;
const ASKED: u32 = 2_000;
const LISTED: u32 = 25;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let db = MariaDb::start().await?;
    db.sql("CREATE DATABASE desk").await?;
    let pool = dbdesk_store::pool(&Connect {
        host: "127.0.0.1".into(),
        port: db.port(),
        user: Server::USER.into(),
        password: db.password().into(),
        database: "desk".into(),
        max_connections: 8,
        acquire_timeout_ms: 5_000,
        statement_timeout_ms: 60_000,
        asks_idle: true,
    });
    migrate::run(&pool).await?;
    fill(&db, 0, SMALL).await?;
    let small = ask(&pool, SMALL).await?;
    fill(&db, SMALL, LARGE).await?;
    let large = ask(&pool, LARGE).await?;
    println!("{:<44} {:>18} {:>18} {:>7}", "p50 / p99 in ms", "400 instances", "40,000 instances", "p99 ×");
    for ((name, few), (_, many)) in small.iter().zip(&large) {
        let ms =
            |times: &[Duration], part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1_000.0;
        let (a, b) = (ms(few, 99), ms(many, 99));
        println!(
            "{name:<44} {:>9.3} / {a:>6.3} {:>9.3} / {b:>6.3} {:>7.2}",
            ms(few, 50),
            ms(many, 50),
            b / a
        );
    }
    Ok(())
}

/// Groups `from` to `to`, each with a primary and three replicas.
async fn fill(db: &MariaDb, from: u32, to: u32) -> Result<()> {
    let last = to - 1;
    db.sql(&format!(
        "INSERT INTO desk.service_group (name, environment, flavour, time_zone, queue, spec, updated_at) \
         SELECT CONCAT(ELT(1 + seq % 7, 'shop', 'pay', 'order', 'stock', 'ship', 'user', 'log'), '-', LPAD(seq, 5, '0')), 'production', \
         'mariadb-10.11', 'UTC', '', JSON_OBJECT('name', CONCAT(ELT(1 + seq % 7, 'shop', 'pay', 'order', 'stock', 'ship', 'user', 'log'), '-', \
         LPAD(seq, 5, '0')), 'environment', 'production', 'flavour', 'mariadb-10.11', 'time_zone', 'UTC', 'databases', JSON_ARRAY('a', 'b'), \
         'instance', JSON_ARRAY(JSON_OBJECT('host', CONCAT('p', seq), 'port', 3306, 'role', 'primary'), JSON_OBJECT('host', CONCAT('q', seq), \
         'port', 3306, 'role', 'replica'), JSON_OBJECT('host', CONCAT('r', seq), 'port', 3306, 'role', 'replica'), JSON_OBJECT('host', \
         CONCAT('s', seq), 'port', 3306, 'role', 'replica'))), UTC_TIMESTAMP(3) FROM seq_{from}_to_{last}; \
         INSERT INTO desk.instance (service_group_id, host, port, role) SELECT g.id, CONCAT(h.c, CAST(SUBSTRING_INDEX(g.name, '-', -1) AS \
         UNSIGNED)), 3306, IF(h.c = 'p', 'primary', 'replica') FROM desk.service_group g JOIN (SELECT 'p' c UNION SELECT 'q' UNION SELECT 'r' \
         UNION SELECT 's') h WHERE CAST(SUBSTRING_INDEX(g.name, '-', -1) AS UNSIGNED) >= {from}; \
         INSERT INTO desk.group_suffix (suffix, service_group_id) SELECT SUBSTRING(g.name, n.seq), g.id FROM desk.service_group g JOIN \
         seq_1_to_32 n WHERE n.seq <= CHAR_LENGTH(g.name) AND CAST(SUBSTRING_INDEX(g.name, '-', -1) AS UNSIGNED) >= {from}; \
         ANALYZE TABLE desk.service_group, desk.instance, desk.group_suffix",
    ).replace("seq_", "desk.seq_"))
    .await?;
    Ok(())
}

type Times = Vec<(&'static str, Vec<Duration>)>;

async fn ask(pool: &Pool, groups: u32) -> Result<Times> {
    let mut all = vec![
        ("a group by its name", Vec::new()),
        ("the group of an address", Vec::new()),
        ("complete what a name begins with (“shop”)", Vec::new()),
        ("complete what stands within a name (“042”)", Vec::new()),
        ("complete what no name has", Vec::new()),
    ];
    let words = ["shop", "pay", "order", "stock", "ship", "user", "log"];
    for n in 0..ASKED {
        let at = n.wrapping_mul(2_654_435_761) % groups;
        let name = format!("{}-{at:05}", words[(at % 7) as usize]);
        let started = Instant::now();
        anyhow::ensure!(by_name(pool, &name).await?.is_some(), "{name}");
        all[0].1.push(started.elapsed());
        let started = Instant::now();
        anyhow::ensure!(instance::group_at(pool, &format!("q{at}"), 3306).await?.is_some(), "q{at}");
        all[1].1.push(started.elapsed());
        for (place, typed) in [(2, words[(n % 7) as usize]), (3, "042"), (4, "nothing-has-this")] {
            let started = Instant::now();
            matching(pool, &Within::All, typed, LISTED).await?;
            all[place].1.push(started.elapsed());
        }
    }
    for (_, times) in &mut all {
        times.sort_unstable();
    }
    Ok(all)
}
