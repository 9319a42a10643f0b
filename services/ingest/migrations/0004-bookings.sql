-- Which bookings a calendar has: what a deletion works through. Written in the transactions of the bookings' events.
CREATE TABLE ingest.bookings (
    booking_id uuid PRIMARY KEY,
    calendar_id uuid NOT NULL,
    invitee_uri text NOT NULL,
    booked_at timestamptz NOT NULL,
    starts_at timestamptz NOT NULL,
    deleted boolean NOT NULL DEFAULT false
);

CREATE INDEX bookings_of_calendar ON ingest.bookings (calendar_id, booking_id) WHERE NOT deleted;

-- Deletions that everybody agreed on (R18), written with the last vote. It is open until it has an outcome.
CREATE TABLE ingest.removals (
    calendar_id uuid PRIMARY KEY,
    subaccount_id uuid NOT NULL,
    calendar_uri text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('calendar_deselected', 'account_disconnected')),
    cause_id uuid NOT NULL,
    trace text,
    agreed_at timestamptz NOT NULL,
    done integer NOT NULL DEFAULT 0,
    total integer NOT NULL,
    outcome text CHECK (outcome IN ('removed', 'stopped')),
    finished_at timestamptz,
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
);

CREATE INDEX removals_open ON ingest.removals (agreed_at, calendar_id) WHERE outcome IS NULL;
