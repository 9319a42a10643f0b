"""The baseline of intake: FastAPI with one INSERT per request, as one would write it first. `python -m ... PORT`."""

import hashlib
import hmac
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import uvicorn
from fastapi import FastAPI, HTTPException, Request

KEY = b"the baseline's key"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool and the table."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10) as pool:
        await pool.execute(
            "CREATE TABLE IF NOT EXISTS public.baseline_inbox"
            " (id uuid PRIMARY KEY, received_at timestamptz, event text, uri text, body bytea)"
        )
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks/calendly/{connection_id}", status_code=202)
async def take(connection_id: uuid.UUID, request: Request) -> None:  # noqa: ARG001, validated by the framework
    """Check the signature, and store the delivery."""
    body = await request.body()
    parts = dict(part.split("=", 1) for part in request.headers["calendly-webhook-signature"].split(","))
    expected = hmac.new(KEY, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, parts["v1"]):
        raise HTTPException(401)
    told = json.loads(body)
    await request.app.state.pool.execute(
        "INSERT INTO public.baseline_inbox VALUES ($1, $2, $3, $4, $5)",
        uuid.uuid4(),
        datetime.now(UTC),
        told["event"],
        told["payload"]["uri"],
        body,
    )


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
