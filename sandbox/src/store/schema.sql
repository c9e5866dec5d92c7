-- States are JSON, with amounts as decimal texts. Beside them stands what they are found by; times
-- are whole microseconds.
CREATE TABLE facts (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE shops (place INTEGER PRIMARY KEY, public BLOB NOT NULL UNIQUE, secret BLOB NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX shops_by_secret ON shops (secret);
CREATE INDEX shops_by_name ON shops (name);
-- In the order of their starts, so that a new one is put behind the others.
CREATE TABLE payments (serial INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, due INTEGER, state TEXT NOT NULL);
-- Ends with the serial, as every index does.
CREATE INDEX payments_by_due ON payments (due) WHERE due IS NOT NULL;
CREATE TABLE events (payment INTEGER NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (payment, number)) WITHOUT ROWID;
CREATE TABLE tokens (shop BLOB NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (shop, name)) WITHOUT ROWID;
CREATE INDEX tokens_by_name ON tokens (name);
-- The last payment that was to register a token.
CREATE TABLE first_payments (shop BLOB NOT NULL, name TEXT NOT NULL, payment BLOB NOT NULL, PRIMARY KEY (shop, name)) WITHOUT ROWID;
CREATE TABLE accounts (place INTEGER PRIMARY KEY, currency TEXT NOT NULL UNIQUE, state TEXT NOT NULL);
CREATE TABLE items (place INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, movement BLOB UNIQUE, at INTEGER NOT NULL, currency TEXT NOT NULL, returns INTEGER, state TEXT NOT NULL);
CREATE INDEX items_by_time ON items (at);
CREATE INDEX items_by_currency ON items (currency);
CREATE INDEX items_by_return ON items (returns) WHERE returns IS NOT NULL;
