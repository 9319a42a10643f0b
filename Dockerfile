# syntax=docker/dockerfile:1
# Built in two stages, so that the image holds a virtual environment and no tools; it runs as a user without rights.
FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:3.13-slim AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /build
RUN uv venv /venv
COPY requirements/run.txt requirements/run.txt
RUN uv pip install --python /venv/bin/python --require-hashes -r requirements/run.txt
COPY requirements/build.txt requirements/build.txt
RUN uv venv /tools && uv pip install --python /tools/bin/python --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY contracts contracts
COPY domain domain
COPY services services
COPY devstack devstack
RUN VIRTUAL_ENV=/tools PATH=/tools/bin:$PATH uv build --wheel --no-build-isolation --python /tools/bin/python --out-dir /wheels . \
    && uv pip install --python /venv/bin/python --no-deps /wheels/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home bookstream
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER bookstream
EXPOSE 8000 8001
ENTRYPOINT ["bookstream"]
CMD ["--help"]
