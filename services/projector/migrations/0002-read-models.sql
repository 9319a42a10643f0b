CREATE TABLE projector.appointments_v1 (
    id uuid PRIMARY KEY,
    subaccount_id uuid NOT NULL,
    calendar_uri text NOT NULL,
    calendar_name text NOT NULL,
    calendar_kind text NOT NULL,
    title text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    source text NOT NULL,
    status text NOT NULL,
    contact_id uuid,
    owner_user_id uuid,
    booked_at timestamptz NOT NULL,
    imported_at timestamptz NOT NULL,
    via text NOT NULL,
    sequence bigint NOT NULL
);

CREATE INDEX appointments_v1_by_start ON projector.appointments_v1 (subaccount_id, starts_at, id);
CREATE INDEX appointments_v1_by_contact ON projector.appointments_v1 (contact_id) WHERE contact_id IS NOT NULL;

-- An erased person leaves a row without personal data: it tells "erased" from "not here yet".
CREATE TABLE projector.contacts_v1 (
    id uuid PRIMARY KEY,
    subaccount_id uuid,
    email text,
    address text,
    name text,
    assigned_user_id uuid,
    latest_appointment_id uuid,
    first_seen_at timestamptz,
    erased boolean NOT NULL,
    sequence bigint NOT NULL
);

CREATE INDEX contacts_v1_by_first_seen ON projector.contacts_v1 (subaccount_id, first_seen_at, id);
CREATE INDEX contacts_v1_by_address ON projector.contacts_v1 (subaccount_id, address);

-- The live versions. A switch exchanges what these two views select, and nothing else.
CREATE VIEW projector.appointments AS SELECT * FROM projector.appointments_v1;
CREATE VIEW projector.contacts AS SELECT * FROM projector.contacts_v1;

INSERT INTO projector.projections (name, version, state) VALUES ('appointments', 1, 'live'), ('contacts', 1, 'live');

-- What other services read (DESIGN 5).
CREATE SCHEMA IF NOT EXISTS crm;

CREATE VIEW crm.appointments AS
SELECT a.id, a.subaccount_id, a.calendar_uri, a.calendar_name, a.calendar_kind, a.title, a.starts_at, a.ends_at, a.source,
       a.status, CASE WHEN c.erased THEN NULL ELSE a.contact_id END AS contact_id, a.owner_user_id, a.booked_at,
       a.imported_at, a.via
  FROM projector.appointments AS a
  LEFT JOIN projector.contacts AS c ON c.id = a.contact_id;

CREATE VIEW crm.contacts AS
SELECT c.id, c.subaccount_id, c.name, c.email, c.assigned_user_id, c.latest_appointment_id,
       (SELECT count(*) FROM projector.appointments AS a WHERE a.contact_id = c.id) AS appointment_count, c.first_seen_at
  FROM projector.contacts AS c
 WHERE NOT c.erased;
