//! Files that people attach: fetched from Discord's own hosts only, with a limit of size and time.

use crate::guard::Reach;
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::MAX_SQL_BYTES,
};
use reqwest::redirect::Policy;
use std::time::Duration;
use url::Url;

/// A fetch that takes longer is given up.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Fetches attachments.
#[derive(Debug, Clone)]
pub struct Attachments {
    http: reqwest::Client,
    reach: Reach,
}

/// A file as the person sees it in chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub url: String,
    /// Its size by Discord's word.
    pub size: u64,
}

impl Attachments {
    /// With these limits on where to go.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(reach: Reach) -> reqwest::Result<Self> {
        // A redirect could lead anywhere; Discord's hosts send none.
        let http =
            reqwest::Client::builder().redirect(Policy::none()).timeout(TIME_LIMIT).no_proxy().build()?;
        Ok(Self { http, reach })
    }

    /// The file's text.
    ///
    /// # Errors
    /// A sentence for the person: too large, not UTF-8, empty, or not to be had.
    pub async fn text(&self, file: &Attached) -> Result<String, Said> {
        if file.size > MAX_SQL_BYTES as u64 {
            return Err(too_large());
        }
        let bytes = self.fetch(file).await?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) if text.trim().is_empty() => Err(Said::fixed(
                "The file is empty. Attach the file that holds your SQL.",
                "文件是空的。请附上包含 SQL 的文件。",
            )),
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let at = error.valid_up_to() + 1;
                let line =
                    bytes.get(..error.valid_up_to()).unwrap_or_default().split(|b| *b == b'\n').count();
                Err(said!(
                    "The file is not UTF-8: byte {at} (line {line}) is part of no character. Save it as UTF-8 and \
                     send it again; in another encoding your data could be changed into something else.",
                    "文件不是 UTF-8 编码：第 {at} 个字节（第 {line} 行）无法识别。请用 UTF-8 编码保存后重新发送，\
                     否则写入的数据可能变成乱码。"
                ))
            }
        }
    }

    async fn fetch(&self, file: &Attached) -> Result<Vec<u8>, Said> {
        let url =
            Url::parse(&file.url).ok().filter(|url| self.reach.allows_attachment(url)).ok_or_else(|| {
                tracing::warn!(
                    url = file.url.split('?').next(),
                    "attachment at a place that is not Discord's"
                );
                not_to_be_had()
            })?;
        let gone_wrong = |error: reqwest::Error| {
            tracing::warn!(error = %error.without_url(), "cannot fetch an attachment");
            not_to_be_had()
        };
        let mut answer = self.http.get(url).send().await.map_err(gone_wrong)?;
        if !answer.status().is_success() {
            tracing::warn!(status = answer.status().as_u16(), "cannot fetch an attachment");
            return Err(not_to_be_had());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(gone_wrong)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_SQL_BYTES {
                return Err(too_large());
            }
        }
        Ok(bytes)
    }
}

fn too_large() -> Said {
    said!(
        "The file is larger than {n} MB. Split the work into several tickets.",
        "文件超过 {n} MB。请拆成几个工单提交。",
        n = MAX_SQL_BYTES / 1024 / 1024
    )
}

fn not_to_be_had() -> Said {
    Said::fixed(
        "The file could not be fetched from Discord. Send the command again with the file attached.",
        "无法从 Discord 取到这个文件。请重新发送命令并附上文件。",
    )
}
