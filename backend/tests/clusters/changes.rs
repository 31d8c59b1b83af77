//! What is changed of a group that is in use: its primary under load, its replicas, its options, and its end.

use crate::lab_of_hosts::{LIMIT, Lab, NAME, VIP};
use anyhow::{Context as _, Result, ensure};
use dbdesk_cluster::{
    Workflow,
    plan::{Subject, add_replica, backup, parameters, remove_replica, restart, retire, switchover},
};
use dbdesk_cmdb::{BackupPlan, GroupStage, ServiceGroup};
use dbdesk_commands::lang::Said;
use sqlx::{Connection as _, MySqlConnection, mysql::MySqlConnectOptions};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

const EVERY: Duration = Duration::from_millis(5);

/// What a client that writes all the time was told.
#[derive(Default)]
struct Written {
    /// Numbers of rows that the server said it had.
    acknowledged: Vec<i64>,
    failed: u32,
    longest: Duration,
}

fn planned(plan: Result<Workflow, Vec<Said>>) -> Result<Workflow> {
    plan.map_err(|faults| {
        let told: Vec<String> = faults.into_iter().map(|fault| fault.en.into_owned()).collect();
        anyhow::anyhow!(told.join("\n"))
    })
}

/// Plans with the group as it is now, asks for it and has it done.
async fn done(
    lab: &Lab,
    plan: impl FnOnce(&Subject<'_>) -> Result<Workflow, Vec<Said>>,
) -> Result<ServiceGroup> {
    let row = lab.group("orders").await?;
    let workflow = planned(plan(&Subject { group: &row.group, seen: row.version, hosts: &lab.hosts }))?;
    let said = workflow.aim.said("orders").en;
    let (ticket, _) = lab.asked(&row.group, workflow).await?;
    lab.runs(ticket).await.with_context(|| said.clone())?;
    lab.ends(ticket, "done").await.with_context(|| said.clone())?;
    lab.tells_no_secret(&lab.story(ticket).await?)?;
    Ok(lab.group("orders").await?.group)
}

pub async fn walk(lab: &Lab) -> Result<()> {
    switched_under_load(lab).await?;
    a_replica_more_and_one_less(lab).await?;
    options_go_round(lab).await?;
    restarted(lab).await?;
    backed_up_and_restored(lab).await?;
    retired(lab).await
}

async fn switched_under_load(lab: &Lab) -> Result<()> {
    let vip = lab.network.address(VIP);
    lab.sql(&vip, 3306, "CREATE TABLE orders.written (n INT PRIMARY KEY)").await?;
    let over = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(writes(lab.options(&vip, 3306), Arc::clone(&over)));
    let (old, new) = (lab.network.address(1), lab.network.address(2));
    // There and back again, so that the second begins with what the first left.
    for (from, to) in [(&old, &new), (&new, &old)] {
        lab::until("the client to write", LIMIT, || async {
            let count = lab.count(&vip, 3306, "SELECT CAST(COUNT(*) AS SIGNED) FROM orders.written").await?;
            ensure!(count > 20, "{count}");
            Ok(())
        })
        .await?;
        let to_server = format!("{to}:3306");
        let group =
            done(lab, |subject| switchover::switchover(subject, &switchover::Choice::to(&to_server))).await?;
        ensure!(group.primary().is_some_and(|primary| primary.host == *to), "{group:?}");
        ensure!(lab.server_id(&vip, 3306).await? == lab.server_id(to, 3306).await?, "writes go to {to}");
        ensure!(
            lab.sql(from, 3306, "INSERT INTO orders.written VALUES (-1)").await.is_err(),
            "{from} takes none"
        );
    }
    over.store(true, Ordering::Relaxed);
    let written = writer.await??;
    let there = lab.numbers(&vip, 3306, "SELECT n FROM orders.written").await?;
    let there: std::collections::BTreeSet<i64> = there.into_iter().collect();
    let lost: Vec<&i64> = written.acknowledged.iter().filter(|n| !there.contains(n)).collect();
    println!(
        "two switchovers under load: {} writes acknowledged, {} lost, {} failed, the longest took {} ms",
        written.acknowledged.len(),
        lost.len(),
        written.failed,
        written.longest.as_millis()
    );
    ensure!(lost.is_empty() && written.acknowledged.len() > 50, "{lost:?}");
    Ok(())
}

/// A client that writes, waits a little, and comes again when it is sent away.
async fn writes(server: MySqlConnectOptions, over: Arc<AtomicBool>) -> Result<Written> {
    let (mut written, mut connection) = (Written::default(), None);
    let mut n = 0;
    while !over.load(Ordering::Relaxed) {
        n += 1;
        let since = Instant::now();
        let told = async {
            if connection.is_none() {
                connection = Some(MySqlConnection::connect_with(&server).await?);
            }
            let open = connection.as_mut().context("a connection")?;
            sqlx::query("INSERT INTO orders.written VALUES (?)").bind(n).execute(open).await?;
            anyhow::Ok(())
        };
        if let Ok(Ok(())) = tokio::time::timeout(LIMIT, told).await {
            written.acknowledged.push(n);
        } else {
            written.failed += 1;
            connection = None;
        }
        written.longest = written.longest.max(since.elapsed());
        tokio::time::sleep(EVERY).await;
    }
    Ok(written)
}

async fn a_replica_more_and_one_less(lab: &Lab) -> Result<()> {
    let (host, none) = ("host-6", BTreeMap::new());
    let choice = add_replica::Choice {
        host,
        port: 3306,
        from: None,
        by: None,
        buffer_pool_mb: Some(128),
        parameters: &none,
        server_ids: &[],
        weight: None,
    };
    let group = done(lab, |subject| add_replica::add_replica(subject, &choice)).await?;
    ensure!(group.instances.len() == 4, "{group:?}");
    let (vip, added) = (lab.network.address(VIP), lab.network.address(6));
    lab.sql(&vip, 3306, "INSERT INTO orders.one VALUES (9)").await?;
    lab::until("the new replica to have the row", LIMIT, || async {
        let sql = "SELECT CAST(COUNT(*) AS SIGNED) FROM orders.one WHERE id IN (7, 9)";
        let count = lab.count(&added, 3306, sql).await?;
        ensure!(count == 2, "{count}");
        Ok(())
    })
    .await?;
    let gone = format!("{}:3306", lab.network.address(3));
    let group = done(lab, |subject| remove_replica::remove_replica(subject, &gone, 1)).await?;
    ensure!(group.instances.iter().all(|one| one.to_string() != gone), "{group:?}");
    ensure!(lab.open(&lab.network.address(3), 3306).await.is_err(), "it is stopped");
    let aside = std::path::Path::new(&lab.hosts[2].folder).join("set-aside");
    ensure!(std::fs::read_dir(&aside)?.count() == 1, "its data is kept");
    Ok(())
}

async fn options_go_round(lab: &Lab) -> Result<()> {
    let becomes = BTreeMap::from([("max_connections".to_owned(), "777".to_owned())]);
    let row = lab.group("orders").await?;
    let now: parameters::Now = row
        .group
        .instances
        .iter()
        .map(|one| (one.to_string(), BTreeMap::from([("max_connections".to_owned(), "1000".to_owned())])))
        .collect();
    let choice = parameters::Choice { becomes: &becomes, now: &now, to: None };
    let group = done(lab, |subject| parameters::parameters(subject, &choice)).await?;
    for one in &group.instances {
        let is = lab.count(&one.host, one.port, "SELECT CAST(@@max_connections AS SIGNED)").await?;
        ensure!(is == 777, "{one}: {is}");
    }
    Ok(())
}

/// As with another minor version: each server is restarted once, and two of them have been the primary.
async fn restarted(lab: &Lab) -> Result<()> {
    let to = format!("{}:3306", lab.network.address(2));
    let asked = "SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME'";
    let before = lab.later((&lab.network.address(2), 3306)).await?;
    let group = done(lab, |subject| restart::restart(subject, Some(&to))).await?;
    ensure!(group.primary().is_some_and(|primary| primary.to_string() == to), "{group:?}");
    for one in &group.instances {
        let up = lab.count(&one.host, one.port, asked).await?;
        let now = lab.later((&one.host, one.port)).await?;
        ensure!(now.timestamp() - up >= before.timestamp(), "{one} has been up for {up} s");
    }
    Ok(())
}

async fn backed_up_and_restored(lab: &Lab) -> Result<()> {
    let row = lab.group("orders").await?;
    let plan = BackupPlan {
        at: "02:30".parse()?,
        on: "host-3".to_owned(),
        folder: format!("{}/backups", lab.hosts[2].folder),
        keep_last: 2,
        keep_days: 1,
        scratch_port: 13_306,
    };
    lab.put(&ServiceGroup { backup: Some(plan), ..row.group }, row.version).await?;
    done(lab, backup::backup).await?;
    let kept = lab.backups(row.id).await?;
    ensure!(matches!(&kept[..], [one] if one.verified_at.is_some() && one.bytes > 0), "{kept:?}");
    let primary = lab.group("orders").await?.group.primary().cloned().context("a primary")?;
    let at = (primary.host.as_str(), primary.port);
    lab.sql(at.0, at.1, "INSERT INTO orders.one VALUES (100), (101)").await?;
    let all = lab.count(at.0, at.1, "SELECT CAST(COUNT(*) AS SIGNED) FROM orders.one").await?;
    // The moment, to the second; what is done in a later one is not in it.
    let until = lab.later(at).await?;
    lab.later(at).await?;
    lab.sql(at.0, at.1, "DELETE FROM orders.one").await?;
    let [one] = &kept[..] else { anyhow::bail!("one backup") };
    let choice = backup::Choice {
        backup: (&one.id, &one.host, &one.folder),
        database: "orders",
        table: "one",
        becomes: "one_before",
        until,
    };
    done(lab, |subject| backup::restore_table(subject, &choice)).await?;
    let back = lab.count(at.0, at.1, "SELECT CAST(COUNT(*) AS SIGNED) FROM orders.one_before").await?;
    let left = lab.count(at.0, at.1, "SELECT CAST(COUNT(*) AS SIGNED) FROM orders.one").await?;
    ensure!((back, left) == (all, 0), "{back} of {all} are back beside the {left} that are there");
    done(lab, backup::compare).await.map(drop)
}

async fn retired(lab: &Lab) -> Result<()> {
    let group = done(lab, retire::retire).await?;
    ensure!(group.stage == GroupStage::Retired, "{:?}", group.stage);
    ensure!(lab.resolved(NAME).await.is_err(), "the name leads nowhere");
    for number in 0..lab.hosts.len() {
        let left = lab.network.processes(number)?;
        ensure!(left.is_empty(), "host {number}: {left:?}");
    }
    let kept = std::path::Path::new(&lab.hosts[0].folder).join("set-aside");
    ensure!(std::fs::read_dir(&kept)?.count() == 1, "its data is kept");
    Ok(())
}
