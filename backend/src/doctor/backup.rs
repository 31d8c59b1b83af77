//! What is kept of rows: the keys, the bucket, and whether all that is kept can be read.

use super::{Check, LIMIT};
use crate::config::{Config, KeepIn};
use dbdesk_commands::{
    clock::{Clock, Time},
    lang::{Said, said},
};
use dbdesk_components::s3::{Objects, S3Error, sha256_of};
use dbdesk_store::{Pool, backup};
use std::{collections::BTreeMap, time::Duration};

const PART: &str = "backup";
/// The three requests of the trial.
const TRIAL_LIMIT: Duration = Duration::from_secs(10);

/// Puts, reads and removes something small in the bucket, and changes nothing else. `pool`: our own database, where it is as it should be.
pub async fn check(config: &Config, pool: Option<&Pool>, clock: &Clock) -> Vec<Check> {
    let mut checks = vec![key(config)];
    checks.extend(bucket(config, now(pool, clock).await).await);
    if let Some(pool) = pool {
        checks.extend(needs(config, pool).await);
    }
    checks
}

/// Signatures go by the clock of our own database, as everything does.
async fn now(pool: Option<&Pool>, clock: &Clock) -> Time {
    let Some(pool) = pool else { return clock.now() };
    match tokio::time::timeout(LIMIT, dbdesk_store::time(pool)).await {
        Ok(Ok(told)) => told.time,
        _ => clock.now(),
    }
}

/// Without a key no row is kept, and nothing can be taken back.
fn key(config: &Config) -> Check {
    let days = config.backup.days;
    match config.backup.key() {
        Ok(Some(key)) => {
            let key = key.name();
            Check::ok(
                PART,
                said!("rows are kept for {days} days, key {key}", "行备份保留 {days} 天，密钥 {key}"),
            )
        }
        Ok(None) => Check::warning(
            PART,
            said!("no row is kept, so no ticket can be taken back", "没有启用行备份，工单无法撤销"),
            said!(
                "`openssl rand -hex 32 > secrets/backup`, readable by dbdesk only, and `secret_key_file` of [backup]",
                "执行 `openssl rand -hex 32 > secrets/backup`（只允许 dbdesk 读取），并设置 [backup] 的 `secret_key_file`"
            ),
        ),
        Err(error) => Check::failed(
            PART,
            said!("{error}", "{error}"),
            said!("write a key of 64 hex digits", "请写入 64 位十六进制的密钥"),
        ),
    }
}

/// What is kept and can not be read any more.
async fn needs(config: &Config, pool: &Pool) -> Vec<Check> {
    let Ok(Ok(needs)) = tokio::time::timeout(LIMIT, backup::needs(pool)).await else { return Vec::new() };
    // What is wrong with them is told by [`key`].
    let Ok(keys) = config.backup.keys() else { return Vec::new() };
    let (mut lacking, mut away) = (BTreeMap::<String, i64>::new(), BTreeMap::<String, i64>::new());
    let mut old = BTreeMap::<String, i64>::new();
    for need in needs {
        match keys.named(&need.key_name) {
            None => *lacking.entry(need.key_name).or_default() += need.parts,
            Some(key) if keys.sealing.as_ref() != Some(key) => {
                *old.entry(need.key_name).or_default() += need.parts;
            }
            Some(_) => {}
        }
        if let Some(bucket) = need.bucket.filter(|_| config.backup.s3.is_none()) {
            *away.entry(bucket).or_default() += need.parts;
        }
    }
    let lacking = lacking.into_iter().map(|(key, parts)| {
        Check::failed(
            PART,
            said!(
                "{parts} parts of what is kept were sealed with the key {key}, which is not here: they can not be taken back",
                "有 {parts} 份备份是用密钥 {key} 加密的，而没有配置该密钥：相关工单无法撤销"
            ),
            said!(
                "name its file in `old_secret_key_files` of [backup] until their time is over",
                "请把该密钥文件加入 [backup] 的 `old_secret_key_files`，直到这些备份过期"
            ),
        )
    });
    let away = away.into_iter().map(|(bucket, parts)| {
        Check::failed(
            PART,
            said!(
                "{parts} parts of what is kept are in the bucket {bucket}, and no [backup.s3] is configured",
                "有 {parts} 份备份在存储桶 {bucket} 中，而没有配置 [backup.s3]"
            ),
            said!(
                "bring [backup.s3] back until their time is over; `keep_in = \"database\"` puts nothing more there",
                "请恢复 [backup.s3]，直到这些备份过期；设置 `keep_in = \"database\"` 后不再写入那里"
            ),
        )
    });
    let old = old.into_iter().map(|(key, parts)| {
        Check::ok(
            PART,
            said!("{parts} parts still need the old key {key}", "还有 {parts} 份备份需要旧密钥 {key}"),
        )
    });
    lacking.chain(away).chain(old).collect()
}

/// Puts something small, reads it and removes it.
async fn bucket(config: &Config, now: Time) -> Option<Check> {
    let s3 = config.backup.s3.as_ref()?;
    let name = &s3.bucket;
    let objects = match s3.objects() {
        Ok(objects) => objects,
        Err(error) => {
            return Some(Check::failed(
                PART,
                said!("the bucket {name}: {error}", "存储桶 {name}：{error}"),
                said!("mend [backup.s3]", "请修正 [backup.s3]"),
            ));
        }
    };
    let tried = tokio::time::timeout(TRIAL_LIMIT, tried(&objects, now)).await;
    Some(match tried.unwrap_or(Err(S3Error::Time)) {
        Ok(()) if config.backup.keep_in == KeepIn::S3 => Check::ok(
            PART,
            said!(
                "the bucket {name} takes, gives and removes objects",
                "存储桶 {name} 可以写入、读取和删除对象"
            ),
        ),
        Ok(()) => Check::ok(
            PART,
            said!(
                "the bucket {name} works; `keep_in` says that nothing new goes there",
                "存储桶 {name} 可用；按 `keep_in` 的设置，新的备份不写入那里"
            ),
        ),
        Err(error) => {
            let Said { en, zh } = error.said();
            Check::failed(PART, said!("the bucket {name}: {en}", "存储桶 {name}：{zh}"), mend(&error))
        }
    })
}

async fn tried(objects: &Objects, now: Time) -> Result<(), S3Error> {
    let content = format!("dbdesk doctor, {now}").into_bytes();
    let (size, sha256) = (content.len(), sha256_of(&content));
    let name = objects.name("doctor", &sha256);
    let at = (objects.bucket(), name.as_str());
    objects.put(&name, content, now).await?;
    let got = objects.get(at, (size, &sha256), now).await;
    objects.remove(at, now).await?;
    got.map(drop)
}

fn mend(error: &S3Error) -> Said {
    match error {
        S3Error::Unreachable(_) | S3Error::Time | S3Error::Busy(_) => said!(
            "is it running, is `endpoint` of [backup.s3] right, may this machine go there, and is its certificate one that the world knows?",
            "请确认它在运行、[backup.s3] 的 `endpoint` 正确、本机可以访问，且证书由公共机构签发"
        ),
        S3Error::NoBucket => said!(
            "make the bucket, or mend `bucket` or `region` of [backup.s3]",
            "请创建该存储桶，或修正 [backup.s3] 的 `bucket`、`region`"
        ),
        S3Error::Denied(_) => said!(
            "look at `access_key_id` and `secret_key_file` of [backup.s3]; the account needs to put, get and delete objects under `prefix`",
            "请检查 [backup.s3] 的 `access_key_id` 和 `secret_key_file`；该账号需要在 `prefix` 下写入、读取和删除对象的权限"
        ),
        S3Error::Skew(_) => said!(
            "let NTP set the clocks of this machine, of dbdesk's database and of the storage: a signature is good for 15 minutes",
            "请用 NTP 校准本机、dbdesk 数据库和存储服务的时钟：签名只在 15 分钟内有效"
        ),
        S3Error::Gone | S3Error::Changed => said!(
            "what was put is not what is read: is it one storage behind `endpoint`, and does no rule of the bucket remove or change objects?",
            "写入后读到的内容不一致：请确认 `endpoint` 背后是同一个存储，且存储桶没有删除或改动对象的规则"
        ),
        S3Error::Other(_) => said!(
            "look at `endpoint`, `region` and `path_style` of [backup.s3], and at what the storage logs",
            "请检查 [backup.s3] 的 `endpoint`、`region` 和 `path_style`，并查看存储服务的日志"
        ),
    }
}
