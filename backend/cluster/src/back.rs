//! What takes several steps back: their inverses, the last first, and what has to be waited for on that way so that no write is lost and
//! nobody reads what is old.

use crate::step::{Reading, Step};
use dbdesk_cmdb::drift::ServerStep;
use std::collections::BTreeSet;

/// A replica that is given readers again lags less than so long.
pub const READS_LAG_MS: u64 = 10_000;

/// What takes these back.
///
/// * A server that took writes over, and on the way back takes none any more, has its applications' sessions ended, and the one that takes them
///   again has all of it before anything else is done.
/// * A replica is led back to a server only when that server has all that the replica has: it may have come by a newer primary.
/// * A server that was started or made to follow is given readers when it has caught up.
#[must_use]
pub fn back(steps: &[Step]) -> Vec<Step> {
    let mut back = Vec::new();
    let mut behind = BTreeSet::new();
    for (at, step) in steps.iter().enumerate().rev() {
        let Some(inverse) = step.inverse() else { continue };
        let before = steps.get(..at).unwrap_or_default();
        match &inverse {
            Step::Server(ServerStep::ReadOnly { host, port, on: true }) => {
                let server = format!("{host}:{port}");
                let heirs = heirs(before, &server);
                back.push(inverse);
                if !heirs.is_empty() {
                    back.push(Step::EndSessions { server: server.clone() });
                }
                let all = |replica| Step::CatchUp { replica, source: server.clone() };
                back.extend(heirs.into_iter().map(all));
                continue;
            }
            Step::Server(ServerStep::Follow { host, port, source_host, source_port }) => {
                let (replica, source) = (format!("{host}:{port}"), format!("{source_host}:{source_port}"));
                if follows(before, &source).is_some() {
                    back.push(Step::CatchUp { replica: source, source: replica.clone() });
                }
                behind.insert(replica);
            }
            Step::StartInstance { at } => {
                behind.insert(at.to_string());
            }
            Step::AddReader { reader, .. } if behind.remove(&reader.address) => {
                back.push(Step::Lag { replica: reader.address.clone(), most_ms: READS_LAG_MS });
            }
            Step::SetReader { reader, becomes: Reading::Ready, .. } if behind.remove(reader) => {
                back.push(Step::Lag { replica: reader.clone(), most_ms: READS_LAG_MS });
            }
            _ => {}
        }
        back.push(inverse);
    }
    back
}

/// Whom a server was made to follow by these steps, and still does after them.
fn follows(steps: &[Step], server: &str) -> Option<String> {
    steps.iter().rev().find_map(|step| match step {
        Step::Server(ServerStep::Follow { host, port, source_host, source_port })
            if format!("{host}:{port}") == server =>
        {
            Some(Some(format!("{source_host}:{source_port}")))
        }
        Step::Unfollow { host, port, .. } if format!("{host}:{port}") == server => Some(None),
        _ => None,
    })?
}

/// Who took writes before these steps, was made to follow this server by them, and still does after them.
fn heirs(steps: &[Step], server: &str) -> Vec<String> {
    let mut closed: Vec<String> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Server(ServerStep::ReadOnly { host, port, on: true }) => Some(format!("{host}:{port}")),
            _ => None,
        })
        .filter(|closed| follows(steps, closed).as_deref() == Some(server))
        .collect();
    closed.dedup();
    closed
}
