"""``python -m conformance`` is ``chats-conformance``."""

from conformance.cli import main

main(prog_name="chats-conformance")
