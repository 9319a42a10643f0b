-- Comparing with Calendly: how far the pass of each connection is, and when the next one is due.
CREATE TABLE ingest.reconciliations (
    connection_id uuid PRIMARY KEY REFERENCES ingest.connections,
    pass_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    reached timestamptz,
    imported integer NOT NULL DEFAULT 0,
    finished_at timestamptz,
    next_at timestamptz NOT NULL
);

CREATE INDEX reconciliations_due ON ingest.reconciliations (next_at);

-- Scheduled events whose invitees were compared, as they were then: what has not changed since is not asked for again.
CREATE TABLE ingest.events_seen (
    connection_id uuid NOT NULL REFERENCES ingest.connections,
    event_uri text NOT NULL,
    updated_at timestamptz NOT NULL,
    invitees integer NOT NULL,
    starts_at timestamptz NOT NULL,
    PRIMARY KEY (connection_id, event_uri)
);

-- Calendars that were selected again (R15), written with the selection. It is open until it has an outcome.
CREATE TABLE ingest.restores (
    id uuid PRIMARY KEY,
    subaccount_id uuid NOT NULL,
    calendar_id uuid NOT NULL,
    calendar_uri text NOT NULL,
    connection_id uuid NOT NULL REFERENCES ingest.connections,
    reselected_at timestamptz NOT NULL,
    trace text,
    found integer NOT NULL DEFAULT 0,
    imported integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('restored', 'stopped', 'forward')),
    finished_at timestamptz,
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
);

CREATE INDEX restores_open ON ingest.restores (next_at, id) WHERE outcome IS NULL;
CREATE INDEX restores_open_of_subaccount ON ingest.restores (subaccount_id) WHERE outcome IS NULL;

-- How far a restoration is with each account that it asks.
CREATE TABLE ingest.restore_parts (
    restore_id uuid NOT NULL REFERENCES ingest.restores,
    connection_id uuid NOT NULL REFERENCES ingest.connections,
    reached timestamptz,
    finished boolean NOT NULL DEFAULT false,
    PRIMARY KEY (restore_id, connection_id)
);
