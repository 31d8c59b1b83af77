//! Clusters on a lab of their own: hosts in network namespaces, real servers, proxies, a virtual IP and a real name server. What is asked for is
//! done by `dbdesk-run`, which dies at every step and goes on, or fails at one and is taken back.

mod changes;
#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
mod lab_of_hosts;
#[path = "../parts/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_cluster::Step;
use dbdesk_cmdb::{GroupStage, ServiceGroup};
use lab_of_hosts::{Lab, NAME, READ_NAME, VIP};

/// Of the second kind of death: done, and not written down.
const DONE: &str = "run.answered:1";
const BEGUN: &str = "run.noted:1";
const WRITTEN: &str = "run.written:1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_built_though_its_process_dies_before_and_after_each_step() -> Result<()> {
    let Some(lab) = Lab::start().await? else { return Ok(()) };
    let planned = lab.planned("orders")?;
    let total = planned.workflow.steps.len();
    let (ticket, _) = lab.asked(&planned.group, planned.workflow.clone()).await?;
    for (index, step) in planned.workflow.steps.iter().enumerate() {
        let said = step.said().en;
        for die_at in [BEGUN, DONE, WRITTEN] {
            let died = lab.dies(ticket, die_at).await.with_context(|| format!("{die_at} in “{said}”"))?;
            ensure!(died, "nobody came to {die_at} in “{said}”: {}", lab.story(ticket).await?);
        }
        ensure!(lab.done(ticket).await? == index + 1, "“{said}” is not done: {}", lab.story(ticket).await?);
    }
    lab.ends(ticket, "done").await?;
    let story = lab.story(ticket).await?;
    ensure!(lab.done(ticket).await? == total, "{story}");
    lab.tells_no_secret(&story)?;
    works(&lab, &planned.group).await?;
    changes::walk(&lab).await
}

/// A write by name, virtual IP and proxy reaches the primary; a read is served by a replica.
async fn works(lab: &Lab, planned: &ServiceGroup) -> Result<()> {
    let group = lab.group("orders").await?.group;
    ensure!(group.stage == GroupStage::InService, "{:?}", group.stage);
    ensure!(group == ServiceGroup { stage: GroupStage::InService, ..planned.clone() });
    let (write, read) = (lab.resolved(NAME).await?, lab.resolved(READ_NAME).await?);
    ensure!(write == lab.network.address(VIP) && read == write, "{write} {read}");
    let primary = group.primary().context("a primary")?;
    let proxy = group.proxies.first().context("a proxy")?;
    let own = lab.server_id(&primary.host, primary.port).await?;
    ensure!(lab.server_id(&write, proxy.write_port).await? == own, "writes reach the primary");
    lab.sql(&write, proxy.write_port, "CREATE TABLE orders.one (id INT PRIMARY KEY)").await?;
    lab.sql(&write, proxy.write_port, "INSERT INTO orders.one VALUES (7)").await?;
    let read_port = proxy.read_port.context("reads have a port")?;
    ensure!(lab.server_id(&read, read_port).await? != own, "reads are served by a replica");
    lab::until("the row to be read", lab_of_hosts::LIMIT, || async {
        let count = lab.count(&read, read_port, "SELECT CAST(COUNT(*) AS SIGNED) FROM orders.one").await?;
        ensure!(count == 1, "{count}");
        Ok(())
    })
    .await?;
    let refused = lab.sql(&read, read_port, "INSERT INTO orders.one VALUES (8)").await;
    ensure!(refused.is_err(), "a replica takes no writes");
    Ok(())
}

/// Where a build fails: each kind of step once. `CLUSTER_CUTS=all` fails at every single one.
#[expect(clippy::disallowed_methods, reason = "a person asks for more than CI has time for")]
fn cuts(steps: &[Step]) -> Vec<usize> {
    if std::env::var_os("CLUSTER_CUTS").is_some_and(|value| value == "all") {
        return (0..steps.len()).collect();
    }
    let first = |wanted: fn(&Step) -> bool| steps.iter().position(wanted);
    let kinds: [fn(&Step) -> bool; 3] = [
        |step| matches!(step, Step::StartInstance { .. }),
        |step| matches!(step, Step::TakeVip { .. }),
        |step| matches!(step, Step::Inventory { .. }),
    ];
    kinds.into_iter().filter_map(first).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_fails_is_taken_back_and_nothing_is_left() -> Result<()> {
    let Some(lab) = Lab::start().await? else { return Ok(()) };
    let planned = lab.planned("orders")?;
    for cut in cuts(&planned.workflow.steps) {
        let said = planned.workflow.steps[cut].said().en;
        let (ticket, _) = lab.asked(&planned.group, planned.workflow.clone()).await?;
        lab.fails_at(ticket, cut + 1).await.with_context(|| format!("to fail in “{said}”"))?;
        let version = lab.group("orders").await?.version;
        if let Some(undone) = planned.workflow.undone(cut + 1, version) {
            let (back, _) = lab.asked(&planned.group, undone).await?;
            lab.runs(back).await?;
            lab.ends(back, "done").await.with_context(|| format!("taken back from “{said}”"))?;
        }
        lab.is_empty().await.with_context(|| format!("after “{said}” was taken back"))?;
    }
    Ok(())
}
