//! TLS without a crypto provider: the HTTP library would panic.

use barion::{Client, Environment, ErrorKind, PosKey};

#[test]
fn a_missing_crypto_provider_is_an_error_that_says_what_to_do() {
    let key = PosKey::new("11111111-1111-1111-1111-111111111111").unwrap();
    let error = Client::new(Environment::Test, key).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("install_default"), "{error}");
}
