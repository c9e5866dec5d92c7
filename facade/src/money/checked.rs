//! Exact arithmetic of money: a result that can't be exact is refused.
//!
//! `rust_decimal` holds 28 digits, and rounds a result that has more. A rounded total is a wrong
//! total.

use rust_decimal::Decimal;

/// The product; `None` when it has more digits than can be held.
pub(crate) fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let product = a.checked_mul(b)?;
    // A result that was rounded has lost digits after the point.
    (product.is_zero() == (a.is_zero() || b.is_zero())
        && (product.is_zero() || product.scale() == a.scale() + b.scale()))
    .then_some(product)
}

/// The sum; `None` when a part is missing, or it has more digits than can be held.
pub(crate) fn sum(parts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    parts
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, part| add(sum, part?))
}

fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let sum = a.checked_add(b)?;
    (sum.is_zero() || sum.scale() >= a.scale().max(b.scale())).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::{product, sum};
    use rust_decimal::Decimal;

    #[test]
    fn what_floats_get_wrong_is_right() {
        let tenth = Decimal::new(1, 1);
        let fifth = Decimal::new(2, 1);
        assert_eq!(
            sum([Some(tenth), Some(fifth)].into_iter()),
            Some(Decimal::new(3, 1))
        );
        assert_eq!(product(Decimal::from(3), tenth), Some(Decimal::new(3, 1)));
        assert_eq!(product(Decimal::ZERO, tenth), Some(Decimal::ZERO));
    }

    #[test]
    fn nothing_is_rounded_in_silence() {
        let tiny = Decimal::new(1, 20);
        assert_eq!(product(tiny, tiny), None);
        assert_eq!(product(Decimal::MAX, Decimal::TWO), None);
        assert_eq!(
            sum([Some(Decimal::MAX), Some(Decimal::new(1, 1))].into_iter()),
            None
        );
        assert_eq!(sum([Some(Decimal::ONE), None].into_iter()), None);
    }
}
