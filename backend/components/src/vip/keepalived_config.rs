//! What keepalived is told on one host. Pure.

use super::{Interface, NoAddress, VirtualAddress};

/// Whoever should hold it, and the others.
pub(super) const CHOSEN: u8 = 200;
pub(super) const OTHERS: u8 = 100;

const MOST_NAME_BYTES: usize = 32;

/// A virtual router: the hosts that speak of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualRouter {
    name: String,
    id: u8,
    address: VirtualAddress,
}

impl VirtualRouter {
    /// Its name, its number, which is its own in the network, and the address.
    pub fn new(name: &str, id: u8, address: VirtualAddress) -> Result<Self, NoAddress> {
        let good = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let plain = !name.is_empty() && name.len() <= MOST_NAME_BYTES && name.chars().all(good);
        if plain && id != 0 {
            return Ok(Self { name: name.to_owned(), id, address });
        }
        Err(NoAddress(format!("{name} {id}"), "virtual router"))
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> VirtualAddress {
        self.address
    }

    /// keepalived's file; without a priority it does not take part.
    pub(super) fn text(&self, interface: &Interface, priority: Option<u8>) -> String {
        let Self { name, id, address } = self;
        let head = format!(
            "# Written by dbdesk. What is changed by hand is overwritten.\nglobal_defs {{\n    router_id {name}\n}}\n"
        );
        let Some(priority) = priority else { return head };
        format!(
            "{head}
vrrp_instance {name} {{
    state BACKUP
    interface {interface}
    version 3
    virtual_router_id {id}
    priority {priority}
    advert_int 0.2
    garp_master_delay 1
    garp_master_refresh 30
    virtual_ipaddress {{
        {address} dev {interface}
    }}
}}
"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_all_that_keepalived_needs_and_a_host_that_is_out_says_nothing() {
        let router = VirtualRouter::new("orders", 51, "192.0.2.10/24".parse().unwrap()).unwrap();
        let interface = "eth0".parse().unwrap();
        insta::assert_snapshot!(router.text(&interface, Some(CHOSEN)));
        assert!(!router.text(&interface, None).contains("vrrp_instance"));
        for (name, id) in [("", 1), ("a b", 1), ("a{", 1), ("a\n", 1), ("a", 0)] {
            assert!(VirtualRouter::new(name, id, "192.0.2.10/24".parse().unwrap()).is_err(), "{name:?}");
        }
    }
}
