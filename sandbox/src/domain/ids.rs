//! Ids of payments, transactions, shops and history items, random or seeded.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

thread_local! {
    /// The seeded source of the call that is under way on this thread.
    ///
    /// Ids are made deep inside payments and the wallet, where nothing else is known of the
    /// sandbox.
    static CURRENT: RefCell<Ids> = const { RefCell::new(Ids(None)) };
}

/// A source of ids: random, or with a seed the same ones in each run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(Option<Arc<AtomicU64>>);

impl Ids {
    /// The source of a seed. Each opening of a file has a source of its own, so that none repeats
    /// the ids of an earlier one.
    pub(crate) fn seeded(seed: u64, opening: u64) -> Self {
        Self(Some(Arc::new(AtomicU64::new(seed ^ mixed(opening)))))
    }

    /// Lets [`new_id`] take its ids from here while the work is done, which must be on this thread.
    pub(crate) fn scope<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = CURRENT.replace(self.clone());
        let _back = Back(Some(before));
        work()
    }
}

/// Puts the earlier source back, also after a panic.
struct Back(Option<Ids>);

impl Drop for Back {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            CURRENT.set(before);
        }
    }
}

/// A new id.
pub(crate) fn new_id() -> Uuid {
    CURRENT.with_borrow(|ids| match &ids.0 {
        Some(state) => {
            let [high, low] = [next(state), next(state)].map(u64::to_be_bytes);
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&high);
            bytes[8..].copy_from_slice(&low);
            uuid::Builder::from_random_bytes(bytes).into_uuid()
        }
        None => Uuid::new_v4(),
    })
}

/// How far `SplitMix64` goes with each number.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The next number of `SplitMix64`.
fn next(state: &AtomicU64) -> u64 {
    mixed(state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
}

/// Mixes the bits of a number; each number has a result of its own, and 0 stays 0.
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // From the reference implementation, https://prng.di.unimi.it/splitmix64.c.
        let state = AtomicU64::new(1_234_567);
        for number in [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ] {
            assert_eq!(next(&state), number);
        }
    }

    #[test]
    fn a_seed_and_an_opening_have_their_own_ids() {
        let first = |seed, opening| Ids::seeded(seed, opening).scope(|| (new_id(), new_id()));
        assert_eq!(first(7, 0), first(7, 0));
        assert_ne!(first(7, 0), first(8, 0));
        assert_ne!(first(7, 0), first(7, 1));
        assert_ne!(first(7, 0).0, first(7, 0).1);
        assert_eq!(first(7, 0).0.get_version_num(), 4);
    }

    #[test]
    fn outside_of_a_scope_ids_are_random() {
        let seeded = Ids::seeded(7, 0);
        let inner = seeded.scope(|| Ids::default().scope(new_id));
        assert_ne!(inner, Ids::seeded(7, 0).scope(new_id));
        assert_ne!(new_id(), new_id());
    }
}
