//! Free-form JSON: a value whose shape Barion does not document.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// JSON whose shape Barion does not document, kept as the text that came, so that no number in it
/// loses digits.
///
/// `Debug` shows its length only, because it may hold personal data.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FreeForm(Box<RawValue>);

impl FreeForm {
    /// The JSON text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads it as a type of your own.
    ///
    /// # Errors
    /// When it does not fit the type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.get())
    }
}

impl PartialEq for FreeForm {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for FreeForm {}

impl fmt::Display for FreeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of JSON", self.get().len())
    }
}

impl fmt::Debug for FreeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FreeForm({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::FreeForm;

    #[test]
    fn it_is_kept_to_the_letter_and_not_shown() {
        let json = r#"{"Amount":99999999.990,"Who":["Jane"]}"#;
        let read: FreeForm = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        assert_eq!(format!("{read:?}"), "FreeForm(38 bytes of JSON)");
        let tree: serde_json::Value = read.read().unwrap();
        assert_eq!(tree["Who"][0], "Jane");
        assert_eq!(
            serde_json::from_str::<Option<FreeForm>>("null").unwrap(),
            None
        );
    }
}
