//! Proxies that keep a list of whom they let in: an account is there as it is on the servers.

use super::{
    Granting,
    said::{no_key, secret_gone},
    secret_place,
};
use crate::run::{Work, asked::Broke, machines::Hosts, steps::Undone};
use dbdesk_account::{Dialect, ask::Ask};
use dbdesk_cmdb::{ProxyKind, ServiceGroup};
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::proxy::{NewUser, ProxyError, ProxySql, User};
use dbdesk_store::account_secret::{self, Kind};
use dbdesk_undo::sealed::open_secret;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

impl Work<'_> {
    /// Each proxy of the group that keeps a list has it as this ticket leaves it.
    pub(super) async fn let_in(
        &mut self,
        ask: &Ask,
        (group, granting): (&ServiceGroup, &Granting),
        dialect: Dialect,
    ) -> Result<(), Broke> {
        let listing = group.proxies.iter().filter(|proxy| proxy.kind == ProxyKind::Proxysql);
        let names = ask.names(dialect).map_err(Broke::Never)?;
        let users: BTreeSet<String> = names.into_iter().map(|name| name.user).collect();
        for proxy in listing {
            let machines = self.settings.machines.clone().ok_or_else(|| Broke::Never(no_machines()))?;
            let hosts = Hosts { machines: &machines, rows: &[] };
            let (open, hostgroup) =
                hosts.proxysql(proxy).map_err(|trouble| broke(Undone::Trouble(trouble)))?;
            let password = self.password_for_proxies(ask, granting).await?;
            for user in &users {
                self.ledger.proof().await?;
                self.live.line(&format!("{proxy}: {user}"));
                let user = User { name: user.clone(), hostgroup, active: true };
                listed(&open, ask, dialect, (user, password.as_ref())).await.map_err(|error| {
                    let (at, Said { en, zh }) = (proxy.to_string(), error.said());
                    if error.passes() {
                        Broke::Away(format!("{at}: {en}"))
                    } else {
                        Broke::Never(said!("{at}: {en}", "{at}：{zh}"))
                    }
                })?;
            }
        }
        Ok(())
    }

    /// What it lets somebody in with: the password itself, or a hash that it understands.
    async fn password_for_proxies(
        &mut self,
        ask: &Ask,
        granting: &Granting,
    ) -> Result<Option<Zeroizing<String>>, Broke> {
        let Some((account, generation)) = ask.account().zip(ask.makes()) else { return Ok(None) };
        let (pool, of, place) =
            (self.ledger.pen.pool().clone(), (account.id, generation), secret_place(account.id, generation));
        let kept = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        let gone = || Broke::Never(secret_gone());
        let kept = kept.ok_or_else(gone)?;
        let sealed = kept.sealed.as_ref().ok_or_else(gone)?;
        let key = granting.keys.named(&kept.key_name).ok_or_else(|| Broke::Never(no_key()))?;
        let opened = open_secret(sealed, key, &place).map_err(|_| gone())?;
        let text = Zeroizing::new(String::from_utf8(opened.to_vec()).map_err(|_| gone())?);
        if kept.kind == Kind::Hash && !text.starts_with('*') {
            return Err(Broke::Never(Said::fixed(
                "a proxy of this group needs the password itself, or a hash of mysql_native_password: let the desk make one",
                "该服务组的代理需要密码本身，或 mysql_native_password 的哈希：请由工单台生成密码",
            )));
        }
        Ok(Some(text))
    }
}

async fn listed(
    open: &ProxySql,
    ask: &Ask,
    dialect: Dialect,
    (user, password): (User, Option<&Zeroizing<String>>),
) -> Result<(), ProxyError> {
    match (ask, password) {
        (Ask::Create { .. } | Ask::Rotate { .. }, Some(password)) => {
            open.put_user(&NewUser { user, password: password.to_string() }).await
        }
        (Ask::Renew { .. }, _) => open.set_active(&user.name, true).await,
        (Ask::Lock { .. }, _) => open.set_active(&user.name, false).await,
        (Ask::Drop { .. }, _) => open.remove_user(&user.name).await,
        (Ask::EndOld { .. }, _) if !dialect.has_dual_passwords() => open.remove_user(&user.name).await,
        _ => Ok(()),
    }
}

fn broke(undone: Undone) -> Broke {
    match undone {
        Undone::Trouble(trouble) if trouble.passes => Broke::Away(trouble.why.en.into_owned()),
        Undone::Trouble(trouble) => Broke::Never(trouble.why),
        Undone::Ended(end) => Broke::Ended(end),
        Undone::Halt(halt) => Broke::Halt(halt),
    }
}

fn no_machines() -> Said {
    Said::fixed(
        "this machine can not speak to the proxies of this group: it has no `[cluster]` in its configuration",
        "这台机器没有配置 `[cluster]`，无法操作该服务组的代理",
    )
}
