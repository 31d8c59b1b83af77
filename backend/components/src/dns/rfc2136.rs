//! Any name server that takes dynamic updates (RFC 2136) signed with a key (TSIG, RFC 8945, HMAC-SHA256), over TCP.
//!
//! It is read where it is written: by asking the same server. What stands there under a wildcard is shown as the name's own.

use super::{
    DnsName, Kind, Names, NamesError, RecordSet, conflict,
    rfc2136_message::{answered, question, update},
    seen,
};
use dbdesk_commands::clock::Clock;
use futures_util::future::BoxFuture;
use hickory_proto::{
    op::{Message, ResponseCode},
    rr::{Name, TSigner, rdata::tsig::TsigAlgorithm},
};
use std::{fmt, io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const LIMIT: Duration = Duration::from_secs(5);
/// Clocks may differ by so much.
const FUDGE_S: u16 = 300;

/// A zone of such a server.
#[derive(Clone)]
pub struct Rfc2136 {
    server: SocketAddr,
    zone: DnsName,
    signer: TSigner,
    clock: Clock,
}

impl fmt::Debug for Rfc2136 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rfc2136({}, {}, key {})", self.server, self.zone, self.signer.signer_name())
    }
}

impl Rfc2136 {
    /// A key's name, and its bytes as they come out of base64. Nothing is asked yet.
    pub fn new(
        server: SocketAddr,
        zone: DnsName,
        (key_name, key): (&DnsName, Vec<u8>),
        clock: Clock,
    ) -> Result<Self, NamesError> {
        let fault = |error: &dyn fmt::Display| NamesError::Nonsense(error.to_string());
        let key_name = Name::from_ascii(key_name.absolute()).map_err(|error| fault(&error))?;
        let signer =
            TSigner::new(key, TsigAlgorithm::HmacSha256, key_name, FUDGE_S).map_err(|error| fault(&error))?;
        Ok(Self { server, zone, signer, clock })
    }

    async fn shown(&self, name: &DnsName) -> Result<Vec<RecordSet>, NamesError> {
        let mut sets = Vec::new();
        for kind in Kind::ALL {
            let asked = question(name, kind)?;
            let answer = self.ask(&asked).await?;
            let answer =
                Message::from_vec(&answer).map_err(|error| NamesError::Nonsense(error.to_string()))?;
            match (answer.metadata.response_code, answer.metadata.authoritative) {
                (ResponseCode::NoError | ResponseCode::NXDomain, true) => {}
                (ResponseCode::ServFail, _) => return Err(NamesError::Busy("SERVFAIL".to_owned())),
                // Who is not asked as an authority has no such zone.
                _ => return Err(NamesError::NoZone(self.zone.clone())),
            }
            sets.extend(answered(&answer, name, kind)?);
        }
        Ok(sets)
    }

    async fn change(&self, name: &DnsName, kind: Kind, set: Option<&RecordSet>) -> Result<(), NamesError> {
        if !name.within(&self.zone) {
            return Err(NamesError::Elsewhere(name.clone(), self.zone.clone()));
        }
        let mut asked = update(&self.zone, name, kind, set)?;
        let now_s = u64::try_from(self.clock.now().timestamp()).unwrap_or_default();
        let fault = |error: hickory_proto::ProtoError| NamesError::Nonsense(error.to_string());
        let verifier = asked.finalize(&self.signer, now_s).map_err(fault)?;
        let bytes = self.ask(&asked).await?;
        let answer = Message::from_vec(&bytes).map_err(|error| NamesError::Nonsense(error.to_string()))?;
        let code = answer.metadata.response_code;
        match code {
            ResponseCode::NoError => {
                // Nobody but who has the key says that it was done.
                let mut verifier = verifier.ok_or_else(|| NamesError::Nonsense("no signature".to_owned()))?;
                verifier.verify(&bytes).map_err(fault)?;
            }
            ResponseCode::ServFail => return Err(NamesError::Busy("SERVFAIL".to_owned())),
            // Servers say so, too, of an alias beside something else; others pass over it and say yes.
            ResponseCode::Refused if set.is_some() => {
                let conflict = conflict(&self.shown(name).await?, kind);
                return Err(conflict.map_or(NamesError::Denied(code.to_string()), NamesError::Conflict));
            }
            ResponseCode::Refused | ResponseCode::BADSIG | ResponseCode::BADKEY | ResponseCode::BADTIME => {
                return Err(NamesError::Denied(code.to_string()));
            }
            // Servers say so of a zone that is not theirs, and of a key that is not.
            ResponseCode::NotAuth => {
                self.shown(&self.zone).await?;
                return Err(NamesError::Denied(code.to_string()));
            }
            ResponseCode::NotZone => return Err(NamesError::NoZone(self.zone.clone())),
            code => return Err(NamesError::Refused(code.to_string())),
        }
        seen(&self.shown(name).await?, kind, set)
    }

    async fn ask(&self, message: &Message) -> Result<Vec<u8>, NamesError> {
        let bytes = message.to_vec().map_err(|error| NamesError::Nonsense(error.to_string()))?;
        let talk = async {
            let mut stream = TcpStream::connect(self.server).await?;
            let size = u16::try_from(bytes.len()).map_err(io::Error::other)?;
            stream.write_all(&[&size.to_be_bytes(), &bytes[..]].concat()).await?;
            let mut answer = vec![0; usize::from(stream.read_u16().await?)];
            stream.read_exact(&mut answer).await?;
            io::Result::Ok(answer)
        };
        let answer = timeout(LIMIT, talk).await.map_err(|_| NamesError::Time)?;
        let answer = answer.map_err(|error| NamesError::Unreachable(error.to_string()))?;
        if answer.get(..2) == Some(&message.metadata.id.to_be_bytes()) {
            return Ok(answer);
        }
        Err(NamesError::Nonsense("an answer to something else".to_owned()))
    }
}

impl Names for Rfc2136 {
    fn read<'a>(&'a self, name: &'a DnsName) -> BoxFuture<'a, Result<Vec<RecordSet>, NamesError>> {
        Box::pin(async move {
            if !name.within(&self.zone) {
                return Err(NamesError::Elsewhere(name.clone(), self.zone.clone()));
            }
            self.shown(name).await
        })
    }

    fn put<'a>(&'a self, name: &'a DnsName, set: &'a RecordSet) -> BoxFuture<'a, Result<(), NamesError>> {
        Box::pin(self.change(name, set.kind(), Some(set)))
    }

    fn remove<'a>(&'a self, name: &'a DnsName, kind: Kind) -> BoxFuture<'a, Result<(), NamesError>> {
        Box::pin(self.change(name, kind, None))
    }
}
