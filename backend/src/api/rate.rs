//! How often one token may ask: a token bucket for each (the generic cell rate algorithm), in the memory of this process.

use crate::{config::Api, service::Failure};
use dbdesk_commands::{
    clock::Clock,
    id::PersonId,
    lang::said,
    wire::problem::{Code, Refusal},
};
use dbdesk_store::token::Token;
use governor::{
    NotUntil, Quota, RateLimiter, clock, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::HashMapStateStore,
};
use std::num::NonZeroU32;

/// The desk's clock, as the limiter reads it.
#[derive(Debug, Clone)]
struct Ticks(Clock);

impl clock::Clock for Ticks {
    type Instant = Nanos;
    fn now(&self) -> Nanos {
        let since = self.0.now().timestamp_nanos_opt().unwrap_or_default();
        Nanos::new(u64::try_from(since).unwrap_or_default())
    }
}

type Buckets = RateLimiter<u64, HashMapStateStore<u64>, Ticks, NoOpMiddleware<Nanos>>;

/// Buckets that are full again are forgotten when there are more than this; there is one only for tokens that are known.
const BUCKETS: usize = 4_096;

/// The buckets of people's tokens, and the bot's, which speaks for all of them.
pub(super) struct Rates {
    people: Buckets,
    bot: Buckets,
    /// By person.
    denials: Buckets,
    clock: Ticks,
}

/// Refused attempts of one person that go to the audit log: in a minute, and at once.
const DENIALS: (u32, u32) = (6, 30);

impl Rates {
    pub(super) fn new(config: &Api, clock: Clock) -> Self {
        let clock = Ticks(clock);
        let buckets = |a_minute, burst| {
            let positive = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::per_minute(positive(a_minute)).allow_burst(positive(burst));
            RateLimiter::hashmap_with_clock(quota, clock.clone())
        };
        Self {
            people: buckets(config.requests_per_minute, config.burst),
            bot: buckets(config.bot_requests_per_minute, config.bot_burst),
            denials: buckets(DENIALS.0, DENIALS.1),
            clock,
        }
    }

    /// Whether one more refused attempt of this person is noted.
    pub(super) fn takes_denial(&self, person: PersonId) -> bool {
        if self.denials.len() > BUCKETS {
            self.denials.retain_recent();
        }
        self.denials.check_key(&person.0).is_ok()
    }

    /// Takes one request out of the token's bucket; refused where it is empty.
    pub(super) fn take(&self, token: &Token) -> Result<(), Failure> {
        let buckets = if token.is_bot() { &self.bot } else { &self.people };
        if buckets.len() > BUCKETS {
            buckets.retain_recent();
        }
        buckets.check_key(&token.id).map_err(|until| self.too_often(&until))
    }

    fn too_often(&self, until: &NotUntil<Nanos>) -> Failure {
        let wait = until.wait_time_from(clock::Clock::now(&self.clock));
        // Whole seconds, and never too few.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let seconds = seconds.max(1);
        let refusal = Refusal::new(
            Code::RateLimited,
            said!(
                "This token has asked too often. Nothing was done; try again in {seconds} s. A script that waits for something asks \
                 `/v1/tickets/{{id}}/events` once.",
                "这个令牌的请求过于频繁。这次没有执行任何操作，请在 {seconds} 秒后再试。脚本需要等待结果时，请用一次 \
                 `/v1/tickets/{{id}}/events`。"
            ),
        );
        Failure::TooOften { refusal, retry_after_s: seconds }
    }
}
