// Drives the sandbox at the given address with node-barion, unchanged: start, pay, state, refund; a reservation; a
// capture; a cancelled authorisation; a wrong key. Prints one line for each story that went through.
'use strict';

const assert = require('node:assert');
const constants = require('node-barion/lib/constants');

const [, , address, posKey] = process.argv;
const base = address.replace(/\/$/, '');
// The client knows the service's own addresses only.
constants.baseUrls.test = base;
const Barion = require('node-barion');

const barion = new Barion({ POSKey: posKey, Environment: 'test' });

async function pay(paymentId) {
  const answer = await fetch(`${base}/sandbox/payments/${paymentId}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ CardNumber: '4444888888885559' }),
  });
  assert.strictEqual(answer.status, 200);
}

function order(paymentType, more) {
  return {
    PaymentType: paymentType,
    GuestCheckOut: true,
    FundingSources: ['All'],
    PaymentRequestId: `node-${paymentType}`,
    Locale: 'hu-HU',
    Currency: 'HUF',
    RedirectUrl: 'http://localhost/thanks',
    CallbackUrl: 'http://localhost:9/nobody',
    Transactions: [
      {
        POSTransactionId: 'node-1',
        Payee: 'shop@example.com',
        Total: 4200,
        Items: [{ Name: 'Lamp', Description: 'A lamp', Quantity: 1, Unit: 'piece', UnitPrice: 4200, ItemTotal: 4200 }],
      },
    ],
    ...more,
  };
}

async function paid(paymentType, more, status) {
  const started = await barion.startPayment(order(paymentType, more));
  assert.strictEqual(started.Status, 'Prepared');
  const transaction = started.Transactions.find((one) => one.POSTransactionId === 'node-1');
  await pay(started.PaymentId);
  const state = await barion.getPaymentState({ PaymentId: started.PaymentId });
  assert.strictEqual(state.Status, status);
  assert.strictEqual(state.Total, 4200);
  return { paymentId: started.PaymentId, transactionId: transaction.TransactionId };
}

async function immediate() {
  const { paymentId, transactionId } = await paid('Immediate', {}, 'Succeeded');
  const refund = await barion.refundPayment({
    PaymentId: paymentId,
    TransactionsToRefund: [{ TransactionId: transactionId, POSTransactionId: 'node-1', AmountToRefund: 1200 }],
  });
  assert.strictEqual(refund.RefundedTransactions[0].Total, 1200);
  const state = await barion.getPaymentState({ PaymentId: paymentId });
  assert.deepStrictEqual([state.Status, state.Total], ['Succeeded', 3000]);
}

async function reservation() {
  const { paymentId, transactionId } = await paid('Reservation', { ReservationPeriod: '1:00:00:00' }, 'Reserved');
  const finished = await barion.finishReservation({
    PaymentId: paymentId,
    Transactions: [{ TransactionId: transactionId, Total: 4000 }],
  });
  assert.deepStrictEqual([finished.IsSuccessful, finished.Status], [true, 'Succeeded']);
}

async function capture() {
  const { paymentId, transactionId } = await paid('DelayedCapture', { DelayedCapturePeriod: '1.00:00:00' }, 'Authorized');
  const captured = await barion.captureAuthorizedPayment({
    PaymentId: paymentId,
    Transactions: [{ TransactionId: transactionId, Total: 4200 }],
  });
  assert.deepStrictEqual([captured.IsSuccessful, captured.Status], [true, 'Succeeded']);
}

async function cancel() {
  const { paymentId } = await paid('DelayedCapture', { DelayedCapturePeriod: '1.00:00:00' }, 'Authorized');
  const canceled = await barion.cancelAuthorizedPayment({ PaymentId: paymentId });
  assert.deepStrictEqual([canceled.IsSuccessful, canceled.Status], [true, 'Canceled']);
}

async function wrongKey() {
  const stranger = new Barion({ POSKey: '99999999-9999-9999-9999-999999999999', Environment: 'test' });
  await assert.rejects(stranger.startPayment(order('Immediate', {})), (error) => {
    assert.strictEqual(error.name, 'BarionError');
    assert.strictEqual(error.errors[0].ErrorCode, 'AuthenticationFailed');
    return true;
  });
}

(async () => {
  for (const story of [immediate, reservation, capture, cancel, wrongKey]) {
    await story();
    console.log(story.name);
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
