//! Whether somebody listens at a port.

use super::{InstanceError, Place};
use crate::host::Command;
use std::net::{IpAddr, Ipv4Addr};

/// The local ends of sockets that listen, of the network that the host's programs see.
const LISTENING: &str = r#"awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6"#;

/// # Errors
/// It is taken.
pub(super) async fn free(place: &Place<'_>) -> Result<(), InstanceError> {
    let done = place.succeeded(&Command::script(LISTENING, [""; 0])).await?;
    let wanted = place.address.parse().ok();
    if done.text().lines().any(|line| takes(line, wanted, place.port)) {
        return Err(InstanceError::PortTaken(place.port));
    }
    Ok(())
}

/// `0100007F:0CEA`: whether nobody else can listen at this port of this address then. An address that is a name may be any.
fn takes(end: &str, wanted: Option<IpAddr>, port: u16) -> bool {
    let Some((address, number)) = end.trim().split_once(':') else { return false };
    if u16::from_str_radix(number, 16) != Ok(port) {
        return false;
    }
    let Some(IpAddr::V4(wanted)) = wanted else { return true };
    match (address.len(), u32::from_str_radix(address, 16)) {
        (8, Ok(bits)) => {
            let there = Ipv4Addr::from(bits.swap_bytes());
            there.is_unspecified() || there == wanted
        }
        // All addresses of both kinds; one of the newer kind is another one.
        _ => address.bytes().all(|byte| byte == b'0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_taken_on_its_address_or_on_all() {
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        assert!(takes("0100007F:0CEA", here, 3306));
        assert!(takes("00000000:0CEA", here, 3306));
        assert!(takes("00000000000000000000000000000000:0CEA", here, 3306));
        assert!(!takes("0200007F:0CEA", here, 3306) && !takes("0100007F:0CEB", here, 3306));
        assert!(!takes("00000000000000000000000001000000:0CEA", here, 3306));
        assert!(takes("0200007F:0CEA", None, 3306));
    }
}
