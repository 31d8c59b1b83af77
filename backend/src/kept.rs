//! What is kept of rows, read: each part from where it is, and opened with the key that sealed it.

use crate::config::Backup;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    lang::{Said, said},
};
use dbdesk_components::s3::{Objects, S3Error};
use dbdesk_executor::run::place;
use dbdesk_store::backup::{Bytes, Object, OfTask, Part};
use dbdesk_undo::{
    Images,
    sealed::{Closed, Key, Keys, open},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::time::Duration;

/// All objects of a ticket may take so long.
const LIMIT: Duration = Duration::from_secs(15);
/// So many are asked for at once.
const AT_ONCE: usize = 4;

/// Why it can not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The key that sealed it is not here.
    #[error("the key {0} is not configured")]
    Key(String),
    /// It is in a bucket, and there is no account for any.
    #[error("it is in the bucket {0}, and no [backup.s3] is configured")]
    NoAccount(String),
    /// The bucket.
    #[error("{bucket}/{name}: {error}")]
    Bucket {
        /// Which.
        bucket: String,
        /// What was asked for.
        name: String,
        /// What became of it.
        error: S3Error,
    },
    /// It does not open.
    #[error("{place}: {error}")]
    Closed {
        /// Where it belongs.
        place: String,
        /// Why.
        error: Closed,
    },
    /// Our fault.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl Unread {
    /// Whether the same may succeed later, with nothing changed by anybody.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Bucket { error, .. } => error.passes(),
            Self::Fault(_) => true,
            Self::Key(_) | Self::NoAccount(_) | Self::Closed { .. } => false,
        }
    }

    /// In words, where it is not our fault.
    pub(crate) fn said(self, id: TicketId, keys: &Keys) -> Result<Said, anyhow::Error> {
        Ok(match self {
            Self::Key(sealed) => other_key(id, &sealed, keys),
            Self::NoAccount(bucket) => said!(
                "What is kept of {id} is in the bucket `{bucket}`, and the desk has no account for it any more. A DBA brings `[backup.s3]` \
                 back; with `keep_in = \"database\"` nothing new goes there.",
                "{id} 的备份在存储桶 `{bucket}` 中，而现在没有配置访问它的账号。请 DBA 恢复 `[backup.s3]`；设置 `keep_in = \"database\"` 后新的\
                 备份不会再写入那里。"
            ),
            Self::Bucket { bucket, name, error: S3Error::Gone } => said!(
                "What is kept of {id} is not in the bucket `{bucket}` any more: somebody has removed `{name}`. Where the bucket keeps \
                 versions, a DBA can bring that one back; else he can take the ticket back by hand.",
                "{id} 的备份已不在存储桶 `{bucket}` 中：对象 `{name}` 被删除了。如果存储桶保留了历史版本，DBA 可以恢复它；否则请 DBA 手工撤销。"
            ),
            Self::Bucket { bucket, name, error: S3Error::Changed } => said!(
                "What is kept of {id} was changed in the bucket `{bucket}`: `{name}` is not what the desk put there, so it is not used. Where \
                 the bucket keeps versions, a DBA can bring the right one back; else he can take the ticket back by hand.",
                "{id} 的备份在存储桶 `{bucket}` 中被改动过：`{name}` 不是 dbdesk 写入的内容，因此不使用。如果存储桶保留了历史版本，DBA 可以恢复\
                 原来的内容；否则请 DBA 手工撤销。"
            ),
            Self::Bucket { bucket, error, .. } => {
                let Said { en, zh } = error.said();
                said!(
                    "What is kept of {id} is in the bucket `{bucket}`, which does not give it: {en}. Nothing was filed. Press again later; \
                     `dbdesk doctor` tells a DBA what is wrong.",
                    "{id} 的备份在存储桶 `{bucket}` 中，现在读不出来：{zh}。没有提交工单。请稍后再试；DBA 可用 `dbdesk doctor` 查看原因。"
                )
            }
            Self::Closed { place, error } => said!(
                "What is kept of {id} does not open ({place}: {error}), so it is not used. A DBA can take the ticket back by hand.",
                "{id} 的备份无法解开（{place}：{error}），因此不使用。请 DBA 手工撤销。"
            ),
            Self::Fault(fault) => return Err(fault),
        })
    }
}

fn other_key(id: TicketId, sealed: &str, keys: &Keys) -> Said {
    let has: Vec<String> = keys.all().map(|key| format!("`{}`", key.name())).collect();
    let has = has.join(", ");
    if has.is_empty() {
        return said!(
            "What is kept of {id} was sealed with the key `{sealed}`, and the desk has no key. A DBA names its file in `[backup] \
             old_secret_key_files` and starts serve and control again.",
            "{id} 的备份是用密钥 `{sealed}` 加密的，而现在没有配置密钥。请 DBA 把该密钥文件加入 `[backup] old_secret_key_files`，并重启 serve 和 \
             control。"
        );
    }
    said!(
        "What is kept of {id} was sealed with the key `{sealed}`, and the desk has {has}. A DBA names that key's file in `[backup] \
         old_secret_key_files` and starts serve and control again.",
        "{id} 的备份是用密钥 `{sealed}` 加密的，而现在的密钥是 {has}。请 DBA 把该密钥文件加入 `[backup] old_secret_key_files`，并重启 serve 和 \
         control。"
    )
}

/// Reads and opens parts, in their order.
pub async fn images(
    backup: &Backup,
    ticket: TicketId,
    parts: Vec<OfTask>,
    now: Time,
) -> Result<Vec<Images>, Unread> {
    let keys = backup.keys().map_err(anyhow::Error::msg)?;
    // What is missing for one is told before anything is fetched.
    if let Some(of) = parts.iter().find(|of| keys.named(&of.part.key_name).is_none()) {
        return Err(Unread::Key(of.part.key_name.clone()));
    }
    let objects = account(backup, &parts)?;
    let sealed = fetched(objects.as_ref(), parts, now).await?;
    let opened = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        for (of, bytes) in sealed {
            let Part { statement, part, key_name, .. } = &of.part;
            let key = keys.named(key_name).ok_or_else(|| Unread::Key(key_name.clone()))?;
            all.push(opened(&bytes, key, place(ticket, TaskId(of.task_id), *statement, *part))?);
        }
        Ok(all)
    });
    opened.await.map_err(anyhow::Error::from)?
}

fn opened(bytes: &[u8], key: &Key, place: String) -> Result<Images, Unread> {
    open(bytes, key, &place).map_err(|error| Unread::Closed { place, error })
}

/// The account, where a part is away.
fn account(backup: &Backup, parts: &[OfTask]) -> Result<Option<Objects>, Unread> {
    let away = parts.iter().find_map(|of| match &of.part.bytes {
        Bytes::Away(object) => Some(object),
        Bytes::Here(_) => None,
    });
    let Some(object) = away else { return Ok(None) };
    let s3 = backup.s3.as_ref().ok_or_else(|| Unread::NoAccount(object.bucket.clone()))?;
    Ok(Some(s3.objects().map_err(anyhow::Error::from)?))
}

/// The sealed bytes of each.
async fn fetched(
    objects: Option<&Objects>,
    parts: Vec<OfTask>,
    now: Time,
) -> Result<Vec<(OfTask, Vec<u8>)>, Unread> {
    let until = tokio::time::Instant::now() + LIMIT;
    let one = |mut of: OfTask| async move {
        let object = match &mut of.part.bytes {
            Bytes::Here(sealed) => {
                let sealed = std::mem::take(sealed);
                return Ok((of, sealed));
            }
            Bytes::Away(object) => object.clone(),
        };
        let Object { bucket, name, size, sha256 } = object;
        let Some(objects) = objects else { return Err(Unread::NoAccount(bucket)) };
        let got = objects.get((&bucket, &name), (size as usize, &sha256), now);
        match tokio::time::timeout_at(until, got).await.unwrap_or(Err(S3Error::Time)) {
            Ok(sealed) => Ok((of, sealed)),
            Err(error) => Err(Unread::Bucket { bucket, name, error }),
        }
    };
    stream::iter(parts).map(one).buffered(AT_ONCE).try_collect().await
}
