-- Records that a person decided are never applied: the audit knows that they are not lost.
CREATE TABLE projector.discarded (
    name text NOT NULL,
    version integer NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    key text NOT NULL,
    discarded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version, topic, partition, position),
    FOREIGN KEY (name, version) REFERENCES projector.projections ON DELETE CASCADE
);
