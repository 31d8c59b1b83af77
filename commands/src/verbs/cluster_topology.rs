//! `/cluster topology`: a service group as a picture.

use super::{Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("topology"),
    said: Said::fixed(
        "Draw a service group, from its names down to its servers",
        "画出服务组的拓扑：从域名到服务器",
    ),
    options: &[sql_submit::GROUP],
};
