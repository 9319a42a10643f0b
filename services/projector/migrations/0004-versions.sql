-- A new version is loaded from the topic first; from then on it is fed like the others, compared, and switched to.
ALTER TABLE projector.projections
    ADD COLUMN loaded_at timestamptz,
    ADD COLUMN verified_at timestamptz,
    ADD COLUMN differences bigint,
    ADD COLUMN retired_at timestamptz;

UPDATE projector.projections SET loaded_at = now();
