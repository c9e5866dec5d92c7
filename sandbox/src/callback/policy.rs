//! Which shops get callbacks.

/// Which shops are told about changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Callbacks {
    /// Only `http` addresses of this computer: `localhost`, `127.0.0.0/8` and `[::1]`. An attempt to
    /// call another one is logged as refused and does not leave the computer.
    #[default]
    Loopback,
    /// Every `http` address. There is no TLS in the sandbox, so an `https` address fails.
    Any,
    /// Nobody. Nothing is logged either.
    Off,
}
