-- Which versions of the projections there are, and how far each has come. The positions are the truth, Kafka's offsets a
-- hint: they commit in one transaction with the rows.
CREATE TABLE projector.projections (
    name text NOT NULL,
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('building', 'live', 'retired')),
    events_applied bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (name, version)
);

CREATE UNIQUE INDEX one_live_version ON projector.projections (name) WHERE state = 'live';

CREATE TABLE projector.positions (
    name text NOT NULL,
    version integer NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (name, version, topic, partition),
    FOREIGN KEY (name, version) REFERENCES projector.projections ON DELETE CASCADE
);

-- Records that could not be applied, and those behind them for the same key, in order. Values are read again from the
-- topic, so that no personal data stands here.
CREATE TABLE projector.dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    key text NOT NULL,
    reason text NOT NULL,
    error text,
    behind boolean NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    first_failed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, version, topic, partition, position)
);

CREATE INDEX dead_letters_by_key ON projector.dead_letters (name, version, key, id);
