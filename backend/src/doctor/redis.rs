//! Redis. It may lose everything without harm; what it should not do is refuse writes or forget ids for want of memory.

use super::{Check, LIMIT};
use crate::config::Config;
use dbdesk_commands::lang::said;
use redis::RedisResult;

const PART: &str = "redis";

pub(super) async fn check(config: &Config) -> Vec<Check> {
    let at = format!("{}:{}", config.redis.host, config.redis.port);
    let info = match tokio::time::timeout(LIMIT, info(config)).await {
        Ok(Ok(info)) => info,
        Ok(Err(error)) => return vec![unreachable(&at, &error.to_string())],
        Err(_) => return vec![unreachable(&at, "no answer in time")],
    };
    let version = value(&info, "redis_version").unwrap_or("?");
    let mut checks = vec![Check::ok(PART, said!("{at} is {version}", "{at} 的版本是 {version}"))];
    if value(&info, "aof_enabled") != Some("1") {
        checks.push(Check::warning(
            PART,
            said!("it does not keep an append-only file", "没有开启 AOF 持久化"),
            said!(
                "set `appendonly yes`: nothing is lost without it, but after a restart the queue is filled again from the database",
                "请设置 `appendonly yes`：不开也不会丢任务，但重启后要从数据库重建队列"
            ),
        ));
    }
    let policy = value(&info, "maxmemory_policy").unwrap_or("noeviction");
    if policy.starts_with("allkeys") {
        checks.push(Check::warning(
            PART,
            said!("it drops keys when memory is short ({policy})", "内存不足时会淘汰键（{policy}）"),
            said!(
                "set `maxmemory-policy noeviction` or give dbdesk a Redis of its own",
                "请设置 `maxmemory-policy noeviction`，或给 dbdesk 单独一个 Redis"
            ),
        ));
    }
    checks
}

async fn info(config: &Config) -> RedisResult<String> {
    let mut connection = config.redis.client()?.get_multiplexed_async_connection().await?;
    redis::cmd("INFO").query_async(&mut connection).await
}

fn value<'a>(info: &'a str, key: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
}

fn unreachable(at: &str, why: &str) -> Check {
    Check::failed(
        PART,
        said!("{at}: {why}", "{at}：{why}"),
        said!(
            "is it running, and are [redis] host, port and password_file right?",
            "请确认它在运行，并检查 [redis] 的 host、port 和 password_file"
        ),
    )
}
