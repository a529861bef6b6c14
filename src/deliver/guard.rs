//! Which addresses a webhook may reach.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Why an address is out of reach: what kind of address it is. The address itself is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} address", self.0)
    }
}

impl std::error::Error for Refused {}

/// The ranges that are not the public network, from the IANA special-purpose registries.
const NOT_PUBLIC: [(&str, &str); 25] = [
    ("0.0.0.0/8", "an unspecified"),
    ("10.0.0.0/8", "a private"),
    ("100.64.0.0/10", "a carrier's private"),
    ("127.0.0.0/8", "a loopback"),
    ("169.254.0.0/16", "a link-local"),
    ("172.16.0.0/12", "a private"),
    ("192.0.0.0/24", "a reserved"),
    ("192.0.2.0/24", "a documentation"),
    ("192.88.99.0/24", "a reserved"),
    ("192.168.0.0/16", "a private"),
    ("198.18.0.0/15", "a benchmarking"),
    ("198.51.100.0/24", "a documentation"),
    ("203.0.113.0/24", "a documentation"),
    ("224.0.0.0/4", "a multicast"),
    ("240.0.0.0/4", "a reserved"),
    ("::/128", "an unspecified"),
    ("::1/128", "a loopback"),
    ("64:ff9b::/96", "a translated"),
    ("fc00::/7", "a private"),
    ("fe80::/10", "a link-local"),
    ("ff00::/8", "a multicast"),
    // inside the global unicast range
    ("2001::/23", "a reserved"),
    ("2001:db8::/32", "a documentation"),
    ("2002::/16", "a translated"),
    ("3fff::/20", "a documentation"),
];

/// All that is public in IPv6 lies in here.
const GLOBAL_UNICAST_V6: &str = "2000::/3";

/// The addresses that one endpoint may be at.
#[derive(Clone, Debug)]
pub struct Guard {
    allowed: Vec<IpNet>,
    refused: Vec<(IpNet, Refused)>,
    global_v6: Option<IpNet>,
}

impl Guard {
    /// The public network and `allowed`.
    pub fn new(allowed: &[IpNet]) -> Self {
        let refused = NOT_PUBLIC.iter().filter_map(|(net, kind)| Some((net.parse().ok()?, Refused(kind)))).collect();
        Guard { allowed: allowed.to_vec(), refused, global_v6: GLOBAL_UNICAST_V6.parse().ok() }
    }

    /// Whether an address may be reached; IPv4 within IPv6 is judged as IPv4.
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        let address = address.to_canonical();
        if self.allowed.iter().any(|net| net.contains(&address)) {
            return Ok(());
        }
        let special = self.refused.iter().find(|(net, _)| net.contains(&address));
        if let Some((_, kind)) = special {
            return Err(*kind);
        }
        let global = |net: &IpNet| net.contains(&address);
        if address.is_ipv6() && !self.global_v6.as_ref().is_some_and(global) {
            return Err(Refused("a reserved"));
        }
        Ok(())
    }
}

/// A resolver that hands out only addresses that may be reached, at the moment of connecting.
#[derive(Clone, Debug)]
pub struct GuardedResolver(pub Arc<Guard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses = admit(&guard, found)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// All of `found`, if none is out of reach: a name that mixes both is not to be trusted.
fn admit(guard: &Guard, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, io::Error> {
    found
        .map(|address| match guard.check(address.ip()) {
            Ok(()) => Ok(address),
            Err(refused) => Err(io::Error::other(refused)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn every_range_of_the_table_can_be_read() {
        let guard = Guard::new(&[]);
        assert_eq!(guard.refused.len(), NOT_PUBLIC.len());
        assert!(guard.global_v6.is_some());
    }

    #[test]
    fn only_public_addresses_are_open() {
        let rows = [
            ("1.1.1.1", None),
            ("103.10.62.1", None),
            ("172.32.0.1", None),
            ("100.128.0.1", None),
            ("2606:4700::1111", None),
            ("::ffff:1.1.1.1", None),
            ("0.0.0.0", Some("an unspecified")),
            ("10.1.2.3", Some("a private")),
            ("100.64.0.1", Some("a carrier's private")),
            ("127.0.0.1", Some("a loopback")),
            ("127.255.255.254", Some("a loopback")),
            ("169.254.169.254", Some("a link-local")),
            ("172.16.0.1", Some("a private")),
            ("172.31.255.255", Some("a private")),
            ("192.168.1.1", Some("a private")),
            ("198.19.0.1", Some("a benchmarking")),
            ("203.0.113.9", Some("a documentation")),
            ("224.0.0.1", Some("a multicast")),
            ("255.255.255.255", Some("a reserved")),
            ("::", Some("an unspecified")),
            ("::1", Some("a loopback")),
            ("::ffff:127.0.0.1", Some("a loopback")),
            ("::ffff:169.254.169.254", Some("a link-local")),
            ("::ffff:10.0.0.1", Some("a private")),
            ("::7f00:1", Some("a reserved")),
            ("64:ff9b::a9fe:a9fe", Some("a translated")),
            ("64:ff9b:1::1", Some("a reserved")),
            ("100::1", Some("a reserved")),
            ("2001:0:1::1", Some("a reserved")),
            ("2001:db8::1", Some("a documentation")),
            ("2002:7f00:1::", Some("a translated")),
            ("fd00::1", Some("a private")),
            ("fe80::1", Some("a link-local")),
            ("fec0::1", Some("a reserved")),
            ("ff02::1", Some("a multicast")),
        ];
        let guard = Guard::new(&[]);
        for (address, expected) in rows {
            let got = guard.check(address.parse().unwrap()).err();
            assert_eq!(got, expected.map(Refused), "{address}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_address_is_judged_alike_however_it_is_written(bits: u32) {
            let guard = Guard::new(&[]);
            let v4 = Ipv4Addr::from_bits(bits);
            let mapped = guard.check(v4.to_ipv6_mapped().into());
            proptest::prop_assert_eq!(mapped, guard.check(v4.into()));
            let inside = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast();
            proptest::prop_assert!(!inside || mapped.is_err());
        }

        #[test]
        fn nothing_outside_the_global_range_is_open(bits: u128) {
            let v6 = Ipv6Addr::from_bits(bits);
            let global = bits >> 125 == 1;
            let open = Guard::new(&[]).check(v6.into()).is_ok();
            proptest::prop_assert!(global || !open || v6.to_ipv4_mapped().is_some());
        }
    }

    #[test]
    fn an_endpoint_s_own_ranges_are_open_to_it_and_nothing_beside_them() {
        let guard = Guard::new(&["10.20.0.0/16".parse().unwrap()]);
        let open = |address: &str| guard.check(address.parse().unwrap()).is_ok();
        assert!(open("10.20.3.4"));
        assert!(open("::ffff:10.20.3.4"));
        assert!(!open("10.21.0.1"));
        assert!(!open("127.0.0.1"));
    }

    #[test]
    fn a_name_with_one_address_out_of_reach_is_refused_whole() {
        let guard = Guard::new(&[]);
        let addresses = |list: &[&str]| -> Vec<SocketAddr> { list.iter().map(|one| one.parse().unwrap()).collect() };
        let public = addresses(&["1.1.1.1:0", "[2606:4700::1111]:0"]);
        assert_eq!(admit(&guard, public.iter().copied()).unwrap(), public);
        let mixed = addresses(&["1.1.1.1:0", "10.0.0.1:0"]);
        assert!(admit(&guard, mixed.into_iter()).is_err());
    }

    #[tokio::test]
    async fn the_resolver_refuses_names_of_this_machine() {
        let resolver = GuardedResolver(Arc::new(Guard::new(&[])));
        let refused = resolver.resolve("localhost".parse().unwrap()).await;
        let words = refused.err().unwrap().to_string();
        assert_eq!(words, "a loopback address");
    }
}
