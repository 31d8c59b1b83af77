//! What servers of both dialects say of themselves.

mod parts;

use anyhow::Result;
use dbdesk_components::mysql::probe;
use lab::{Cluster, MySql};
use parts::options;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_cluster_tells_who_leads_who_follows_and_how_far() -> Result<()> {
    let cluster = Cluster::start(1).await?;
    cluster.primary.sql("CREATE DATABASE shop").await?;
    let primary = probe::instance(&options(&cluster.primary), LIMIT).await?;
    assert!(!primary.read_only && primary.replicating.is_none() && primary.lag_ms.is_none(), "{primary:?}");
    assert!(primary.version.contains("MariaDB") && !primary.gtid.is_empty(), "{primary:?}");
    let replica = &cluster.replicas[0];
    lab::until("the replica to reach the primary's position", LIMIT, || async {
        let live = probe::instance(&options(replica), LIMIT).await?;
        anyhow::ensure!(live.gtid == primary.gtid && live.lag_ms == Some(0), "{live:?}");
        anyhow::ensure!(live.read_only && live.replicating == Some(true), "{live:?}");
        Ok(())
    })
    .await?;
    replica.sql("STOP SLAVE").await?;
    let stopped = probe::instance(&options(replica), LIMIT).await?;
    assert_eq!((stopped.replicating, stopped.lag_ms), (Some(false), None));
    let grants = probe::grants(&options(replica), LIMIT).await?;
    assert!(grants.iter().any(|grant| grant.contains("ALL PRIVILEGES")), "{grants:?}");
    assert!(!grants.iter().any(|grant| grant.contains("IDENTIFIED")), "a password hash: {grants:?}");
    Ok(())
}

#[tokio::test]
async fn a_mysql_tells_the_same_in_its_own_words() -> Result<()> {
    let server = MySql::start().await?;
    let live = probe::instance(&options(&server), LIMIT).await?;
    assert!(live.version.starts_with('9') && !live.read_only && live.replicating.is_none(), "{live:?}");
    assert!(!probe::grants(&options(&server), LIMIT).await?.is_empty());
    Ok(())
}
