//! What is read: errors, oddities, hostile answers.

pub(crate) mod errors;
pub(crate) mod hostile;
pub(crate) mod oddities;
pub(crate) mod reading;
