//! Setup of a sandbox: what its builder has set.

use std::collections::HashSet;

use url::Url;

use crate::log::Log;

/// Settings of a sandbox.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) base: Url,
    /// Wallets that can be paid, in lower case; `None` when everybody can.
    pub(crate) payees: Option<HashSet<String>>,
    /// Rate limit: how many state calls for one payment are served within five seconds.
    pub(crate) rate_limit: Option<u8>,
    pub(crate) log: Log,
    /// Whether refunds need balance in the wallet.
    pub(crate) balance_rule: bool,
    /// Whether rules that the sources leave open are read in the stricter way.
    pub(crate) strict: bool,
}

impl Setup {
    /// The payees without a wallet.
    pub(crate) fn payees_without_wallet<'a>(
        &self,
        payees: impl Iterator<Item = &'a str>,
    ) -> Vec<String> {
        let Some(known) = &self.payees else {
            return Vec::new();
        };
        payees
            .filter(|payee| !known.contains(&payee.to_lowercase()))
            .map(str::to_owned)
            .collect()
    }
}
