//! How far the spec reaches: everything is there or has a named reason, and the README says the
//! same.

use xtask::coverage::{self, Reach};
use xtask::regen::{self, Places};
use xtask::spec::Spec;

#[test]
fn everything_is_covered_or_has_a_named_reason() {
    let coverage = coverage::measure(&Places::of_workspace().root()).unwrap();
    assert_eq!(coverage.missing(), Vec::<String>::new());
    assert_eq!(coverage.operations.len(), 20);
    // The nine operations of the Smart Gateway go the whole way; a reason would not do.
    for row in coverage
        .operations
        .iter()
        .filter(|row| crate::requests::wire::OPERATIONS.contains(&row.id.as_str()))
    {
        for (column, reach) in row.columns() {
            assert_eq!(*reach, Reach::There, "{}: {column}", row.id);
        }
    }
    // A measure that finds everything everywhere would find nothing out.
    let exposes = |model: &str, property: &str| {
        let row = coverage
            .properties
            .iter()
            .find(|row| row.model == model && row.property == property);
        row.unwrap_or_else(|| panic!("{model}.{property} is measured"))
            .facade
            .clone()
    };
    assert_eq!(exposes("StartPaymentRequest", "OrderNumber"), Reach::There);
    assert_eq!(
        exposes("TransferEmailRequest", "Amount"),
        Reach::Because("wallet".to_owned())
    );
    assert_eq!(exposes("PaymentStateV4Response", "Total"), Reach::There);
    assert_eq!(
        exposes("StartPaymentResponse", "Errors"),
        Reach::Because("errors".to_owned())
    );
    println!(
        "{} operations, {} properties",
        coverage.operations.len(),
        coverage.properties.len()
    );
}

/// The sandbox hands out the spec that it is held to.
#[tokio::test]
async fn the_sandbox_hands_out_the_spec() {
    let sandbox = barion_sandbox::Sandbox::start().await.unwrap();
    let address = sandbox.url().join("sandbox/openapi.json").unwrap();
    let text = reqwest::get(address).await.unwrap().text().await.unwrap();
    let spec = Spec::read(&Places::of_workspace().spec).unwrap();
    assert_eq!(
        text,
        regen::document(&spec),
        "run `cargo xtask regen` and commit the result"
    );
}

#[test]
fn the_readme_says_the_same() {
    let root = Places::of_workspace().root();
    let coverage = coverage::measure(&root).unwrap();
    let (path, _, stale) = coverage::readme(&root, &coverage).unwrap();
    assert!(
        !stale,
        "{} is stale: run `cargo xtask regen` and commit the result",
        path.display()
    );
}
