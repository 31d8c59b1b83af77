//! `/cluster build`: a request for a cluster, filled in step by step.

use super::{Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("build"),
    said: Said::fixed(
        "Ask for a new service group: package, hosts, memory, proxies, addresses, first database",
        "申请新的服务组：套餐、主机、内存、代理、地址、第一个数据库",
    ),
    options: &[
        Opt {
            name: "name",
            said: Said::fixed("What it is to be called, such as shop", "服务组名，例如 shop"),
            takes: Takes::Text(32),
            required: true,
        },
        Opt {
            name: "environment",
            said: Said::fixed(
                "Its environment, such as production or staging",
                "环境，例如 production 或 staging",
            ),
            takes: Takes::Text(16),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the one who approves", "原因，给审批人看"),
            takes: Takes::Text(500),
            required: true,
        },
        Opt {
            name: "package",
            said: Said::fixed(
                "From which package; it can be chosen in the next step",
                "套餐；也可以在下一步选择",
            ),
            takes: Takes::Text(32),
            required: false,
        },
        Opt {
            name: "team",
            said: Said::fixed("The team that owns it; left out, your own", "所属团队；不填则为你自己的团队"),
            takes: Takes::Text(64),
            required: false,
        },
        Opt {
            name: "zone",
            said: Said::fixed(
                "Its time zone, such as Asia/Shanghai; left out, UTC",
                "时区，例如 Asia/Shanghai；不填则为 UTC",
            ),
            takes: Takes::Text(64),
            required: false,
        },
    ],
};
