"""`python -m devstack.calendly [--port N] [--webhook-delay S] ...`: run the stand-in until it is stopped."""

import argparse

from devstack.calendly.behaviour import Behaviour
from devstack.calendly.server import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="devstack.calendly", description="A stand-in for Calendly.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8002, help="port to listen on; 0 takes a free one")
    parser.add_argument("--webhook-delay", type=float, default=0.0, help="seconds before a delivery's first attempt")
    parser.add_argument("--retry-delay", type=float, default=0.2, help="seconds before the second; then it doubles")
    parser.add_argument("--webhook-concurrency", type=int, default=32, help="deliveries sent at once")
    given = parser.parse_args()
    usual = Behaviour(delay=given.webhook_delay, first_wait=given.retry_delay, at_once=given.webhook_concurrency)
    main(host=given.host, port=given.port, usual=usual)
