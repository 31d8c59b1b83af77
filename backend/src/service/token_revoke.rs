//! A token ends, from now on and in every process: one's own, or as an admin anybody's. What was made with it ends with it.

use super::{Caller, Failure, refuse::quoted, token_create::only_admin};
use crate::desk::Desk;
use dbdesk_commands::{
    clock::Time,
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        problem::{Code, Refusal},
        token::TokenRevoked,
    },
};
use dbdesk_store::{audit::Decision, token};
use serde_json::json;

/// Ends it.
pub async fn revoke(desk: &Desk, caller: &Caller, name: &str) -> Result<TokenRevoked, Failure> {
    // Another's is not found, as if there were none; who may see it is told nothing else either way.
    let whose = if only_admin(caller).is_ok() { None } else { Some(caller.person.id) };
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    let revoked = token::revoke(&mut tx, name, whose, now).await?;
    if revoked.is_empty() {
        return Err(unknown(name).into());
    }
    for name in &revoked {
        tx.decided(gone(name, now));
    }
    desk.commit(tx).await?;
    Ok(TokenRevoked { revoked })
}

/// For the audit log.
#[must_use]
pub fn gone(name: &str, at: Time) -> Decision {
    Decision::new(What::TokenRevoked, SubjectKind::Token, name, json!({}), at)
}

fn unknown(name: &str) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no token “{name}” of yours that could be revoked. `GET /v1/tokens` shows them.",
            "你没有名为“{name}”且可以吊销的令牌。可以用 `GET /v1/tokens` 查看。",
            name = quoted(name)
        ),
    )
}
