//! Hold cut-over: a DBA keeps the copy of a table from taking the table's place when it is complete.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Secondary,
    done: |ticket| {
        simply(
            ticket.id,
            "holds its cut-over: once all rows are copied, the copy follows every change until a DBA presses **Cut over**. This is for \
             the run at hand; a new try goes by the configuration.",
            "暂缓切换：数据全部拷贝之后持续跟踪变更，等 DBA 点 **切换**。只对这次执行有效，重试时按配置处理。",
        )
    },
};
