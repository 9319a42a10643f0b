-- The table is the outbox of the topic of dead letters: what has no `published_at` is still to be published.
ALTER TABLE projector.dead_letters ADD COLUMN published_at timestamptz;

CREATE INDEX dead_letters_to_publish ON projector.dead_letters (id) WHERE published_at IS NULL;

-- Who decides about the dead letters of a key locks this number, who sets records behind them shares it. The keys of a
-- version share 64 numbers, for a batch may touch thousands of keys, and PostgreSQL's table of locks is small.
CREATE FUNCTION projector.lock_of_key(name text, version integer, key text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT hashtextextended(format('bookstream-dead-letters %s %s %s', name, version, hashtext(key) & 63), 0) $$;
