//! What a world of orders is like.

use std::time::Duration;

use crate::dice::Dice;

/// What a world is like, from its beginning to its end.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "traits that are drawn each by itself"
)]
pub(super) struct Habits {
    /// Nothing fails, nobody dies: then what a callback names is read at once.
    pub(super) gentle: bool,
    /// Whether what the handler writes is in the transaction that completes the update.
    pub(super) transactional: bool,
    /// How many instances of the shop there are.
    pub(super) instances: usize,
    pub(super) lease: Duration,
    pub(super) poll: Duration,
    pub(super) warning: Duration,
    /// How many unknown ids may wait.
    pub(super) capacity: u32,
    /// How many of them are read in a minute.
    pub(super) unknown_per_minute: u32,
    pub(super) store: StoreHabits,
    pub(super) handler: HandlerHabits,
    /// How often callbacks get lost on their way, in percent.
    pub(super) lost: u64,
    /// Whether callbacks of invented ids come.
    pub(super) flood: bool,
    /// Whether instances die; and whether for long.
    pub(super) dies: bool,
    pub(super) long_dead: bool,
    /// Whether the clocks of the instances are wrong and jump.
    pub(super) clocks: bool,
    /// Whether the reads of this world go wrong as those of the other worlds do.
    pub(super) reads_fail: bool,
}

/// What the store does to those who ask it; in percent.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoreHabits {
    pub(super) slow: u64,
    pub(super) slowest: Duration,
    pub(super) fails_before: u64,
    pub(super) fails_after: u64,
    /// For how long it is gone every now and then.
    pub(super) outage: Option<Duration>,
}

/// What the shop's handler does; in percent.
#[derive(Debug, Clone, Copy)]
pub(super) struct HandlerHabits {
    pub(super) fails: u64,
    pub(super) panics: u64,
    pub(super) slow: u64,
}

fn seconds(dice: &mut Dice, of: &[u64]) -> Duration {
    Duration::from_secs(dice.pick(of).unwrap_or(60))
}

impl Habits {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let gentle = dice.chance(15);
        let bad = |dice: &mut Dice, percent: u64| !gentle && dice.chance(percent);
        let lease = seconds(dice, &[2, 10, 30, 120]);
        let store_bad = bad(dice, 70);
        let slowest = if dice.chance(40) {
            // Now and then as long as the lease: what was claimed is late.
            lease * 5 / 4
        } else {
            Duration::from_secs(2)
        };
        let percent = |dice: &mut Dice, on: bool, of: &[u64]| {
            let drawn = dice.pick(of).unwrap_or_default();
            if on { drawn } else { 0 }
        };
        let store = StoreHabits {
            slow: percent(dice, store_bad, &[2, 10, 30]),
            slowest,
            fails_before: percent(dice, store_bad, &[0, 2, 8]),
            fails_after: percent(dice, store_bad, &[0, 2, 8]),
            outage: (store_bad && dice.chance(30)).then(|| seconds(dice, &[20, 100, 400])),
        };
        let handler_bad = bad(dice, 60);
        let handler = HandlerHabits {
            fails: percent(dice, handler_bad, &[0, 10, 40]),
            panics: percent(dice, handler_bad, &[0, 5]),
            slow: percent(dice, handler_bad, &[0, 10, 30]),
        };
        Self {
            gentle,
            transactional: dice.chance(50),
            instances: 1 + usize::try_from(dice.roll(3)).unwrap_or_default(),
            lease,
            poll: seconds(dice, &[15, 60, 120]),
            warning: seconds(dice, &[600, 3_600, 43_200]),
            capacity: u32::try_from(dice.pick(&[3, 10, 100]).unwrap_or(100)).unwrap_or(100),
            unknown_per_minute: u32::try_from(dice.pick(&[6, 60]).unwrap_or(60)).unwrap_or(60),
            store,
            handler,
            lost: if bad(dice, 70) { dice.roll(80) } else { 0 },
            flood: dice.chance(25),
            dies: bad(dice, 60),
            long_dead: dice.chance(25),
            clocks: bad(dice, 50),
            reads_fail: bad(dice, 70),
        }
    }
}
