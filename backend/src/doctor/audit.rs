//! The audit log's newest rows.

use super::Check;
use dbdesk_commands::lang::said;
use dbdesk_store::{Error, Pool, audit};

const PART: &str = "audit log";
/// So many are looked at; `dbdesk audit verify` looks at all.
const ROWS: u64 = 1_000;

/// Whether they are whole. A store that does not answer is told elsewhere.
pub(super) async fn check(pool: &Pool) -> Vec<Check> {
    let verdict = match audit::verify_last(pool, ROWS).await {
        Ok(verdict) => verdict,
        Err(Error::Retry(_)) => return Vec::new(),
        Err(error) => {
            return vec![Check::failed(
                PART,
                said!("it can not be read: {error}", "无法读取：{error}"),
                said!(
                    "may the account of [store] read `audit` and `audit_head`?",
                    "请确认 [store] 的账号可以读取 `audit` 和 `audit_head`"
                ),
            )];
        }
    };
    let (head, rows) = (verdict.head.0, verdict.rows);
    vec![match verdict.wrong {
        None => Check::ok(
            PART,
            said!(
                "its newest {rows} rows are whole, up to row {head}",
                "最新的 {rows} 行完整，到第 {head} 行为止"
            ),
        ),
        Some(wrong) => Check::failed(
            PART,
            said!("it is not whole: {wrong}", "审计日志不完整：{wrong}"),
            said!(
                "somebody changed it past the desk; keep a copy of the database as it is, then look with `dbdesk audit verify` and the \
                 backups",
                "有人绕过工单台修改了它；请先保留数据库现状的副本，再用 `dbdesk audit verify` 和备份核对"
            ),
        ),
    }]
}
