//! Policy of callbacks: which shops get them.

/// Policy of callbacks: which shops get them.
#[doc(alias = "webhook")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Callbacks {
    /// Only `http` addresses of this computer: `localhost`, `127.0.0.0/8` and `[::1]`. A callback
    /// to another one is logged as refused and does not leave the computer.
    #[default]
    Loopback,
    /// Every `http` address. There is no TLS in the sandbox, so an `https` address fails.
    Any,
    /// No callbacks are sent, and none are logged.
    Off,
}
