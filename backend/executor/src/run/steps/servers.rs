//! What is said to running servers.

use super::{Around, Trouble, Undone, refused};
use crate::run::{Work, asked::Broke, machines::dns_name};
use dbdesk_account::{
    DatabaseName, Scope, Step as Making,
    database::{Charset, Database},
    statements,
};
use dbdesk_cluster::Step;
use dbdesk_cmdb::{Purpose, ServiceGroup};
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::{
    dns::Values,
    mysql::{database, try_out::Try},
};
use std::time::{Duration, Instant};

/// A replica that has stopped receiving has all that it will ever have; one that applies is waited for so long at once.
const CATCH_UP_S: u32 = 5;
/// And so long in all.
const CATCHES_UP: Duration = Duration::from_mins(2);
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// Sessions that come again are ended again so many times.
const ENDS: u32 = 5;

impl From<Broke> for Undone {
    fn from(broke: Broke) -> Self {
        match broke {
            Broke::Halt(halt) => Self::Halt(halt),
            Broke::Refused { code, message, .. } => refused(code, &message).into(),
            Broke::Away(message) => Trouble::passes(said!("{message}", "{message}")).into(),
            Broke::Never(why) => Trouble::stays(why).into(),
            Broke::Ended(end) | Broke::TakenAway(end) => Self::Ended(end),
            Broke::NotPrimary | Broke::Step { .. } => {
                Trouble::stays(Said::fixed("there is no primary", "没有主库")).into()
            }
        }
    }
}

/// `host:port` of a step.
fn place(text: &str) -> Result<(&str, u16), Trouble> {
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    parts.ok_or_else(|| Trouble::stays(said!("“{text}” is no server", "“{text}”不是服务器")))
}

impl Work<'_> {
    pub(super) async fn server_done(&mut self, step: &Step, around: &Around) -> Result<(), Undone> {
        let group = &around.group;
        match step {
            Step::Server(server) => {
                let open = self.steering_session(group, server.at()).await?;
                Ok(self.steered_to(0, server, (open, group)).await?)
            }
            Step::Unfollow { host, port, .. } => self.unfollows((host, *port), group).await,
            Step::CatchUp { replica, source } => self.catches_up((replica, source), group).await,
            Step::Lag { replica, most_ms } => self.lags_less((replica, *most_ms), group).await,
            Step::Idle { server } => self.idle(server, around).await,
            Step::EndSessions { server } => self.sessions_ended(server, around).await,
            Step::MakeDatabase { primary, name, charset } => {
                self.database_made(primary, (name, charset), group).await
            }
            Step::DropEmptyDatabase { primary, name, .. } => {
                self.database_dropped(primary, name, group).await
            }
            Step::TryOut { group: becomes } => self.tried_out(becomes, around).await,
            _ => Err(Trouble::stays(Said::fixed("this is no step of a server", "这不是服务器的步骤")).into()),
        }
    }

    async fn unfollows(&mut self, at: (&str, u16), group: &ServiceGroup) -> Result<(), Undone> {
        let mut server = self.steering_session(group, at).await?;
        if server.live().await.map_err(Trouble::from)?.source.is_none() {
            return Ok(());
        }
        for statement in server.unfollowing() {
            self.ledger.proof().await?;
            server.run(&statement).await.map_err(Trouble::from)?;
        }
        match server.live().await.map_err(Trouble::from)?.source {
            None => Ok(()),
            Some(source) => {
                let source = source.address;
                Err(Trouble::stays(said!("it still follows {source}", "它仍在从 {source} 复制")).into())
            }
        }
    }

    /// The source must take no writes, so that there is an end to it.
    async fn catches_up(
        &mut self,
        (replica, source): (&str, &str),
        group: &ServiceGroup,
    ) -> Result<(), Undone> {
        let mut open = self.steering_session(group, place(source)?).await?;
        let live = open.live().await.map_err(Trouble::from)?;
        if !live.read_only {
            return Err(Trouble::stays(said!("{source} still takes writes", "{source} 仍然可写")).into());
        }
        let mut follower = self.steering_session(group, place(replica)?).await?;
        let since = Instant::now();
        while !follower.has(&live.gtid, CATCH_UP_S).await.map_err(Trouble::from)? {
            self.ledger.proof().await?;
            if since.elapsed() > CATCHES_UP {
                return Err(Trouble::stays(said!(
                    "it has not all of {source} after {limit} s",
                    "{limit} 秒内没有追上 {source}",
                    limit = CATCHES_UP.as_secs()
                ))
                .into());
            }
            self.live.line(&format!("{replica} is still catching up with {source}."));
        }
        Ok(())
    }

    async fn lags_less(
        &mut self,
        (replica, most_ms): (&str, u64),
        group: &ServiceGroup,
    ) -> Result<(), Undone> {
        let since = Instant::now();
        loop {
            let live =
                self.steering_session(group, place(replica)?).await?.live().await.map_err(Trouble::from)?;
            let why = match (live.replicating, live.lag_ms) {
                (Some(true), Some(lag_ms)) if lag_ms < most_ms => return Ok(()),
                (Some(true), Some(lag_ms)) => {
                    said!("{replica} lags {lag_ms} ms", "{replica} 的延迟是 {lag_ms} 毫秒")
                }
                _ => said!("{replica} does not replicate", "{replica} 没有在复制"),
            };
            self.ledger.proof().await?;
            if since.elapsed() > CATCHES_UP {
                return Err(Trouble::stays(why).into());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn idle(&mut self, server: &str, around: &Around) -> Result<(), Undone> {
        let mut open = self.steering_session(&around.group, place(server)?).await?;
        let users = open.applications(&around.machines.own_users).await.map_err(Trouble::from)?;
        if users.is_empty() {
            return Ok(());
        }
        let list = users.into_iter().collect::<Vec<_>>().join(", ");
        Err(Trouble::passes(said!(
            "applications are still connected to {server}, as {list}: have them stopped first",
            "还有应用以 {list} 连接到 {server}：请先停止这些应用"
        ))
        .into())
    }

    async fn sessions_ended(&mut self, server: &str, around: &Around) -> Result<(), Undone> {
        let mut open = self.steering_session(&around.group, place(server)?).await?;
        for _ in 0..ENDS {
            self.ledger.proof().await?;
            let ended = open.end_sessions(&around.machines.own_users).await.map_err(Trouble::from)?;
            self.live.line(&format!("{ended} sessions on {server} were ended."));
            if ended == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        // Who comes again finds a server that takes no writes.
        Ok(())
    }

    /// The account that makes accounts makes databases, too, and lets the desk's own work there.
    async fn database_made(
        &mut self,
        primary: &str,
        (name, charset): (&str, &str),
        group: &ServiceGroup,
    ) -> Result<(), Undone> {
        let granting = self.settings.granting.clone().ok_or_else(|| {
            Trouble::stays(Said::fixed(
                "this machine has no account that makes databases; `[target] account_user` names it",
                "这台机器没有创建数据库的账号；请在 `[target] account_user` 中配置",
            ))
        })?;
        let name = DatabaseName::parse(name).map_err(Trouble::stays)?;
        let charset = Charset::parse(charset, None).map_err(Trouble::stays)?;
        let (host, port) = place(primary)?;
        let mut open = self.reached(&(granting.user)(&group.name).options(host, port)).await?;
        let dialect = open.dialect();
        let mut steps = vec![Making::MakeDatabase(Database { name: name.clone(), charset })];
        let gets = open.own_gets(&(granting.needs)(&group.name), &name, &[]).await.map_err(Broke::from)?;
        let scope = Scope::database(&name, dialect);
        steps
            .extend(gets.into_iter().map(|gets| Making::Grant(gets.account, scope.clone(), gets.privileges)));
        for statement in statements::written(&steps, dialect) {
            self.ledger.proof().await?;
            self.live.line(statement.shown());
            open.run(&statement).await.map_err(Trouble::from)?;
        }
        Ok(())
    }

    async fn database_dropped(
        &mut self,
        primary: &str,
        name: &str,
        group: &ServiceGroup,
    ) -> Result<(), Undone> {
        let (host, port) = place(primary)?;
        let server = (self.settings.account)(&group.name).options(host, port);
        self.ledger.proof().await?;
        let left = database::drop_if_empty(&server, name, self.settings.connect_limit()).await;
        match left.map_err(Trouble::from)? {
            0 => Ok(()),
            tables => Err(Trouble::stays(said!(
                "{name} has {tables} tables: look at them, and drop the database by a ticket of its own",
                "{name} 中有 {tables} 张表：请先查看，再用单独的工单删除该数据库"
            ))
            .into()),
        }
    }

    /// By the way of the applications: name, virtual IP, proxy.
    async fn tried_out(&mut self, group: &ServiceGroup, around: &Around) -> Result<(), Undone> {
        let primary =
            group.primary().ok_or_else(|| Trouble::stays(Said::fixed("there is no primary", "没有主库")))?;
        let limit = self.settings.connect_limit();
        let account = (self.settings.account)(&group.name);
        let database = group.databases.first().cloned().unwrap_or_default();
        let own = self
            .steering_session(group, (&primary.host, primary.port))
            .await?
            .live()
            .await
            .map_err(Trouble::from)?;
        let (host, port) = self.way(group, Purpose::Write, around).await?;
        self.live.line(&format!("A write goes by {host}:{port}."));
        let name = format!("dbdesk_try_{}", self.ledger.lease.ticket.0);
        let write = Try { server: account.options(&host, port), database: &database, table: &name };
        let met = write.write(limit).await.map_err(Trouble::from)?;
        if met != own.server_id {
            return Err(Trouble::stays(said!(
                "a write by {host}:{port} reaches the server {met} and not the primary, {id}",
                "经 {host}:{port} 的写入到达了服务器 {met}，而不是主库 {id}",
                id = own.server_id
            ))
            .into());
        }
        if group.instances.len() > 1 {
            let (host, port) = self.way(group, Purpose::Read, around).await?;
            self.live.line(&format!("A read goes by {host}:{port}."));
            let read = Try { server: account.options(&host, port), database: &database, table: &name };
            read.read(limit, CATCHES_UP).await.map_err(Trouble::from)?;
        }
        Ok(write.clear(limit).await.map_err(Trouble::from)?)
    }

    /// Where applications come in: the outermost that there is.
    async fn way(
        &mut self,
        group: &ServiceGroup,
        purpose: Purpose,
        around: &Around,
    ) -> Result<(String, u16), Undone> {
        let proxy = group.proxies.first();
        let server = match purpose {
            Purpose::Write => group.primary(),
            Purpose::Read => group
                .instances
                .iter()
                .find(|one| one.role == dbdesk_commands::wire::group::InstanceRole::Replica)
                .or_else(|| group.primary()),
        };
        let port = match (proxy, purpose) {
            (Some(proxy), Purpose::Write) => proxy.write_port,
            (Some(proxy), Purpose::Read) => proxy.read_port.unwrap_or(proxy.write_port),
            (None, _) => server.map_or(0, |server| server.port),
        };
        if let Some(name) = group.names.iter().find(|name| name.purpose == purpose) {
            let zone = around.hosts().names(&name.zone)?;
            let sets = zone.read(&dns_name(&name.name)?).await.map_err(Trouble::from)?;
            let address = sets.iter().find_map(|set| match set.values() {
                Values::A(all) => all.first().map(ToString::to_string),
                Values::Aaaa(all) => all.first().map(ToString::to_string),
                Values::Cname(name) => Some(name.as_str().to_owned()),
            });
            let shown = &name.name;
            let address = address
                .ok_or_else(|| Trouble::stays(said!("{shown} leads nowhere", "{shown} 没有解析结果")))?;
            return Ok((address, port));
        }
        if let Some(vip) = group.vips.iter().find(|vip| vip.purpose == purpose) {
            return Ok((vip.address.to_string(), port));
        }
        let host = proxy.map(|proxy| proxy.host.clone()).or_else(|| server.map(|server| server.host.clone()));
        Ok((host.unwrap_or_default(), port))
    }
}
