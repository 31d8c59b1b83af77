//! What can be asked of a service group's parts, and of all of it as a change.

/// `/proxy …`, `/vip …`, `/dns …`, `/instance …` and the changes of `/cluster …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parts {
    /// They are shown.
    Show {
        /// Which of them.
        layer: Layer,
        /// Of which service group.
        group: String,
    },
    /// Something is changed.
    Change(Box<Typed>),
}

/// Parts of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// `/proxy show`
    Proxies,
    /// `/vip show`
    Vips,
    /// `/dns show`
    Names,
    /// `/instance show`
    Servers,
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeVerb {
    /// `/cluster switchover`
    ClusterSwitchover,
    /// `/cluster add-replica`
    ClusterAddReplica,
    /// `/cluster remove-replica`
    ClusterRemoveReplica,
    /// `/cluster retire`
    ClusterRetire,
    /// `/cluster parameters`
    ClusterParameters,
    /// `/cluster backup`
    ClusterBackup,
    /// `/cluster restore-table`
    ClusterRestoreTable,
    /// `/cluster compare`
    ClusterCompare,
    /// `/proxy hold`
    ProxyHold,
    /// `/proxy point`
    ProxyPoint,
    /// `/proxy drain`
    ProxyDrain,
    /// `/proxy ready`
    ProxyReady,
    /// `/proxy weight`
    ProxyWeight,
    /// `/proxy add`
    ProxyAdd,
    /// `/proxy remove`
    ProxyRemove,
    /// `/vip move`
    VipMove,
    /// `/vip release`
    VipRelease,
    /// `/dns set`
    DnsSet,
    /// `/dns remove`
    DnsRemove,
    /// `/instance start`
    InstanceStart,
    /// `/instance stop`
    InstanceStop,
    /// `/instance read-only`
    InstanceReadOnly,
    /// `/instance follow`
    InstanceFollow,
    /// `/instance parameters`
    InstanceParameters,
}

/// What was typed; what is empty was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// What is changed.
    pub verb: ChangeVerb,
    /// Of which service group.
    pub group: String,
    /// Why.
    pub reason: String,
    /// When.
    pub time: String,
    /// Which server.
    pub server: String,
    /// Which proxy.
    pub proxy: String,
    /// Which virtual IP.
    pub vip: String,
    /// Which name.
    pub name: String,
    /// Where to: a server, a host, addresses.
    pub to: String,
    /// Whom a replica follows.
    pub source: String,
    /// On which host.
    pub host: String,
    /// On which port.
    pub port: String,
    /// Whose data.
    pub from: String,
    /// How it is copied.
    pub by: String,
    /// The buffer pool in MB.
    pub memory: String,
    /// A share of the reads.
    pub weight: String,
    /// `name=value …`
    pub values: String,
    /// `on` or `off`.
    pub set: String,
    /// `write` or `read`.
    pub purpose: String,
    /// A zone of DNS.
    pub zone: String,
    /// Seconds.
    pub ttl: String,
    /// Seconds.
    pub lag: String,
    /// In which database.
    pub database: String,
    /// Which table.
    pub table: String,
    /// A moment.
    pub until: String,
    /// The name that something gets.
    pub becomes: String,
}

/// Reads the options of such a command; `None`: it is none of these.
pub(super) fn read(command: &str, name: &str, of: impl Fn(&str) -> String) -> Option<Parts> {
    use ChangeVerb as V;
    let show = |layer| Some(Parts::Show { layer, group: of("group") });
    let verb = match (command, name) {
        ("proxy", "show") => return show(Layer::Proxies),
        ("vip", "show") => return show(Layer::Vips),
        ("dns", "show") => return show(Layer::Names),
        ("instance", "show") => return show(Layer::Servers),
        ("cluster", "switchover") => V::ClusterSwitchover,
        ("cluster", "add-replica") => V::ClusterAddReplica,
        ("cluster", "remove-replica") => V::ClusterRemoveReplica,
        ("cluster", "retire") => V::ClusterRetire,
        ("cluster", "parameters") => V::ClusterParameters,
        ("cluster", "backup") => V::ClusterBackup,
        ("cluster", "restore-table") => V::ClusterRestoreTable,
        ("cluster", "compare") => V::ClusterCompare,
        ("proxy", "hold") => V::ProxyHold,
        ("proxy", "point") => V::ProxyPoint,
        ("proxy", "drain") => V::ProxyDrain,
        ("proxy", "ready") => V::ProxyReady,
        ("proxy", "weight") => V::ProxyWeight,
        ("proxy", "add") => V::ProxyAdd,
        ("proxy", "remove") => V::ProxyRemove,
        ("vip", "move") => V::VipMove,
        ("vip", "release") => V::VipRelease,
        ("dns", "set") => V::DnsSet,
        ("dns", "remove") => V::DnsRemove,
        ("instance", "start") => V::InstanceStart,
        ("instance", "stop") => V::InstanceStop,
        ("instance", "read-only") => V::InstanceReadOnly,
        ("instance", "follow") => V::InstanceFollow,
        ("instance", "parameters") => V::InstanceParameters,
        _ => return None,
    };
    Some(Parts::Change(Box::new(Typed {
        verb,
        group: of("group"),
        reason: of("reason"),
        time: of("time"),
        server: of("server"),
        proxy: of("proxy"),
        vip: of("vip"),
        name: of("name"),
        to: of("to"),
        source: of("source"),
        host: of("host"),
        port: of("port"),
        from: of("from"),
        by: of("by"),
        memory: of("memory"),
        weight: of("weight"),
        values: of("values"),
        set: of("set"),
        purpose: of("purpose"),
        zone: of("zone"),
        ttl: of("ttl"),
        lag: of("lag"),
        database: of("database"),
        table: of("table"),
        until: of("until"),
        becomes: of("as"),
    })))
}
