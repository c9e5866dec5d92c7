//! What is sent: bodies, limits, amounts, and what other clients send.

pub(crate) mod bodies;
pub(crate) mod limits;
pub(crate) mod money;
pub(crate) mod node;
pub(crate) mod other_clients;
pub(crate) mod violations;
pub(crate) mod wire;
