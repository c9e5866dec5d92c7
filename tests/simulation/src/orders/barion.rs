//! Barion calls back: late, twice, in another order, to nobody. And others call who invent ids.

use std::time::Duration;

use barion::PaymentId;
use tokio::time::sleep;

use super::Stage;
use crate::reach::Kind;

/// How long after each failed attempt the next one follows.
const PAUSES: [u64; 6] = [0, 2, 6, 18, 54, 162];

impl Stage {
    /// A payment has changed: Barion calls the shop, up to six times.
    pub(super) fn call_back(&self, id: PaymentId) {
        let copies = if self.scene.chance(15) { 2 } else { 1 };
        if copies > 1 {
            self.scene.world.reached(Kind::CallbackTwice);
        }
        for _ in 0..copies {
            let stage = self.clone();
            tokio::spawn(async move { stage.calls(id).await });
        }
    }

    async fn calls(&self, id: PaymentId) {
        let late = if self.scene.chance(15) { 600 } else { 2 };
        let time = self.scene.time(late);
        sleep(time).await;
        for pause in PAUSES {
            sleep(Duration::from_secs(pause)).await;
            // The last one comes before the calm time does, or not at all.
            if self.scene.is_quiet() {
                return;
            }
            if self.scene.chance(self.scene.habits.lost) {
                self.scene.world.reached(Kind::CallbackLost);
                continue;
            }
            let Some(instance) = self.fleet.any() else {
                self.scene.world.reached(Kind::CallbackToNobody);
                continue;
            };
            let taken = instance.call_back(id).await;
            self.scene
                .line(format_args!("Barion calls about {id}: taken {taken}"));
            // The answer may get lost.
            if taken && !self.scene.chance(10) {
                return;
            }
        }
    }
}

/// Callbacks about payments that nobody has started; some of the ids come again and again.
pub(super) async fn flood(stage: Stage) {
    let scene = &stage.scene;
    loop {
        let rest = scene.time(600);
        sleep(rest).await;
        let count = scene.world.dice().roll(40);
        for _ in 0..count {
            let number = {
                let mut dice = scene.world.dice();
                let sides = if dice.chance(50) { 5 } else { u64::MAX };
                dice.roll(sides)
            };
            if let Ok(id) = format!("ffffffffffffffff{number:016x}").parse::<PaymentId>()
                && let Some(instance) = stage.fleet.any()
            {
                scene.world.reached(Kind::InventedId);
                tokio::spawn(async move {
                    instance.call_back(id).await;
                });
            }
            let pause = scene.time(3);
            sleep(pause).await;
        }
    }
}
