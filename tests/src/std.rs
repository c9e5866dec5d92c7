//! The standard library as examples see it: its environment has the variables that a shop sets.

pub use ::std::{error, io, time};

/// The environment of a shop.
pub mod env {
    use ::std::env::VarError;

    /// A variable that the documentation tells shops to set.
    ///
    /// # Errors
    /// When it is another one.
    pub fn var(name: &str) -> Result<String, VarError> {
        match name {
            "BARION_POS_KEY" => Ok(barion_sandbox::POS_KEY.to_owned()),
            _ => Err(VarError::NotPresent),
        }
    }
}
