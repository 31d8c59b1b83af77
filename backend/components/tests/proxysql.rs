//! The adapter for `ProxySQL`, against a strict stand-in of its admin interface.

use anyhow::Result;
use dbdesk_components::proxy::{
    Address, Health, Hostgroups, NewUser, Pool, Proxy, ProxyError, ProxySql, ProxySqlAdmin, ServerName,
    State, User, Weight,
};

const GROUPS: Hostgroups = Hostgroups { writer: 10, reader: 11 };

fn admin(sim: &proxysql_sim::ProxySql) -> ProxySqlAdmin {
    ProxySqlAdmin {
        address: sim.address(),
        user: proxysql_sim::ProxySql::USER.into(),
        password: proxysql_sim::ProxySql::PASSWORD.into(),
        ca_file: None,
    }
}

fn at(text: &str) -> Address {
    text.parse().expect("an address")
}

fn name(text: &str) -> ServerName {
    text.parse().expect("a name")
}

async fn start() -> Result<(proxysql_sim::ProxySql, ProxySql)> {
    let sim = proxysql_sim::ProxySql::start().await?;
    sim.sql(
        "INSERT INTO mysql_servers (hostgroup_id, hostname, port, weight, max_connections, comment) VALUES \
         (10, 'db1.example.com', 3306, 1, 77, 'the primary'), (11, '192.0.2.2', 3307, 5, 50, ''), (20, 'other', 3306, 1, 9, '')",
    )?;
    sim.sql("LOAD MYSQL SERVERS TO RUNTIME")?;
    sim.sql("SAVE MYSQL SERVERS TO DISK")?;
    let desk = ProxySql::new(admin(&sim), GROUPS)?;
    Ok((sim, desk))
}

#[tokio::test]
async fn writes_go_where_they_are_pointed_now_and_after_a_restart() -> Result<()> {
    let (sim, desk) = start().await?;
    assert_eq!(desk.pools().await?.written_to(), Some(&at("db1.example.com:3306")));
    sim.happens(
        "INSERT INTO stats_mysql_connection_pool VALUES (10, 'db1.example.com', 3306, 'ONLINE', 3, 4, 9, 0)",
    )?;
    assert_eq!(desk.pools().await?.writer[0].sessions, 3);
    for _ in 0..2 {
        desk.hold_writer().await?;
        let pools = desk.pools().await?;
        assert!(pools.held && pools.written_to().is_none());
        assert_eq!(pools.writer[0].sessions, 3, "who is there stays");
    }
    desk.shutdown_sessions(Pool::Writer, &name("db1.example.com:3306")).await?;
    let pools = desk.pools().await?;
    assert_eq!((pools.writer[0].sessions, pools.writer[0].state), (0, State::Drain));
    for _ in 0..2 {
        desk.point_writer(&at("192.0.2.2:3307")).await?;
        assert_eq!(desk.pools().await?.written_to(), Some(&at("192.0.2.2:3307")));
    }
    // What else was said of the writer holds for the new one; other hostgroups are as they were.
    sim.restart()?;
    insta::assert_snapshot!(
        sim.sql("SELECT hostgroup_id, hostname, port, status, weight, max_connections, comment FROM runtime_mysql_servers ORDER BY 1, 2")?,
        @r"
    10	192.0.2.2	3307	ONLINE	1	77	the primary
    11	192.0.2.2	3307	ONLINE	5	50	
    20	other	3306	ONLINE	1	9	
    "
    );
    assert_eq!(desk.pools().await?.written_to(), Some(&at("192.0.2.2:3307")));
    Ok(())
}

#[tokio::test]
async fn readers_come_and_go_and_a_shunned_one_is_down_and_not_kept_so() -> Result<()> {
    let (sim, desk) = start().await?;
    let (reader, one, two) = (Pool::Reader, name("192.0.2.2:3307"), name("[2001:db8::3]:3306"));
    let weight = |weight| Weight::new(weight).expect("a weight");
    for _ in 0..2 {
        desk.add_server(reader, &two, &at("[2001:db8::3]:3306"), weight(20)).await?;
        let pools = desk.pools().await?;
        let server = pools.server(reader, &two).expect("it is there");
        assert_eq!((server.state, server.weight, server.health), (State::Ready, weight(20), Health::Up));
    }
    for (state, status) in
        [(State::Drain, "OFFLINE_SOFT"), (State::Maint, "OFFLINE_HARD"), (State::Ready, "ONLINE")]
    {
        for _ in 0..2 {
            desk.set_state(reader, &two, state).await?;
            let told = sim.sql("SELECT status FROM disk.mysql_servers WHERE hostname = '2001:db8::3'")?;
            assert_eq!(told, status);
        }
    }
    sim.happens("UPDATE runtime_mysql_servers SET status = 'SHUNNED' WHERE hostname = '192.0.2.2'")?;
    let pools = desk.pools().await?;
    let shunned = pools.server(reader, &one).expect("it is there");
    assert_eq!((shunned.state, shunned.health), (State::Ready, Health::Down));
    desk.set_weight(reader, &two, weight(7)).await?;
    assert_eq!(sim.sql("SELECT status FROM disk.mysql_servers WHERE hostname = '192.0.2.2'")?, "ONLINE");

    for _ in 0..2 {
        desk.set_address(reader, &one, &at("192.0.2.9:3307")).await?;
        assert!(desk.pools().await?.server(reader, &name("192.0.2.9:3307")).is_some());
    }
    let taken = desk.set_address(reader, &two, &at("192.0.2.9:3307")).await;
    assert!(matches!(taken, Err(ProxyError::Taken(..))), "{taken:?}");
    sim.happens(
        "INSERT INTO stats_mysql_connection_pool VALUES (11, '2001:db8::3', 3306, 'ONLINE', 1, 0, 1, 0)",
    )?;
    assert_eq!(desk.remove_server(reader, &two).await, Err(ProxyError::Busy(two.clone())));
    desk.shutdown_sessions(reader, &two).await?;
    for _ in 0..2 {
        desk.remove_server(reader, &two).await?;
        assert!(desk.pools().await?.server(reader, &two).is_none());
    }
    let no_server = Err(ProxyError::NoServer(reader, two.clone()));
    assert_eq!(desk.set_state(reader, &two, State::Drain).await, no_server);
    Ok(())
}

#[tokio::test]
async fn what_somebody_else_began_is_not_loaded_and_what_we_began_is() -> Result<()> {
    let (sim, desk) = start().await?;
    // A change of ours that broke off before it was loaded is in nobody's way.
    sim.sql("UPDATE mysql_servers SET hostname = 'half' WHERE hostgroup_id = 10")?;
    desk.set_weight(Pool::Reader, &name("192.0.2.2:3307"), Weight::ONE).await?;
    assert_eq!(
        sim.sql("SELECT hostname FROM runtime_mysql_servers WHERE hostgroup_id = 10")?,
        "db1.example.com"
    );
    // Another's is his own.
    sim.sql("DELETE FROM mysql_servers WHERE hostgroup_id = 20")?;
    let before = sim.sql("SELECT * FROM runtime_mysql_servers ORDER BY 1, 2")?;
    assert_eq!(desk.point_writer(&at("192.0.2.2:3307")).await, Err(ProxyError::Unloaded));
    assert_eq!(desk.hold_writer().await, Err(ProxyError::Unloaded));
    assert_eq!(sim.sql("SELECT * FROM runtime_mysql_servers ORDER BY 1, 2")?, before);
    sim.sql("SAVE MYSQL SERVERS FROM RUNTIME")?;
    desk.hold_writer().await?;
    // Where read_only decides, the desk does not.
    sim.sql("INSERT INTO mysql_replication_hostgroups (writer_hostgroup, reader_hostgroup) VALUES (10, 11)")?;
    sim.sql("LOAD MYSQL SERVERS TO RUNTIME")?;
    assert!(desk.governed().await?);
    assert_eq!(desk.point_writer(&at("192.0.2.2:3307")).await, Err(ProxyError::Governed));
    assert_eq!(desk.hold_writer().await, Err(ProxyError::Governed));
    Ok(())
}

#[tokio::test]
async fn accounts_are_let_in_and_out_and_no_password_is_told() -> Result<()> {
    let (sim, desk) = start().await?;
    let user = |name: &str, hostgroup| User { name: name.into(), hostgroup, active: true };
    let odd = "it's 工单\\\"; DELETE FROM mysql_users; --";
    let new = NewUser { user: user(odd, 10), password: "hush'; --\\".into() };
    assert!(!format!("{new:?}").contains("hush"));
    for _ in 0..2 {
        desk.put_user(&new).await?;
        assert_eq!(desk.users().await?, [user(odd, 10)]);
    }
    assert_eq!(sim.sql("SELECT password FROM disk.mysql_users")?, "hush'; --\\");
    desk.put_user(&NewUser { user: user("app", 11), password: "*0123".into() }).await?;
    sim.restart()?;
    assert_eq!(desk.users().await?, [user("app", 11), user(odd, 10)]);
    sim.sql("INSERT INTO mysql_users (username, password) VALUES ('others', 'x')")?;
    assert_eq!(desk.put_user(&new).await, Err(ProxyError::Unloaded));
    sim.sql("SAVE MYSQL USERS FROM RUNTIME")?;
    for _ in 0..2 {
        desk.remove_user(odd).await?;
        assert_eq!(desk.users().await?, [user("app", 11)]);
    }
    let nul = desk.put_user(&NewUser { user: user("a\0", 10), password: "hush".into() }).await;
    assert!(matches!(nul, Err(ProxyError::Impossible(_))), "{nul:?}");
    let none = desk.put_user(&NewUser { user: user("b", 10), password: String::new() }).await;
    assert!(matches!(none, Err(ProxyError::Impossible(_))), "{none:?}");
    Ok(())
}

#[tokio::test]
async fn who_is_not_known_is_denied_and_a_proxy_that_is_away_is_away_for_now() -> Result<()> {
    let (sim, desk) = start().await?;
    let wrong = ProxySql::new(ProxySqlAdmin { password: "hush-hush".into(), ..admin(&sim) }, GROUPS)?;
    let denied = wrong.pools().await;
    assert!(matches!(&denied, Err(error @ ProxyError::Denied(_)) if !error.passes()), "{denied:?}");
    assert!(!format!("{wrong:?} {denied:?}").contains("hush"));
    assert!(
        sim.asked().iter().all(|statement| !statement.contains("@@")),
        "nothing is asked that it would not know"
    );
    let far = ProxySqlAdmin { address: "192.0.2.1:6032".parse()?, ..admin(&sim) };
    assert!(matches!(ProxySql::new(far, GROUPS), Err(ProxyError::Impossible(_))));
    assert!(ProxySql::new(admin(&sim), Hostgroups { writer: 1, reader: 1 }).is_err());
    drop(sim);
    let away = desk.pools().await;
    assert!(matches!(&away, Err(error @ ProxyError::Unreachable(_)) if error.passes()), "{away:?}");
    Ok(())
}
