-- What runs a connection: its secrets (encrypted), its webhook subscription, and how it does.
-- What happened to it stands in the event store.
CREATE TABLE ingest.connections (
    id uuid PRIMARY KEY,
    subaccount_id uuid NOT NULL,
    user_id uuid NOT NULL,
    calendly_user_uri text NOT NULL,
    organization_uri text NOT NULL,
    plan text NOT NULL,
    state text NOT NULL CHECK (state IN ('connected', 'needs_reconnect', 'plan_refused', 'disconnected')),
    token bytea,
    signing_keys bytea[] NOT NULL,
    subscription_uri text,
    connected_at timestamptz NOT NULL,
    calendars_read_at timestamptz NOT NULL,
    CHECK (state <> 'disconnected' OR (token IS NULL AND signing_keys = '{}'))
);

CREATE INDEX connections_of_subaccount ON ingest.connections (subaccount_id, connected_at, id);

-- The calendars that an account has at Calendly, as last read there.
CREATE TABLE ingest.calendars (
    connection_id uuid NOT NULL REFERENCES ingest.connections,
    uri text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('personal', 'shared')),
    PRIMARY KEY (connection_id, uri)
);
