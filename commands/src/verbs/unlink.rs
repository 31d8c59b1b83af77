//! `/unlink`: an admin says that a person's Discord user is his no longer.

use super::{Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "unlink",
    name: None,
    said: Said::fixed(
        "Take a person's Discord account from the desk; for admins",
        "解除某人与其 Discord 账号的关联，仅限管理员",
    ),
    options: &[Opt {
        name: "person",
        said: Said::fixed("Name in the desk, such as ann", "在工单台的名字，例如 ann"),
        takes: Takes::Text(64),
        required: true,
    }],
};
