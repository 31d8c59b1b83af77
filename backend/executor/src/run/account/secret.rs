//! The hash that a server gets.

use super::super::asked::Broke;
use super::{
    Granting, is_given,
    said::{another_secret, no_key, secret_gone},
    secret_place,
};
use crate::run::Work;
use dbdesk_account::{Dialect, Password, Plugin, Scramble, ask::Ask, given};
use dbdesk_commands::id::AccountId;
use dbdesk_store::{
    account_secret::{self, Kind, SecretRow},
    ticket,
};
use dbdesk_undo::sealed::{NONCE_BYTES, open_secret, seal_secret};

impl Work<'_> {
    /// Of the password that was made for this generation before, or of a new one, which is kept first; or the one that was given.
    /// `None` for what makes none.
    pub(super) async fn scramble(
        &mut self,
        ask: &Ask,
        granting: &Granting,
    ) -> Result<Option<Scramble>, Broke> {
        let Some((account, generation)) = ask.account().zip(ask.makes()) else { return Ok(None) };
        let (of, place) = ((account.id, generation), secret_place(account.id, generation));
        let kept =
            if is_given(ask) { self.given(of).await? } else { self.made(granting, of, &place).await? };
        let sealed = kept.sealed.as_ref().ok_or_else(|| Broke::Never(secret_gone()))?;
        let key = granting.keys.named(&kept.key_name).ok_or_else(|| Broke::Never(no_key()))?;
        let opened = open_secret(sealed, key, &place).map_err(|_| Broke::Never(secret_gone()))?;
        let (pool, now) = (self.ledger.pen.pool().clone(), self.ledger.clock.now());
        self.ledger.patiently(|| account_secret::begin(&pool, of, now)).await?;
        match kept.kind {
            Kind::Password => {
                let password = Password::of_kept(&opened).ok_or_else(|| Broke::Never(secret_gone()))?;
                // The same at every run: what a server has already is known by it.
                Ok(Some(Scramble::again(&password, account.plugin, &place)))
            }
            Kind::Hash => {
                let text = std::str::from_utf8(&opened).map_err(|_| Broke::Never(secret_gone()))?;
                given::parse(text, dialect_of(account.plugin)).map(Some).map_err(Broke::Never)
            }
        }
    }

    /// Whether what was made is what this asks for: its own hash, or a password of the desk. What makes none, always.
    pub(super) async fn is_by_own_secret(&mut self, ask: &Ask) -> Result<bool, Broke> {
        let Some((account, generation)) = ask.account().zip(ask.makes()) else { return Ok(true) };
        let (pool, of, filed_at) =
            (self.ledger.pen.pool().clone(), (account.id, generation), self.filed_at().await?);
        let kept = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        Ok(kept.is_some_and(|kept| match kept.kind {
            Kind::Password => !is_given(ask),
            Kind::Hash => is_given(ask) && Some(kept.created_at) == filed_at,
        }))
    }

    /// The hash that came with this ticket. It is kept in the transaction that files the ticket, at the same time: one of another time is
    /// another ticket's.
    async fn given(&mut self, of: (AccountId, u32)) -> Result<SecretRow, Broke> {
        let filed_at = self.filed_at().await?;
        let pool = self.ledger.pen.pool().clone();
        let kept = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        let kept = kept.ok_or_else(|| Broke::Never(secret_gone()))?;
        if kept.kind == Kind::Hash && Some(kept.created_at) == filed_at {
            Ok(kept)
        } else {
            Err(Broke::Never(another_secret()))
        }
    }

    /// The password that the desk makes. One that an earlier ticket left is replaced, unless a server may have it: nobody has seen it, so it
    /// is as good as another, and a second change would end the password that is in use.
    async fn made(
        &mut self,
        granting: &Granting,
        of: (AccountId, u32),
        place: &str,
    ) -> Result<SecretRow, Broke> {
        let filed_at = self.filed_at().await?;
        let pool = self.ledger.pen.pool().clone();
        let kept = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        let is_ours = |kept: &SecretRow| {
            kept.kind == Kind::Password && (kept.begun_at.is_some() || Some(kept.created_at) >= filed_at)
        };
        if let Some(kept) = kept.filter(is_ours) {
            return Ok(kept);
        }
        let key = granting.keys.sealing.as_ref().ok_or_else(|| Broke::Never(no_key()))?;
        let password = Password::generate(&bytes(granting)?);
        let nonce: [u8; NONCE_BYTES] = bytes(granting)?;
        let sealed = seal_secret(password.reveal().as_bytes(), key, nonce, place)
            .map_err(|_| Broke::Never(no_key()))?;
        let now = self.ledger.clock.now();
        self.ledger
            .patiently(|| account_secret::put(&pool, of, (Kind::Password, key.name(), &sealed), now))
            .await?;
        let kept = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        let kept = kept.ok_or_else(|| Broke::Never(secret_gone()))?;
        if kept.kind == Kind::Password { Ok(kept) } else { Err(Broke::Never(another_secret())) }
    }

    async fn filed_at(&mut self) -> Result<Option<dbdesk_commands::clock::Time>, Broke> {
        let (pool, ticket) = (self.ledger.pen.pool().clone(), self.ledger.lease.ticket);
        let row = self.ledger.patiently(|| ticket::get(&pool, ticket)).await?;
        Ok(row.map(|row| row.created_at))
    }
}

/// The dialect in which an account's hash is read: it goes by how the account logs in.
fn dialect_of(plugin: Plugin) -> Dialect {
    let flavour = if plugin == Plugin::CachingSha2 { "mysql-8.0" } else { "mariadb-10.11" };
    Dialect::of(dbdesk_review::Flavour::of_name(flavour).unwrap_or_default())
}

fn bytes<const N: usize>(granting: &Granting) -> Result<[u8; N], Broke> {
    let mut bytes = [0; N];
    if (granting.chance)(&mut bytes) {
        Ok(bytes)
    } else {
        Err(Broke::Away("the machine gives no random bytes".to_owned()))
    }
}
