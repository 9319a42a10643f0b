-- Tokens given by OAuth expire and are refreshed; a subscription is replaced while both signing keys are accepted.
-- The first signing key is that of the standing subscription; while `replacing`, the last is that of the coming one.
ALTER TABLE ingest.connections
    ADD COLUMN refresh_token bytea,
    ADD COLUMN token_expires_at timestamptz,
    ADD COLUMN token_since timestamptz,
    ADD COLUMN subscription_number integer NOT NULL DEFAULT 1,
    ADD COLUMN replacing boolean NOT NULL DEFAULT false,
    ADD COLUMN retired_subscriptions text[] NOT NULL DEFAULT '{}',
    ADD COLUMN subscribed_at timestamptz,
    ADD CHECK (state <> 'disconnected' OR refresh_token IS NULL);

-- Who was sent to Calendly to allow access; each is used once. Only the state's hash is kept, the verifier encrypted.
CREATE TABLE ingest.oauth_attempts (
    state_hash bytea PRIMARY KEY,
    subaccount_id uuid NOT NULL,
    user_id uuid NOT NULL,
    verifier bytea NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX oauth_attempts_expired ON ingest.oauth_attempts (expires_at);
