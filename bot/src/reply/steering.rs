//! What a DBA wants of running work beside that it goes on, holds or ends.

use super::words;
use dbdesk_commands::{
    clock::Time,
    lang::{Lang, Said, said},
    wire::{cut_over::CutOver, person::Actor, throttle::Throttle},
};

/// The limits as a DBA set them, in half a sentence.
pub(crate) fn limits(throttle: Throttle) -> Said {
    let lag = match throttle.max_lag_ms.map(words::duration) {
        Some(Said { en, zh }) => said!("replicas at most {en} behind", "从库延迟不超过 {zh}"),
        None => Said::fixed("replicas as far behind as configured", "从库延迟按配置"),
    };
    let load = match throttle.max_load {
        Some(load) => said!("at most {load} threads on the primary", "主库活跃线程不超过 {load}"),
        None => Said::fixed("as many threads on the primary as configured", "主库活跃线程按配置"),
    };
    let (Said { en, zh }, Said { en: load_en, zh: load_zh }) = (lag, load);
    said!("{en}, {load_en}", "{zh}，{load_zh}")
}

/// Somebody set them.
pub(super) fn throttled(by: &Actor, throttle: Throttle, lang: Lang) -> Said {
    let (by, Said { en, zh }) = (words::actor(by, lang), limits(throttle));
    said!("🐢 {by} set when it waits: {en}.", "🐢 {by} 设置了限速：{zh}。")
}

/// Somebody said when the copy of a table takes the table's place.
pub(super) fn cut_over_asked(by: &Actor, when: CutOver, lang: Lang) -> Said {
    let by = words::actor(by, lang);
    match when {
        CutOver::Now => said!(
            "🔀 {by} lets the copy take the table's place as soon as all rows are copied.",
            "🔀 {by} 允许切换：数据全部拷贝之后立即进行。"
        ),
        CutOver::Quiet => said!(
            "🌙 {by} lets the copy take the table's place in a quiet window.",
            "🌙 {by} 允许切换：在低峰期进行。"
        ),
        CutOver::Hold => said!(
            "✋ {by} holds the cut-over: the copy does not take the table's place until a DBA presses **Cut over**.",
            "✋ {by} 暂缓切换：在 DBA 点 **切换** 之前不会切换到新表。"
        ),
    }
}

/// A copy that is complete and waits for a DBA.
pub(super) fn cut_over_awaited() -> Said {
    Said::fixed(
        "✋ All rows are copied. The copy follows every change, and takes the table's place when a DBA presses **Cut over**.",
        "✋ 数据已全部拷贝，并持续跟踪变更；DBA 点 **切换** 后切换到新表。",
    )
}

/// A copy that is complete and waits for a quiet window.
pub(super) fn cut_over_held(until: Option<Time>) -> Said {
    match until {
        Some(until) => {
            let (at, far) = (words::time(until), words::distance(until));
            said!(
                "🌙 All rows are copied. The copy follows every change, and takes the table's place in the quiet window that begins {at} \
                 ({far}).",
                "🌙 数据已全部拷贝，并持续跟踪变更；将在 {at}（{far}）开始的低峰期切换。"
            )
        }
        None => Said::fixed(
            "🌙 All rows are copied. The copy follows every change, and takes the table's place in the next quiet window.",
            "🌙 数据已全部拷贝，并持续跟踪变更；将在下一个低峰期切换。",
        ),
    }
}
