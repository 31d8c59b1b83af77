//! One thing that is done to a cluster. A workflow is a list of them, and what takes it back is the list of their inverses, backwards: there is
//! one way of doing things, whichever way it goes. Each may be done again to the same end, which is what makes a workflow resumable.

use chrono::{DateTime, Utc};
use dbdesk_cmdb::{DnsName, Proxy, ServiceGroup, Vip, drift::ServerStep};
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, net::IpAddr};

/// A server: the host of the inventory that it is on, and its port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// The host's name in the inventory.
    pub on: String,
    /// Where it is reached.
    pub address: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.address, self.port)
    }
}

/// What an instance is made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceSpec {
    /// Family and version: `mariadb-10.11`.
    pub flavour: String,
    /// Differs from all others of its group.
    pub server_id: u32,
    /// Memory for the pages of `InnoDB`.
    pub buffer_pool_mb: u32,
    /// Other options of the server, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// How the data of one server comes to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyBy {
    /// `mariadb-backup`, from file to file.
    MariadbBackup,
    /// `MySQL`'s clone plugin.
    Clone,
    /// A dump in one transaction: slow, and always possible.
    Dump,
}

/// What a server in a proxy's reading pool is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// New connections.
    Ready,
    /// Only those that it has.
    Drain,
    /// None.
    Maint,
}

/// What a name in DNS leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadsTo {
    /// Addresses.
    Addresses(Vec<IpAddr>),
    /// Another name.
    Name(String),
}

impl fmt::Display for LeadsTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                f.write_str(&all.join(", "))
            }
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A server in a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// Where it listens, `host:port`; also its name in the pool.
    pub address: String,
    /// Its share, 0 to 256.
    pub weight: u16,
}

/// What a proxy does when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySpec {
    /// The service group's name.
    pub group: String,
    /// As the inventory has it.
    pub proxy: Proxy,
    /// Where writes go, `host:port`.
    pub writer: String,
    /// Where reads go.
    pub readers: Vec<Reader>,
    /// How long a connection waits while nobody takes writes.
    pub patience_s: u16,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// A server's folder, configuration and empty data, with the desk's own accounts.
    MakeInstance {
        /// Where.
        at: At,
        /// With what.
        spec: InstanceSpec,
    },
    /// What [`Step::MakeInstance`] made is removed, unless it runs.
    RemoveInstance {
        /// Where.
        at: At,
        /// With what it would be made again.
        spec: InstanceSpec,
    },
    /// A server's folder is moved aside, and kept until somebody removes it for good.
    SetAsideInstance {
        /// Where.
        at: At,
    },
    /// A server's folder that was moved aside is where it was.
    BringBackInstance {
        /// Where.
        at: At,
    },
    /// A server runs and answers.
    StartInstance {
        /// Where.
        at: At,
    },
    /// A server is shut down in order.
    StopInstance {
        /// Where.
        at: At,
    },
    /// A server that is made and does not run gets the data of one that runs.
    CopyData {
        /// From there.
        from: At,
        /// To there.
        to: At,
        /// How.
        by: CopyBy,
    },
    /// A server that was given data says up to where it has what its source did.
    SetPosition {
        /// Where.
        at: At,
    },
    /// Options are written into a server's configuration and, where they can be, set while it runs.
    SetParameters {
        /// Where.
        at: At,
        /// By name; nothing: it is not set any more.
        becomes: BTreeMap<String, Option<String>>,
        /// What they were.
        was: BTreeMap<String, Option<String>>,
    },
    /// Something that is said to a running server.
    Server(ServerStep),
    /// A server follows nobody any more, and forgets whom it followed.
    Unfollow {
        /// Host.
        host: String,
        /// Port.
        port: u16,
        /// Whom it followed, `host:port`.
        was: String,
    },
    /// A replica has all that another server, which takes no writes, has done.
    CatchUp {
        /// The replica, `host:port`.
        replica: String,
        /// The other, `host:port`.
        source: String,
    },
    /// A replica lags less than so long; nothing is changed.
    Lag {
        /// The replica, `host:port`.
        replica: String,
        /// Less than so long.
        most_ms: u64,
    },
    /// No application is connected to a server; nothing is changed.
    Idle {
        /// The server, `host:port`.
        server: String,
    },
    /// Sessions of applications on a server are ended.
    EndSessions {
        /// The server, `host:port`.
        server: String,
    },
    /// A database is there.
    MakeDatabase {
        /// On the primary, `host:port`.
        primary: String,
        /// Its name.
        name: String,
        /// Its character set.
        charset: String,
    },
    /// A database that [`Step::MakeDatabase`] made is gone, if it is empty.
    DropEmptyDatabase {
        /// On the primary, `host:port`.
        primary: String,
        /// Its name.
        name: String,
        /// Its character set.
        charset: String,
    },
    /// A proxy's configuration is there and it runs.
    MakeProxy {
        /// The host's name in the inventory.
        on: String,
        /// What it does.
        spec: ProxySpec,
    },
    /// A proxy is stopped and its configuration removed.
    RemoveProxy {
        /// The host's name in the inventory.
        on: String,
        /// What it would do again.
        spec: ProxySpec,
    },
    /// New connections for writes wait.
    HoldWriter {
        /// Which proxy.
        proxy: Proxy,
        /// Where they went, `host:port`.
        was: String,
    },
    /// New connections for writes go there.
    PointWriter {
        /// Which proxy.
        proxy: Proxy,
        /// There, `host:port`.
        to: String,
        /// Where they went, `host:port`; nothing: they waited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
    },
    /// Connections for writes that are open are ended, so that they come again.
    EndWrites {
        /// Which proxy.
        proxy: Proxy,
    },
    /// A server is in the reading pool.
    AddReader {
        /// Which proxy.
        proxy: Proxy,
        /// Which server.
        reader: Reader,
    },
    /// A server is not in the reading pool.
    RemoveReader {
        /// Which proxy.
        proxy: Proxy,
        /// Which server.
        reader: Reader,
    },
    /// What a server of the reading pool is asked for.
    SetReader {
        /// Which proxy.
        proxy: Proxy,
        /// Which server, `host:port`.
        reader: String,
        /// For what.
        becomes: Reading,
        /// For what before.
        was: Reading,
    },
    /// The share of a server of the reading pool.
    WeighReader {
        /// Which proxy.
        proxy: Proxy,
        /// Which server, `host:port`.
        reader: String,
        /// Its share, 0 to 256.
        becomes: u16,
        /// Its share before.
        was: u16,
    },
    /// A virtual IP is on this host and on no other of its hosts.
    TakeVip {
        /// Which.
        vip: Vip,
        /// The host's name in the inventory.
        on: String,
        /// Where it was.
        was: Option<String>,
    },
    /// A virtual IP is on none of its hosts.
    ReleaseVip {
        /// Which.
        vip: Vip,
        /// Where it was.
        was: Option<String>,
    },
    /// A name leads there.
    PutName {
        /// Which.
        name: DnsName,
        /// There.
        to: LeadsTo,
        /// Where before; nothing: it was not there.
        was: Option<LeadsTo>,
    },
    /// A name leads nowhere.
    RemoveName {
        /// Which.
        name: DnsName,
        /// Where it led.
        was: LeadsTo,
    },
    /// Monitoring looks at these servers of a group, and at no others of it.
    Monitor {
        /// The service group's name.
        group: String,
        /// The labels that its servers are known by.
        labels: BTreeMap<String, String>,
        /// `host:port`, each.
        targets: Vec<String>,
        /// Those that it looked at; none: the group was not known to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        was: Vec<String>,
    },
    /// Monitoring does not look at a group any more.
    Unmonitor {
        /// The service group's name.
        group: String,
        /// The labels that its servers were known by.
        labels: BTreeMap<String, String>,
        /// `host:port`, each.
        targets: Vec<String>,
    },
    /// A write by the outermost way reaches the primary, and a read reaches a server; nothing stays of it.
    TryOut {
        /// The group as it is to be.
        group: Box<ServiceGroup>,
    },
    /// The inventory says this of the group.
    Inventory {
        /// What it says.
        becomes: Box<ServiceGroup>,
        /// What it said.
        was: Box<ServiceGroup>,
    },
    /// A backup of a server is taken; those that need not be kept are removed.
    BackUp {
        /// Of which server.
        at: At,
        /// The host that keeps it.
        on: String,
        /// In this folder.
        folder: String,
        /// So many are kept at least.
        keep_last: u16,
        /// And all that are younger.
        keep_days: u16,
    },
    /// The backup that this ticket took is restored into a server of its own, read, and thrown away with it.
    VerifyBackup {
        /// The host that keeps it.
        on: String,
        /// In this folder.
        folder: String,
        /// A port there where nobody is.
        scratch_port: u16,
    },
    /// A table as it was at a moment stands beside the one that is there.
    RestoreTable {
        /// From this backup.
        backup: String,
        /// The host that keeps it.
        on: String,
        /// In this folder.
        folder: String,
        /// A port there where nobody is.
        scratch_port: u16,
        /// The primary.
        at: At,
        /// The table's database.
        database: String,
        /// Its name.
        table: String,
        /// The name that it gets.
        becomes: String,
        /// The moment.
        until: DateTime<Utc>,
    },
    /// Replicas have what the primary has, table by table; nothing is changed.
    Compare {
        /// The primary.
        primary: At,
        /// The replicas.
        replicas: Vec<At>,
        /// These databases.
        databases: Vec<String>,
    },
    /// One of the DBAs' scripts.
    Script(Box<dbdesk_script::Run>),
}

impl Step {
    /// What takes it back; nothing, where there is nothing to take back.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        Some(match self.clone() {
            Self::MakeInstance { at, spec } => Self::RemoveInstance { at, spec },
            Self::RemoveInstance { at, spec } => Self::MakeInstance { at, spec },
            Self::SetAsideInstance { at } => Self::BringBackInstance { at },
            Self::BringBackInstance { at } => Self::SetAsideInstance { at },
            Self::StartInstance { at } => Self::StopInstance { at },
            Self::StopInstance { at } => Self::StartInstance { at },
            Self::SetParameters { at, becomes, was } => {
                Self::SetParameters { at, becomes: was, was: becomes }
            }
            Self::Server(ServerStep::ReadOnly { host, port, on }) => {
                Self::Server(ServerStep::ReadOnly { host, port, on: !on })
            }
            Self::Server(ServerStep::SemiSync { host, port, on }) => {
                Self::Server(ServerStep::SemiSync { host, port, on: !on })
            }
            Self::Server(ServerStep::Follow { host, port, source_host, source_port }) => {
                Self::Unfollow { host, port, was: format!("{source_host}:{source_port}") }
            }
            Self::Unfollow { host, port, was } => {
                let (source_host, source_port) = was.rsplit_once(':')?;
                let (source_host, source_port) = (source_host.to_owned(), source_port.parse().ok()?);
                Self::Server(ServerStep::Follow { host, port, source_host, source_port })
            }
            Self::MakeDatabase { primary, name, charset } => {
                Self::DropEmptyDatabase { primary, name, charset }
            }
            Self::DropEmptyDatabase { primary, name, charset } => {
                Self::MakeDatabase { primary, name, charset }
            }
            Self::MakeProxy { on, spec } => Self::RemoveProxy { on, spec },
            Self::RemoveProxy { on, spec } => Self::MakeProxy { on, spec },
            Self::HoldWriter { proxy, was } => Self::PointWriter { proxy, to: was, was: None },
            Self::PointWriter { proxy, to, was } => match was {
                Some(was) => Self::PointWriter { proxy, to: was, was: Some(to) },
                None => Self::HoldWriter { proxy, was: to },
            },
            Self::AddReader { proxy, reader } => Self::RemoveReader { proxy, reader },
            Self::RemoveReader { proxy, reader } => Self::AddReader { proxy, reader },
            Self::SetReader { proxy, reader, becomes, was } => {
                Self::SetReader { proxy, reader, becomes: was, was: becomes }
            }
            Self::WeighReader { proxy, reader, becomes, was } => {
                Self::WeighReader { proxy, reader, becomes: was, was: becomes }
            }
            Self::TakeVip { vip, on, was } => match was {
                Some(was) => Self::TakeVip { vip, on: was, was: Some(on) },
                None => Self::ReleaseVip { vip, was: Some(on) },
            },
            Self::ReleaseVip { vip, was } => Self::TakeVip { vip, on: was?, was: None },
            Self::PutName { name, to, was } => match was {
                Some(was) => Self::PutName { name, to: was, was: Some(to) },
                None => Self::RemoveName { name, was: to },
            },
            Self::RemoveName { name, was } => Self::PutName { name, to: was, was: None },
            Self::Monitor { group, labels, targets, was } if was.is_empty() => {
                Self::Unmonitor { group, labels, targets }
            }
            Self::Monitor { group, labels, targets, was } => {
                Self::Monitor { group, labels, targets: was, was: targets }
            }
            Self::Unmonitor { group, labels, targets } => {
                Self::Monitor { group, labels, targets, was: Vec::new() }
            }
            Self::Inventory { becomes, was } => Self::Inventory { becomes: was, was: becomes },
            Self::CopyData { .. }
            | Self::SetPosition { .. }
            | Self::Server(ServerStep::StartReplica { .. })
            | Self::CatchUp { .. }
            | Self::Lag { .. }
            | Self::Idle { .. }
            | Self::EndSessions { .. }
            | Self::EndWrites { .. }
            | Self::TryOut { .. }
            | Self::BackUp { .. }
            | Self::VerifyBackup { .. }
            | Self::RestoreTable { .. }
            | Self::Compare { .. }
            | Self::Script(_) => return None,
        })
    }

    /// What is done, as people read it in the ticket and in its thread.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a sentence for each step")]
    pub fn said(&self) -> Said {
        match self {
            Self::MakeInstance { at, spec } => {
                let (flavour, pool) = (&spec.flavour, spec.buffer_pool_mb);
                said!(
                    "Make {at} on {on} ({flavour}, {pool} MB buffer pool)",
                    "在 {on} 上创建实例 {at}（{flavour}，缓冲池 {pool} MB）",
                    on = at.on
                )
            }
            Self::RemoveInstance { at, .. } => {
                said!("Remove {at} from {on}", "从 {on} 上删除实例 {at}", on = at.on)
            }
            Self::SetAsideInstance { at } => {
                said!(
                    "Move the data of {at} aside on {on}",
                    "在 {on} 上把实例 {at} 的数据移到一旁保留",
                    on = at.on
                )
            }
            Self::BringBackInstance { at } => {
                said!("Bring the data of {at} back on {on}", "在 {on} 上恢复实例 {at} 的数据", on = at.on)
            }
            Self::StartInstance { at } => said!("Start {at}", "启动 {at}"),
            Self::StopInstance { at } => said!("Shut {at} down", "停止 {at}"),
            Self::CopyData { from, to, .. } => {
                said!("Copy the data of {from} to {to}", "把 {from} 的数据复制到 {to}")
            }
            Self::SetPosition { at } => {
                said!("Tell {at} up to where it has its source's data", "设置 {at} 的复制起点")
            }
            Self::SetParameters { at, becomes, .. } => {
                let list: Vec<String> = becomes
                    .iter()
                    .map(|(name, value)| match value {
                        Some(value) => format!("{name} = {value}"),
                        None => format!("{name} (-)"),
                    })
                    .collect();
                let list = list.join(", ");
                said!("Set on {at}: {list}", "在 {at} 上设置：{list}")
            }
            Self::Server(step) => server(step),
            Self::Unfollow { host, port, was } => {
                said!("{host}:{port} does not follow {was} any more", "{host}:{port} 不再从 {was} 复制")
            }
            Self::CatchUp { replica, source } => {
                said!(
                    "Wait until {replica} has all that {source} did",
                    "等待 {replica} 追上 {source} 的全部事务"
                )
            }
            Self::Lag { replica, most_ms } => said!(
                "See that {replica} lags less than {most_ms} ms",
                "确认 {replica} 的延迟小于 {most_ms} 毫秒"
            ),
            Self::Idle { server } => {
                said!("See that no application is connected to {server}", "确认没有应用连接到 {server}")
            }
            Self::EndSessions { server } => {
                said!("End the applications' sessions on {server}", "结束 {server} 上的应用会话")
            }
            Self::MakeDatabase { name, charset, .. } => {
                said!("Make the database {name} ({charset})", "创建数据库 {name}（{charset}）")
            }
            Self::DropEmptyDatabase { name, .. } => {
                said!("Drop the database {name}, if it is empty", "如果数据库 {name} 为空则删除")
            }
            Self::MakeProxy { on, spec } => {
                said!("Make the proxy {proxy} on {on}", "在 {on} 上创建代理 {proxy}", proxy = spec.proxy)
            }
            Self::RemoveProxy { on, spec } => {
                said!("Remove the proxy {proxy} from {on}", "从 {on} 上删除代理 {proxy}", proxy = spec.proxy)
            }
            Self::HoldWriter { proxy, .. } => {
                said!("Hold new writes at {proxy}", "在 {proxy} 暂停新的写连接")
            }
            Self::PointWriter { proxy, to, .. } => {
                said!("Lead the writes at {proxy} to {to}", "{proxy} 的写流量指向 {to}")
            }
            Self::EndWrites { proxy } => {
                said!("End the open connections for writes at {proxy}", "断开 {proxy} 上已有的写连接")
            }
            Self::AddReader { proxy, reader } => said!(
                "Add {reader} to the reads at {proxy} (weight {weight})",
                "把 {reader} 加入 {proxy} 的读流量（权重 {weight}）",
                reader = reader.address,
                weight = reader.weight
            ),
            Self::RemoveReader { proxy, reader } => said!(
                "Take {reader} out of the reads at {proxy}",
                "把 {reader} 移出 {proxy} 的读流量",
                reader = reader.address
            ),
            Self::SetReader { proxy, reader, becomes, .. } => match becomes {
                Reading::Ready => {
                    said!("Let {proxy} send reads to {reader}", "{proxy} 向 {reader} 发送读流量")
                }
                Reading::Drain => said!(
                    "Let {proxy} send no new reads to {reader}",
                    "{proxy} 不再向 {reader} 发送新的读流量"
                ),
                Reading::Maint => {
                    said!("Let {proxy} send no reads to {reader}", "{proxy} 停止向 {reader} 发送读流量")
                }
            },
            Self::WeighReader { proxy, reader, becomes, .. } => said!(
                "Give {reader} the weight {becomes} at {proxy}",
                "{proxy} 上 {reader} 的权重设为 {becomes}"
            ),
            Self::TakeVip { vip, on, .. } => {
                said!("Put the virtual IP {vip} on {on}", "把虚拟 IP {vip} 放到 {on}")
            }
            Self::ReleaseVip { vip, .. } => {
                said!("Take the virtual IP {vip} away", "撤下虚拟 IP {vip}")
            }
            Self::PutName { name, to, .. } => {
                said!("Lead {name} to {to}", "{name} 解析到 {to}", name = name.name)
            }
            Self::RemoveName { name, .. } => {
                said!("Remove the name {name}", "删除域名 {name}", name = name.name)
            }
            Self::Monitor { group, targets, .. } => said!(
                "Have {count} servers of {group} monitored",
                "把 {group} 的 {count} 个服务器加入监控",
                count = targets.len()
            ),
            Self::Unmonitor { group, .. } => {
                said!("Have {group} monitored no more", "把 {group} 移出监控")
            }
            Self::TryOut { group } => said!(
                "Try {name} out: a write by the outermost way, and a read",
                "从最外层入口验证 {name} 的读写",
                name = group.name
            ),
            Self::Inventory { becomes, .. } => {
                said!("The inventory says so of {name}", "更新 {name} 的清单", name = becomes.name)
            }
            Self::BackUp { at, on, .. } => said!("Back {at} up to {on}", "把 {at} 备份到 {on}"),
            Self::VerifyBackup { on, .. } => {
                said!("Restore the backup on {on} to see that it is whole", "在 {on} 上恢复备份以验证其完整")
            }
            Self::RestoreTable { backup, database, table, becomes, until, .. } => {
                let until = until.format("%Y-%m-%d %H:%M:%S UTC");
                said!(
                    "Restore {database}.{table} as it was at {until}, from {backup}, as {database}.{becomes}",
                    "用备份 {backup} 把 {database}.{table} 在 {until} 的内容恢复为 {database}.{becomes}"
                )
            }
            Self::Compare { primary, databases, .. } => said!(
                "Compare the replicas with {primary}: {list}",
                "比对从库与 {primary}：{list}",
                list = databases.join(", ")
            ),
            Self::Script(run) => said!("Run the script {name}", "运行脚本 {name}", name = run.script),
        }
    }
}

fn server(step: &ServerStep) -> Said {
    let (host, port) = step.at();
    match step {
        ServerStep::ReadOnly { on: true, .. } => {
            said!("{host}:{port} takes no writes", "{host}:{port} 设为只读")
        }
        ServerStep::ReadOnly { on: false, .. } => {
            said!("{host}:{port} takes writes", "{host}:{port} 设为可写")
        }
        ServerStep::Follow { source_host, source_port, .. } => said!(
            "{host}:{port} follows {source_host}:{source_port}",
            "{host}:{port} 从 {source_host}:{source_port} 复制"
        ),
        ServerStep::StartReplica { .. } => said!("{host}:{port} replicates", "{host}:{port} 启动复制"),
        ServerStep::SemiSync { on: true, .. } => {
            said!("{host}:{port} waits for a replica at each commit", "{host}:{port} 开启半同步")
        }
        ServerStep::SemiSync { on: false, .. } => {
            said!("{host}:{port} does not wait for replicas", "{host}:{port} 关闭半同步")
        }
    }
}
