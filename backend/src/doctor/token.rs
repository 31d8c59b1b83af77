//! Tokens that will be missed when they end.

use super::Check;
use chrono::TimeDelta;
use dbdesk_commands::{clock::Clock, lang::said};
use dbdesk_store::{Pool, token};

const PART: &str = "tokens";
/// So long before its end one is told of.
const BEFORE: TimeDelta = TimeDelta::days(7);
/// What was used in this time will be missed.
const USED: TimeDelta = TimeDelta::days(7);

/// The bot's, and those that were used within the last week. A store that does not answer is told elsewhere.
pub(super) async fn check(pool: &Pool, clock: &Clock) -> Vec<Check> {
    let now = clock.now();
    let Ok(ending) = token::ending(pool, now + BEFORE, now - USED).await else { return Vec::new() };
    if ending.is_empty() {
        return vec![Check::ok(
            PART,
            said!("none that is in use ends within a week", "使用中的令牌一周内都不会到期"),
        )];
    }
    let told = ending.into_iter().map(|token| {
        let (name, at) = (token.name, token.expires_at.format("%Y-%m-%d %H:%M UTC"));
        let found = if token.expires_at <= now {
            said!("“{name}” ended on {at}", "“{name}”已于 {at} 到期")
        } else {
            said!("“{name}” ends on {at}", "“{name}”将于 {at} 到期")
        };
        Check::warning(
            PART,
            found,
            said!(
                "make another with `dbdesk token create`, put it where this one stands, then revoke this one",
                "用 `dbdesk token create` 创建新令牌并替换，然后吊销这个"
            ),
        )
    });
    told.collect()
}
