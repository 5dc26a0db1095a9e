"""The headers every answer carries: what a page may load, who may frame it, what may keep it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, Response, request

from config import Settings

#: Anything else in a Host header could add a directive to the policy.
_PLAIN_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": Flask-WTF compares the referrer of forms sent over HTTPS.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(self), payment=(), usb=()",
}
#: What a page asks for whose address is a secret, and a small page's policy: no library, nothing from elsewhere.
_SECRET_ADDRESS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
_SMALL_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action "
)
_BY_BLUEPRINT = {
    #: The page that a caller opens through a location link: the one that may ask where it is, and may do little else.
    "location_link": _SECRET_ADDRESS
    | {
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        "Content-Security-Policy": _SMALL_PAGE + "'none'",
    },
    #: The page behind a task's link, whose buttons are forms.
    "task_link": _SECRET_ADDRESS
    | {
        "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=()",
        "Content-Security-Policy": _SMALL_PAGE + "'self'",
    },
}


def add_security_headers(app: Flask, settings: Settings) -> None:
    """Set the headers on all answers of `app`; pages and API answers must not be kept by anybody."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        response.headers.update(_FIXED)
        response.headers["Content-Security-Policy"] = content_security_policy(
            settings.tile_url, request.host, pmtiles=settings.pmtiles is not None
        )
        response.headers.update(_BY_BLUEPRINT.get(request.blueprint or "", {}))
        if settings.cookie_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


def content_security_policy(tile_url: str, host: str, *, pmtiles: bool = False) -> str:
    """The policy: nothing inline, nothing from elsewhere but map tiles where a tile source is configured."""
    tiles = urlsplit(tile_url)
    # A subdomain placeholder such as {s}.tile.example.org stands for any of its subdomains.
    tile_origin = f" {tiles.scheme}://{re.sub(r'^{[a-z]+}', '*', tiles.netloc)}" if tiles.netloc else ""
    # A raster tile out of a PMTiles file becomes an image in the page itself.
    made_here = " blob:" if pmtiles else ""
    # Older Safari does not count WebSockets of the same host as 'self'.
    sockets = f" ws://{host} wss://{host}" if _PLAIN_HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data:{made_here}{tile_origin}",
            "font-src 'self'",
            "media-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            f"connect-src 'self'{sockets}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )
