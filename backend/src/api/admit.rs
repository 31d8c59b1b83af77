//! The gate before every route: whose token it is, whether it asks too often, and whether it is for this.

use super::{
    access::{self, Access},
    bearer::{self, Asker},
    explain,
    rate::Rates,
};
use crate::{
    desk::Desk,
    service::{
        Caller, Failure,
        denied::{self, Tried},
        scope,
    },
};
use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use dbdesk_commands::wire::problem::{Code, Refusal};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// What the gate looks at.
pub(super) struct Gate {
    desk: Arc<Desk>,
    rates: Rates,
}

impl Gate {
    pub(super) fn new(desk: &Arc<Desk>) -> Self {
        Self { rates: Rates::new(&desk.config.api, desk.clock.clone()), desk: Arc::clone(desk) }
    }
}

pub(super) async fn admit(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let access = match wanted(&request) {
        Ok(Access::Open) => return next.run(request).await,
        Ok(access) => access,
        Err(failure) => return failure.into_response(),
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let asker = match known(&gate, request.headers(), peer).await {
        Ok(asker) => asker,
        Err(failure) => return failure.into_response(),
    };
    let person = asker.caller(bearer::lang_of(request.headers()));
    let tried = tried(&request);
    let response = match enter(&asker, access) {
        Ok(()) => {
            request.extensions_mut().insert(asker);
            next.run(request).await
        }
        Err(refusal) => Failure::from(refusal).into_response(),
    };
    if let (Some(caller), Some(code)) = (person, explain::refused_with(&response)) {
        note(&gate, &caller, tried, code).await;
    }
    response
}

/// What the route wants of whoever comes.
fn wanted(request: &Request) -> Result<Access, Failure> {
    let (method, path) = (request.method(), route(request));
    let access = access::of(method, path);
    access.ok_or_else(|| anyhow::anyhow!("{method} {path} does not say what it asks of a token").into())
}

/// Who asks, unless he asks too often.
async fn known(gate: &Gate, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Asker, Failure> {
    let desk = &gate.desk;
    let from = peer.map(|peer| behind(peer, headers, &desk.config.api.trusted_proxies));
    let token = bearer::token(desk, headers, from).await?;
    gate.rates.take(&token)?;
    bearer::asked_by(desk, headers, token, from).await
}

fn enter(asker: &Asker, access: Access) -> Result<(), Refusal> {
    match access {
        Access::Open | Access::OfButton => Ok(()),
        Access::May(may) => scope::holds(&asker.token, may),
        Access::Bot => bearer::only_bot(&asker.token),
    }
}

fn route(request: &Request) -> &str {
    request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default()
}

/// What is noted of the request if it is refused.
fn tried(request: &Request) -> (String, String, Option<String>) {
    let route = route(request);
    let at = route.split('/').position(|part| part.starts_with('{'));
    let named = at.and_then(|at| request.uri().path().split('/').nth(at)).map(str::to_owned);
    (request.method().to_string(), route.to_owned(), named)
}

/// A refusal of authority goes to the audit log, unless there were too many of his.
async fn note(gate: &Gate, caller: &Caller, tried: (String, String, Option<String>), code: Code) {
    if !denied::is_denial(code) {
        return;
    }
    if !gate.rates.takes_denial(caller.person.id) {
        gate.desk.metrics.denial_dropped();
        tracing::warn!(person = %caller.person.id, "refused attempts of his are too many for the audit log");
        return;
    }
    let (method, route, named) = tried;
    let tried = Tried { method, route, named, code };
    if let Err(error) = denied::note(&gate.desk, caller, &tried).await {
        gate.desk.metrics.denial_dropped();
        tracing::warn!(person = %caller.person.id, route = tried.route, %error, "a refused attempt is not in the audit log");
    }
}

/// Where a request comes from: the peer, or whom the nearest proxy that is not trusted by itself was asked by. Whoever is no trusted
/// proxy can write what he likes into the header.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut from = peer.to_canonical();
    let named = headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
    for hop in named.flat_map(|value| value.rsplit(',')) {
        if !trusted.contains(&from) {
            break;
        }
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        from = hop.to_canonical();
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        let [proxy, inner, client, liar] = ["10.0.0.1", "10.0.0.2", "192.0.2.7", "203.0.113.9"]
            .map(|text| text.parse().expect("an address"));
        let mut headers = HeaderMap::new();
        assert_eq!(behind(proxy, &headers, &[proxy]), proxy, "without a header");
        headers.append("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 192.0.2.7"));
        assert_eq!(behind(client, &headers, &[proxy]), client, "who is no proxy says nothing");
        assert_eq!(behind(proxy, &headers, &[]), proxy, "nobody is trusted");
        assert_eq!(behind(proxy, &headers, &[proxy]), client, "the nearest that is not trusted");
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.2"));
        assert_eq!(behind(proxy, &headers, &[proxy]), inner);
        assert_eq!(behind(proxy, &headers, &[proxy, inner]), client, "through both proxies");
        assert_eq!(behind(proxy, &headers, &[proxy, inner, client]), liar);
        headers.append("x-forwarded-for", HeaderValue::from_static("nonsense"));
        assert_eq!(behind(proxy, &headers, &[proxy, inner]), proxy, "what can not be read ends it");
        let mapped = "::ffff:10.0.0.1".parse().expect("an address");
        assert_eq!(behind(mapped, &HeaderMap::new(), &[]), proxy);
    }
}
