//! Rate limit: many readers of one payment, against Barion's limit and in real time.

use std::time::Instant;

use barion::{Client, PaymentStatus, RetryPolicy, WaitCondition, WaitOutcome};
use barion_sandbox::{CARD_OK, Sandbox};

use crate::support::{builder, mug, requests};

async fn strict() -> Sandbox {
    Sandbox::builder()
        .rate_limit(true)
        .real_time(true)
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn fifty_readers_of_one_payment_never_draw_a_429() {
    let sandbox = strict().await;
    let client = builder(&sandbox)
        .retry(RetryPolicy::disabled())
        .build()
        .unwrap();
    let id = client.start_payment(&mug()).await.unwrap().payment_id;
    let asked = Instant::now();
    // Clones, and both versions: Barion counts them together.
    let readers: Vec<_> = (0..50)
        .map(|number| {
            let client: Client = client.clone();
            tokio::spawn(async move {
                if number % 10 == 0 {
                    client.payment_state_v2(id).await
                } else {
                    client.payment_state(id).await
                }
            })
        })
        .collect();
    for reader in readers {
        let payment = reader.await.unwrap().unwrap();
        assert_eq!(
            (payment.payment_id, payment.status),
            (id, PaymentStatus::Prepared)
        );
    }
    let reads: Vec<u16> = requests(&sandbox, "State")
        .iter()
        .map(|one| one.status)
        .collect();
    assert!(reads.iter().all(|status| *status == 200), "{reads:?}");
    assert!((3..=4).contains(&reads.len()), "{reads:?}");
    assert!(asked.elapsed().as_secs() < 12, "{:?}", asked.elapsed());
}

/// Waiting and other readers stay within the rate limit together.
#[tokio::test]
async fn waiting_sees_the_payer_pay() {
    let sandbox = strict().await;
    let client = builder(&sandbox)
        .retry(RetryPolicy::disabled())
        .build()
        .unwrap();
    let id = client.start_payment(&mug()).await.unwrap().payment_id;
    let waiting = client.wait_for(
        id,
        WaitCondition::PayerDone,
        std::time::Duration::from_secs(60),
    );
    let paying = async {
        client.payment_state(id).await.unwrap();
        sandbox.pay(&id.to_string(), CARD_OK).await.unwrap();
        client.payment_state(id).await.unwrap()
    };
    let (waited, seen) = tokio::join!(waiting, paying);
    assert!(matches!(
        waited.unwrap(),
        WaitOutcome::Reached(payment) if payment.status == PaymentStatus::Succeeded
    ));
    // The read began after the payment, so it must not see an earlier state.
    assert_eq!(seen.status, PaymentStatus::Succeeded);
    assert!(
        requests(&sandbox, "State")
            .iter()
            .all(|one| one.status == 200)
    );
}
