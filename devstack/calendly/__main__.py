"""`python -m devstack.calendly [--host] [--port]`: run the stand-in until it is stopped."""

import argparse

from devstack.calendly.server import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="devstack.calendly", description="A stand-in for Calendly."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8002, help="port to listen on; 0 takes a free one")
    given = parser.parse_args()
    main(host=given.host, port=given.port)
