//! The gate before every route: whose token it is, whether it asks too often, and whether it is for this.

use super::{
    access::{self, Access},
    bearer,
    rate::Rates,
};
use crate::{
    desk::Desk,
    service::{Failure, scope},
};
use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
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
    match enter(&gate, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

async fn enter(gate: &Gate, request: &mut Request) -> Result<(), Failure> {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let access = access::of(request.method(), path)
        .ok_or_else(|| anyhow::anyhow!("{} {path} does not say what it asks of a token", request.method()))?;
    if access == Access::Open {
        return Ok(());
    }
    let desk = &gate.desk;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let from = peer.map(|peer| behind(peer, request.headers(), &desk.config.api.trusted_proxies));
    let token = bearer::token(desk, request.headers(), from).await?;
    gate.rates.take(&token)?;
    match access {
        Access::Open | Access::OfButton => {}
        Access::May(may) => scope::holds(&token, may)?,
        Access::Bot => bearer::only_bot(&token)?,
    }
    let asker = bearer::asked_by(desk, request.headers(), token).await?;
    request.extensions_mut().insert(asker);
    Ok(())
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
