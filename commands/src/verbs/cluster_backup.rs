//! `/cluster backup`: a backup now, verified by restoring it.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("backup"),
    said: Said::fixed(
        "Back a service group up now, and restore the backup to see that it is whole",
        "立即备份服务组，并通过恢复验证备份",
    ),
    options: &[sql_submit::GROUP, part::REASON, sql_submit::TIME],
};
