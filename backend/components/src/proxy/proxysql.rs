//! `ProxySQL`, by its admin interface. Two hostgroups are the two pools; a server's name is its address.
//!
//! What is changed in memory is loaded for all hostgroups at once. So nothing is changed while somebody else's changes wait there; what
//! waits in our own two, a change that broke off, is set back to what runs.

pub use super::proxysql_text::ProxySqlAdmin;
use super::{
    Address, Changed, Health, Pool, Pools, Proxy, ProxyError, Server, ServerName, State, Weight,
    proxysql_text::{Session, quoted},
};
use dbdesk_commands::lang::Said;
use futures_util::future::BoxFuture;
use mysql_async::Opts;
use std::fmt;

/// The hostgroups of one service group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hostgroups {
    /// For writes.
    pub writer: u32,
    /// For reads.
    pub reader: u32,
}

/// `ProxySQL` in front of one service group.
#[derive(Clone)]
pub struct ProxySql {
    admin: ProxySqlAdmin,
    pub(super) opts: Opts,
    hostgroups: Hostgroups,
}

impl fmt::Debug for ProxySql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxySql({:?}, {:?})", self.admin, self.hostgroups)
    }
}

const LOAD: &str = "LOAD MYSQL SERVERS TO RUNTIME";
const SAVE: &str = "SAVE MYSQL SERVERS TO DISK";
/// A server that is shunned is asked for as others are; what it could not be asked for is not kept.
const COMPARED: &str =
    "hostgroup_id, hostname, port, CASE status WHEN 'SHUNNED' THEN 'ONLINE' ELSE status END, weight";

impl ProxySql {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// What is wrong with the place, or with the hostgroups.
    pub fn new(admin: ProxySqlAdmin, hostgroups: Hostgroups) -> Result<Self, ProxyError> {
        if hostgroups.writer == hostgroups.reader {
            return Err(ProxyError::Impossible(Said::fixed(
                "the two pools are one hostgroup",
                "两个池是同一个 hostgroup",
            )));
        }
        Ok(Self { opts: admin.opts()?, admin, hostgroups })
    }

    /// The name of a server in its pools.
    pub fn name(address: &Address) -> Result<ServerName, ProxyError> {
        address.to_string().parse().map_err(|_| {
            ProxyError::Impossible(Said::fixed(
                "the address is too long for a name",
                "地址太长，不能作为名字",
            ))
        })
    }

    fn hostgroup(&self, pool: Pool) -> u32 {
        if pool == Pool::Writer { self.hostgroups.writer } else { self.hostgroups.reader }
    }

    fn both(&self) -> String {
        format!("({}, {})", self.hostgroups.writer, self.hostgroups.reader)
    }

    /// Whether `read_only` decides who is the writer, and not the desk.
    pub async fn governed(&self) -> Result<bool, ProxyError> {
        self.governed_in(&mut Session::open(&self.opts).await?).await
    }

    async fn governed_in(&self, session: &mut Session) -> Result<bool, ProxyError> {
        let (table, both) = ("runtime_mysql_replication_hostgroups", self.both());
        let governed = format!(
            "SELECT writer_hostgroup FROM {table} WHERE writer_hostgroup IN {both} OR reader_hostgroup IN {both}"
        );
        Ok(!session.rows::<1>(&governed).await?.is_empty())
    }

    async fn shown(&self, session: &mut Session) -> Result<Pools, ProxyError> {
        let both = self.both();
        let servers = session
            .rows::<5>(&format!(
                "SELECT hostgroup_id, hostname, port, status, weight FROM runtime_mysql_servers WHERE hostgroup_id IN {both} \
                 ORDER BY hostgroup_id, hostname, port"
            ))
            .await?;
        let used = session
            .rows::<4>(&format!(
                "SELECT hostgroup, srv_host, srv_port, ConnUsed FROM stats_mysql_connection_pool WHERE hostgroup IN {both}"
            ))
            .await?;
        let mut pools = Pools::default();
        for row in servers {
            let [hostgroup, ..] = &row;
            let mine = |of: &&[String; 4]| of[..3] == row[..3];
            let sessions = used.iter().find(mine).map_or("0", |[.., used]| used);
            let server = server(&row, sessions)?;
            if *hostgroup == self.hostgroups.writer.to_string() {
                pools.writer.push(server);
            } else {
                pools.reader.push(server);
            }
        }
        pools.held =
            !pools.writer.is_empty() && pools.writer.iter().all(|server| server.state != State::Ready);
        Ok(pools)
    }

    /// A session in which memory is what runs.
    async fn begin(&self) -> Result<Session, ProxyError> {
        let mut session = Session::open(&self.opts).await?;
        let both = self.both();
        let others = |table: &str| {
            format!(
                "SELECT {COMPARED} FROM {table} WHERE hostgroup_id NOT IN {both} AND status <> 'OFFLINE_HARD' \
                 ORDER BY hostgroup_id, hostname, port"
            )
        };
        let run = session.rows::<5>(&others("runtime_mysql_servers")).await?;
        if session.rows::<5>(&others("mysql_servers")).await? != run {
            return Err(ProxyError::Unloaded);
        }
        session.run(&format!("DELETE FROM mysql_servers WHERE hostgroup_id IN {both}")).await?;
        session
            .run(&format!(
                "INSERT INTO mysql_servers SELECT * FROM runtime_mysql_servers WHERE hostgroup_id IN {both}"
            ))
            .await?;
        session
            .run(&format!("UPDATE mysql_servers SET status = 'ONLINE' WHERE hostgroup_id IN {both} AND status = 'SHUNNED'"))
            .await?;
        Ok(session)
    }

    /// Makes it so, now and after a restart.
    async fn done(session: &mut Session, statements: &[String]) -> Result<(), ProxyError> {
        for statement in statements {
            session.run(statement).await?;
        }
        session.run(LOAD).await?;
        session.run(SAVE).await
    }

    /// Changes a server that is there, and looks whether it holds.
    async fn change(
        &self,
        (pool, name): (Pool, &ServerName),
        set: &str,
        holds: impl Fn(&Server) -> bool,
    ) -> Result<(), ProxyError> {
        let mut session = self.begin().await?;
        let no_server = || ProxyError::NoServer(pool, name.clone());
        let address =
            self.shown(&mut session).await?.server(pool, name).ok_or_else(no_server)?.address.clone();
        let update = format!("UPDATE mysql_servers SET {set} WHERE {}", self.row(pool, &address)?);
        Self::done(&mut session, &[update]).await?;
        let shown = self.shown(&mut session).await?;
        match shown.server(pool, name) {
            Some(server) if holds(server) => Ok(()),
            _ => Err(ProxyError::NotTaken(set.to_owned())),
        }
    }

    /// The row of an address in a pool.
    fn row(&self, pool: Pool, address: &Address) -> Result<String, ProxyError> {
        let (hostgroup, host, port) = (self.hostgroup(pool), quoted(address.host())?, address.port());
        Ok(format!("hostgroup_id = {hostgroup} AND hostname = {host} AND port = {port}"))
    }

    async fn pointed(&self, address: &Address) -> Result<(), ProxyError> {
        let mut session = self.begin().await?;
        if self.governed_in(&mut session).await? {
            return Err(ProxyError::Governed);
        }
        let writer = self.hostgroups.writer;
        let pools = self.shown(&mut session).await?;
        let there = pools.writer.iter().find(|server| server.address == *address);
        let mut statements = Vec::new();
        // What else is set for the writer (connections, TLS) is the new one's as well.
        if let Some(kept) = there.or(pools.writer.first()) {
            let row = self.row(Pool::Writer, &kept.address)?;
            statements
                .push(format!("DELETE FROM mysql_servers WHERE hostgroup_id = {writer} AND NOT ({row})"));
            let (host, port) = (quoted(address.host())?, address.port());
            statements.push(format!(
                "UPDATE mysql_servers SET hostname = {host}, port = {port}, status = 'ONLINE' WHERE {row}"
            ));
        } else {
            statements.push(self.insert(Pool::Writer, address, Weight::ONE)?);
        }
        Self::done(&mut session, &statements).await?;
        let shown = self.shown(&mut session).await?;
        if shown.written_to() == Some(address) && shown.writer.len() == 1 {
            return Ok(());
        }
        Err(ProxyError::NotTaken(address.to_string()))
    }

    fn insert(&self, pool: Pool, address: &Address, weight: Weight) -> Result<String, ProxyError> {
        let (hostgroup, host, port) = (self.hostgroup(pool), quoted(address.host())?, address.port());
        let columns = "hostgroup_id, hostname, port, status, weight";
        Ok(format!(
            "INSERT INTO mysql_servers ({columns}) VALUES ({hostgroup}, {host}, {port}, 'ONLINE', {weight})"
        ))
    }

    async fn held(&self) -> Result<(), ProxyError> {
        let mut session = self.begin().await?;
        if self.governed_in(&mut session).await? {
            return Err(ProxyError::Governed);
        }
        let writer = self.hostgroups.writer;
        let hold = format!(
            "UPDATE mysql_servers SET status = 'OFFLINE_SOFT' WHERE hostgroup_id = {writer} AND status = 'ONLINE'"
        );
        Self::done(&mut session, &[hold]).await?;
        let shown = self.shown(&mut session).await?;
        if shown.held { Ok(()) } else { Err(ProxyError::NotTaken("OFFLINE_SOFT".to_owned())) }
    }

    async fn moved(&self, pool: Pool, name: &ServerName, to: &Address) -> Result<(), ProxyError> {
        let mut session = self.begin().await?;
        let pools = self.shown(&mut session).await?;
        let new = Self::name(to)?;
        if let Some(there) = pools.server(pool, &new) {
            // Its name is its address: asked again, the old name is not there any more.
            return match pools.server(pool, name) {
                Some(server) if server.name != new => Err(ProxyError::Taken(new, there.address.clone())),
                _ => Ok(()),
            };
        }
        let from = pools.server(pool, name).ok_or_else(|| ProxyError::NoServer(pool, name.clone()))?;
        let (host, port) = (quoted(to.host())?, to.port());
        let row = self.row(pool, &from.address)?;
        Self::done(
            &mut session,
            &[format!("UPDATE mysql_servers SET hostname = {host}, port = {port} WHERE {row}")],
        )
        .await?;
        let shown = self.shown(&mut session).await?;
        if shown.server(pool, &new).is_some() { Ok(()) } else { Err(ProxyError::NotTaken(to.to_string())) }
    }

    /// Offline the hard way ends them; then it is what it was.
    async fn ended(&self, pool: Pool, name: &ServerName) -> Result<(), ProxyError> {
        let pools = self.pools().await?;
        let state = pools.server(pool, name).ok_or_else(|| ProxyError::NoServer(pool, name.clone()))?.state;
        self.set_state(pool, name, State::Maint).await?;
        self.set_state(pool, name, state).await
    }

    async fn added(
        &self,
        pool: Pool,
        name: &ServerName,
        address: &Address,
        weight: Weight,
    ) -> Result<(), ProxyError> {
        if *name != Self::name(address)? {
            return Err(ProxyError::Impossible(Said::fixed(
                "here a server's name is its address",
                "在这里服务器的名字就是它的地址",
            )));
        }
        let mut session = self.begin().await?;
        if self.shown(&mut session).await?.server(pool, name).is_none() {
            let insert = self.insert(pool, address, weight)?;
            return Self::done(&mut session, &[insert]).await;
        }
        drop(session);
        let set = format!("status = 'ONLINE', weight = {weight}");
        self.change((pool, name), &set, |server| server.state == State::Ready && server.weight == weight)
            .await
    }

    async fn removed(&self, pool: Pool, name: &ServerName) -> Result<(), ProxyError> {
        let mut session = self.begin().await?;
        let pools = self.shown(&mut session).await?;
        let Some(server) = pools.server(pool, name) else { return Ok(()) };
        if server.sessions > 0 {
            return Err(ProxyError::Busy(name.clone()));
        }
        let row = self.row(pool, &server.address)?;
        Self::done(&mut session, &[format!("DELETE FROM mysql_servers WHERE {row}")]).await?;
        let shown = self.shown(&mut session).await?;
        if shown.server(pool, name).is_none() { Ok(()) } else { Err(ProxyError::NotTaken(name.to_string())) }
    }
}

impl Proxy for ProxySql {
    fn pools(&self) -> BoxFuture<'_, Result<Pools, ProxyError>> {
        Box::pin(async move { self.shown(&mut Session::open(&self.opts).await?).await })
    }

    fn point_writer<'a>(&'a self, address: &'a Address) -> Changed<'a> {
        Box::pin(self.pointed(address))
    }

    fn hold_writer(&self) -> Changed<'_> {
        Box::pin(self.held())
    }

    fn set_state<'a>(&'a self, pool: Pool, server: &'a ServerName, state: State) -> Changed<'a> {
        let status = match state {
            State::Ready => "ONLINE",
            State::Drain => "OFFLINE_SOFT",
            State::Maint => "OFFLINE_HARD",
        };
        Box::pin(async move {
            self.change((pool, server), &format!("status = '{status}'"), |shown| shown.state == state).await
        })
    }

    fn set_weight<'a>(&'a self, pool: Pool, server: &'a ServerName, weight: Weight) -> Changed<'a> {
        Box::pin(async move {
            self.change((pool, server), &format!("weight = {weight}"), |shown| shown.weight == weight).await
        })
    }

    fn set_address<'a>(&'a self, pool: Pool, server: &'a ServerName, address: &'a Address) -> Changed<'a> {
        Box::pin(self.moved(pool, server, address))
    }

    fn shutdown_sessions<'a>(&'a self, pool: Pool, server: &'a ServerName) -> Changed<'a> {
        Box::pin(self.ended(pool, server))
    }

    fn add_server<'a>(
        &'a self,
        pool: Pool,
        server: &'a ServerName,
        address: &'a Address,
        weight: Weight,
    ) -> Changed<'a> {
        Box::pin(self.added(pool, server, address, weight))
    }

    fn remove_server<'a>(&'a self, pool: Pool, server: &'a ServerName) -> Changed<'a> {
        Box::pin(self.removed(pool, server))
    }
}

fn server([_, host, port, status, weight]: &[String; 5], sessions: &str) -> Result<Server, ProxyError> {
    let nonsense = || {
        ProxyError::Nonsense(
            format!("{host}:{port} {status} {weight} {sessions}").chars().take(200).collect(),
        )
    };
    let address = Address::new(host, port.parse().map_err(|_| nonsense())?).map_err(|_| nonsense())?;
    let (state, health) = match status.as_str() {
        "ONLINE" => (State::Ready, Health::Up),
        "SHUNNED" | "SHUNNED_REPLICATION_LAG" => (State::Ready, Health::Down),
        "OFFLINE_SOFT" => (State::Drain, Health::Unchecked),
        "OFFLINE_HARD" => (State::Maint, Health::Unchecked),
        _ => return Err(nonsense()),
    };
    Ok(Server {
        name: ProxySql::name(&address)?,
        weight: weight.parse().ok().and_then(|weight| Weight::new(weight).ok()).ok_or_else(nonsense)?,
        sessions: sessions.parse().map_err(|_| nonsense())?,
        address,
        state,
        health,
    })
}
