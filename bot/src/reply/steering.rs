//! What a DBA wants of running work beside that it goes on, holds or ends.

use super::words;
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{person::Actor, throttle::Throttle},
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
