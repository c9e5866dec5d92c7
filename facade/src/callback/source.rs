//! Allowlist of the IP addresses that callbacks come from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

/// IP addresses that Barion's production sends callbacks from, documented since September 2022.
/// They may change.
pub const PRODUCTION_ADDRESSES: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::new(40, 113, 73, 229))];

/// IP addresses that Barion's test environment sends callbacks from, documented since September
/// 2022; they may change.
pub const TEST_ADDRESSES: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::new(20, 223, 214, 216))];

/// Allowlist of IP addresses for callbacks. It is a second line of defence: a shop that reads the
/// payment's state after each callback, as it must, is safe without it.
///
/// Addresses change: make them configurable, and watch for refused callbacks after an announcement
/// of Barion.
///
/// ```
/// use barion::callback::{PRODUCTION_ADDRESSES, SourceCheck};
///
/// let direct = SourceCheck::new(PRODUCTION_ADDRESSES);
/// assert!(direct.allows(PRODUCTION_ADDRESSES[0], ""));
/// // A header that anybody can write is ignored ...
/// assert!(!direct.allows("192.0.2.1".parse()?, "40.113.73.229"));
/// // ... unless your own proxy wrote it.
/// let behind_one =
///     SourceCheck::new(PRODUCTION_ADDRESSES).behind_proxies(1, ["10.0.0.0/8".parse()?]);
/// assert!(behind_one.allows("10.0.0.2".parse()?, "40.113.73.229"));
/// // A request that goes around the proxy is refused.
/// assert!(!behind_one.allows("192.0.2.1".parse()?, "40.113.73.229"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "webhook")]
#[doc(alias = "allowlist")]
pub struct SourceCheck {
    allowed: Vec<IpAddr>,
    proxies: usize,
    trusted: Vec<IpNet>,
}

impl SourceCheck {
    /// Allowlist of these IP addresses.
    pub fn new(allowed: impl IntoIterator<Item = IpAddr>) -> Self {
        Self {
            allowed: allowed
                .into_iter()
                .map(|address| address.to_canonical())
                .collect(),
            proxies: 0,
            trusted: Vec::new(),
        }
    }

    /// Reverse proxies: requests come through this many proxies of your own, whose addresses are in
    /// these networks. Each of them appends the address that it was called from to
    /// `X-Forwarded-For`. The entry that the outermost of them wrote is trusted, and nothing in
    /// front of it, since the caller may have written that. A request that comes from elsewhere, or
    /// has passed a proxy elsewhere, has gone around them and is refused. Default: no proxies, and
    /// the header is ignored.
    pub fn behind_proxies(
        mut self,
        count: usize,
        networks: impl IntoIterator<Item = IpNet>,
    ) -> Self {
        self.proxies = count;
        self.trusted = networks.into_iter().collect();
        self
    }

    /// Whether a callback is accepted: by the IP address of the connection's other end, and the
    /// request's `X-Forwarded-For`. Join several of these headers by commas, in their order.
    #[must_use]
    pub fn allows(&self, peer: IpAddr, forwarded_for: &str) -> bool {
        self.source(peer, forwarded_for)
            .is_some_and(|source| self.allowed.contains(&source))
    }

    /// IP address that the request comes from; `None` when the proxies did not write it.
    #[must_use]
    pub fn source(&self, peer: IpAddr, forwarded_for: &str) -> Option<IpAddr> {
        let mut hop = peer.to_canonical();
        let mut entries = forwarded_for.rsplit(',');
        for _ in 0..self.proxies {
            if !self.trusted.iter().any(|network| network.contains(&hop)) {
                return None;
            }
            hop = address(entries.next()?)?;
        }
        Some(hop)
    }
}

/// IP address as proxies write it: some add the port.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim().trim_matches('"');
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare
        .unwrap_or(entry)
        .parse()
        .or_else(|_| entry.parse().map(|address: SocketAddr| address.ip()))
        .ok()?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{SourceCheck, TEST_ADDRESSES};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    const BARION: &str = "20.223.214.216";

    #[test]
    fn a_header_alone_proves_nothing() {
        let check = SourceCheck::new(TEST_ADDRESSES);
        assert!(check.allows(ip(BARION), ""));
        assert!(check.allows(ip(&format!("::ffff:{BARION}")), "192.0.2.1"));
        assert!(!check.allows(ip("192.0.2.1"), BARION));
        assert!(!SourceCheck::new([]).allows(ip(BARION), ""));
    }

    #[test]
    fn of_the_header_only_what_our_own_proxies_wrote_counts() {
        let ours = || ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let one = SourceCheck::new(TEST_ADDRESSES).behind_proxies(1, ours());
        let proxy = ip("10.0.0.2");
        for taken in [
            BARION,
            " 20.223.214.216:4711 ",
            "\"20.223.214.216\"",
            "[::ffff:20.223.214.216]:80",
            "[::ffff:20.223.214.216]",
            "forged, 20.223.214.216",
        ] {
            assert!(one.allows(proxy, taken), "{taken}");
            assert!(one.allows(ip("::ffff:10.0.0.2"), taken), "{taken}");
            assert!(one.allows(ip("fd00::7"), taken), "{taken}");
            assert!(
                !one.allows(ip("192.0.2.1"), taken),
                "around our proxy: {taken}"
            );
        }
        for refused in ["", "20.223.214.216, 192.0.2.1", "20.223.214.216,", "barion"] {
            assert!(!one.allows(proxy, refused), "{refused}");
            assert!(!one.allows(ip(BARION), refused), "{refused}");
        }
        let two = SourceCheck::new(TEST_ADDRESSES).behind_proxies(2, ours());
        assert!(two.allows(proxy, "forged, 20.223.214.216, 10.0.0.1"));
        assert!(!two.allows(proxy, "20.223.214.216, 192.0.2.1, 10.0.0.1"));
        assert!(
            !two.allows(proxy, "forged, 20.223.214.216, 192.0.2.1"),
            "a proxy of somebody"
        );
        assert!(!two.allows(proxy, BARION), "one proxy was gone around");
        let nobody = SourceCheck::new(TEST_ADDRESSES).behind_proxies(1, []);
        assert!(!nobody.allows(proxy, BARION), "nobody is trusted");
    }
}
