//! `/vip move`: a virtual IP goes to a host.

use super::{Completes, Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "vip",
    name: Some("move"),
    said: Said::fixed("Put a virtual IP on a host", "把虚拟 IP 移到某台主机"),
    options: &[
        sql_submit::GROUP,
        part::VIP,
        Opt {
            name: "to",
            said: Said::fixed("To which host", "移到哪台主机"),
            takes: Takes::Completed(Completes::VipHost),
            required: true,
        },
        part::REASON,
        sql_submit::TIME,
    ],
};
