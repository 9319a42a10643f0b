-- Deliveries as they came. What became of each is kept without its body, which may hold personal data (R6).
CREATE TABLE ingest.inbox (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    connection_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    event text NOT NULL,
    invitee_uri text,
    body bytea,
    trace text,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'parked')),
    outcome text CHECK (outcome IN ('imported', 'duplicate', 'left_out', 'ignored', 'parked')),
    rule text,
    appointment_id uuid,
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    processed_at timestamptz,
    CHECK (state = 'waiting' OR outcome IS NOT NULL),
    CHECK (state <> 'done' OR body IS NULL)
);

CREATE INDEX inbox_waiting ON ingest.inbox (seq) WHERE state = 'waiting';
CREATE INDEX inbox_parked ON ingest.inbox (seq) WHERE state = 'parked';
CREATE INDEX inbox_invitee ON ingest.inbox (invitee_uri) WHERE invitee_uri IS NOT NULL;
