"""The proxy that stands between this machine and a target, as the environment names it."""

from __future__ import annotations

import urllib.parse
import urllib.request

FORWARDING = ("http", "https")
"""Schemes of proxies that are asked for URLs."""
SCHEMES = (*FORWARDING, "socks4", "socks4a", "socks5", "socks5h")


def proxy(base: str) -> str | None:
    """The URL of the proxy for a target's; none for a server on this machine.

    Raises ValueError where the environment names a proxy that is none. Its URL may hold a password
    and stands in no message.
    """
    parts = urllib.parse.urlsplit(base)
    host = parts.hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        return None
    known = urllib.request.getproxies()
    named = parts.scheme if parts.scheme in known else "all"
    if named not in known or urllib.request.proxy_bypass(host):
        return None
    given = known[named]
    # The variable may hold no more than "proxy:3128", as other tools take it.
    url = given if "://" in given else f"http://{given}"
    _require_usable(url, f"{named}_proxy")
    return url


def _require_usable(url: str, variable: str) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
        usable = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(
            f"{variable} names no proxy that can be used; it has to be like "
            "http://proxy.example.org:3128, or the target's host has to be in no_proxy"
        )
