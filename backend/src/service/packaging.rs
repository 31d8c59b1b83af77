//! The packages of the folder: read when they are asked for, and nothing of them is kept.

use super::Failure;
use crate::desk::Desk;
use dbdesk_cluster::{
    Package,
    package::{EXTENSION, FILE_BYTES, Fault, PACKAGES, is_name},
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::cluster::{PackageView, ParameterOption},
};
use dbdesk_executor::scripts::plain_files;

/// Every package by name, and what is wrong with the others.
pub(super) async fn all(desk: &Desk) -> Result<(Vec<Package>, Vec<Fault>), Failure> {
    let folder = desk.config.cluster.packages_dir.clone();
    let read = tokio::task::spawn_blocking(move || {
        let most = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        plain_files(&folder, EXTENSION, most)
    });
    let files = match read.await.map_err(anyhow::Error::from)? {
        Ok(files) => files,
        Err(fault) => return Ok((Vec::new(), vec![fault])),
    };
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    for (name, read) in files {
        match read.map_err(|said| vec![of_file(&name, said)]).and_then(|bytes| package(&name, bytes)) {
            Ok(package) => good.push(package),
            Err(theirs) => faults.extend(theirs),
        }
    }
    if good.len() > PACKAGES {
        let said = said!(
            "there are more than {PACKAGES} packages, and a menu has no room for them: take some out",
            "套餐超过 {PACKAGES} 个，菜单放不下：请移走一些"
        );
        good.truncate(PACKAGES);
        faults.push(Fault { file: desk.config.cluster.packages_dir.display().to_string(), key: None, said });
    }
    Ok((good, faults))
}

fn package(name: &str, bytes: Vec<u8>) -> Result<Package, Vec<Fault>> {
    if !is_name(name) {
        let said = Said::fixed(
            "a package's file is called as the package: lower case letters, digits and `-`, such as `a.toml`",
            "套餐文件名就是套餐名：小写字母、数字和 `-`，例如 `a.toml`",
        );
        return Err(vec![of_file(name, said)]);
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| vec![of_file(name, Said::fixed("it is no UTF-8 text", "不是 UTF-8 文本"))])?;
    Package::parse(name, &text)
}

fn of_file(name: &str, said: Said) -> Fault {
    Fault { file: format!("{name}.{EXTENSION}"), key: None, said }
}

/// For one who chooses.
pub(super) fn view(package: &Package, lang: dbdesk_commands::lang::Lang) -> PackageView {
    let layers = [("dns", package.has_dns), ("vip", package.has_vip), ("proxy", package.proxies.is_some())];
    PackageView {
        name: package.name.clone(),
        title: package.title.in_lang(lang).to_owned(),
        text: package.text.as_ref().map(|text| text.in_lang(lang).to_owned()),
        layers: layers.iter().filter(|(_, has)| *has).map(|(name, _)| (*name).to_owned()).collect(),
        flavours: package.flavours.clone(),
        replicas: package.replicas.shown(),
        most_replicas: package.replicas.most,
        proxies: package.proxies.map(|proxies| proxies.count.shown()),
        most_proxies: package.proxies.map_or(0, |proxies| proxies.count.most),
        parameters: package
            .parameters
            .iter()
            .map(|(name, one)| ParameterOption {
                name: name.clone(),
                takes: one.bound.shown(),
                usual: one.usual.clone(),
            })
            .collect(),
    }
}
