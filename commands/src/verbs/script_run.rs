//! `/script run`

use super::{Completes, Opt, Takes, Verb, sql_submit};
use crate::lang::Said;

/// The script, shared with `/script show`.
pub(super) const NAME: Opt = Opt {
    name: "name",
    said: Said::fixed("Which script", "哪个脚本"),
    takes: Takes::Completed(Completes::Script),
    required: true,
};

/// The command.
pub const VERB: Verb = Verb {
    group: "script",
    name: Some("run"),
    said: Said::fixed("Run a script of the DBAs on a service group", "在服务组上运行 DBA 的脚本"),
    options: &[
        NAME,
        sql_submit::GROUP,
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the one who approves", "原因，给审批人看"),
            takes: Takes::Text(500),
            required: true,
        },
        Opt {
            name: "params",
            said: Said::fixed(
                "Its parameters: key=value key=\"a value\"; they complete while you type",
                "参数：key=value key=\"带空格的值\"，输入时会补全",
            ),
            takes: Takes::Completed(Completes::Parameters),
            required: false,
        },
        sql_submit::TIME,
    ],
};
