//! Options that commands on parts of a service group share.

use super::{Completes, Opt, Takes};
use crate::lang::Said;

const fn completed(name: &'static str, said: Said, completes: Completes, required: bool) -> Opt {
    Opt { name, said, takes: Takes::Completed(completes), required }
}

/// Why.
pub(super) const REASON: Opt = Opt {
    name: "reason",
    said: Said::fixed("Why, for the one who approves", "原因，给审批人看"),
    takes: Takes::Text(500),
    required: true,
};
/// Which server.
pub(super) const SERVER: Opt = completed(
    "server",
    Said::fixed("Which server, host:port", "哪个服务器，host:port"),
    Completes::Server,
    true,
);
/// Which replica.
pub(super) const REPLICA: Opt = completed(
    "server",
    Said::fixed("Which replica, host:port", "哪个从库，host:port"),
    Completes::Replica,
    true,
);
/// Which proxy's writes.
pub(super) const PROXY: Opt = completed(
    "proxy",
    Said::fixed("Which proxy; left out: the only one", "哪个代理；省略：唯一的代理"),
    Completes::Proxy,
    false,
);
/// Which proxies' reads.
pub(super) const PROXIES: Opt = completed(
    "proxy",
    Said::fixed("At which proxy only; left out: at each", "只在哪个代理上；省略：全部代理"),
    Completes::Proxy,
    false,
);
/// Which virtual IP.
pub(super) const VIP: Opt =
    completed("vip", Said::fixed("Which virtual IP", "哪个虚拟 IP"), Completes::Vip, true);
/// Who becomes the primary.
pub(super) const TO: Opt = completed(
    "to",
    Said::fixed("Which replica becomes the primary", "哪个从库成为主库"),
    Completes::Replica,
    true,
);
/// Options of servers.
pub(super) const VALUES: Opt = completed(
    "values",
    Said::fixed(
        "name=value name=\"a value\"; names complete while you type",
        "参数：name=value name=\"带空格的值\"，参数名会补全",
    ),
    Completes::Options,
    true,
);
/// The same, where they may be left out.
pub(super) const MORE: Opt = completed(
    "values",
    Said::fixed("Options of it: name=value name=\"a value\"", "参数：name=value name=\"带空格的值\""),
    Completes::Options,
    false,
);
/// Who becomes the primary while a primary is restarted.
pub(super) const MEANWHILE: Opt = completed(
    "to",
    Said::fixed(
        "Which replica becomes the primary, where the primary must be restarted",
        "需要重启主库时，由哪个从库接任",
    ),
    Completes::Replica,
    false,
);
/// A share of the reads.
pub(super) const WEIGHT: Opt = Opt {
    name: "weight",
    said: Said::fixed(
        "Its share of the reads, 0 to 255; left out: as the inventory says",
        "读流量权重，0 到 255；省略：按清单",
    ),
    takes: Takes::Text(3),
    required: false,
};
