"""Headers that tell browsers to trust as little as the web app can live with."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TELEGRAM_SCRIPTS = "https://telegram.org"
TELEGRAM_WEB = "https://web.telegram.org"
HSTS = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Adds the headers to every answer that does not have its own.

    Args:
        app: What answers.
        telegram: Whether a bot is configured: its Mini App loads Telegram's script.
        framed: Whether Telegram's web client may show the app in a frame.
    """

    def __init__(self, app: ASGIApp, *, telegram: bool = False, framed: bool = False) -> None:
        self._app = app
        headers = security_headers(telegram=telegram, framed=telegram and framed)
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, and completes what is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                # In bytes, as every answer comes through here.
                headers = list(message.get("headers", ()))
                named = {name for name, _ in headers}
                headers += [header for header in self._headers if header[0] not in named]
                if scope["scheme"] == "https" and HSTS[0] not in named:
                    headers.append(HSTS)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, completed)


def security_headers(*, telegram: bool, framed: bool) -> dict[str, str]:
    """Returns the headers by name."""
    scripts = f"'self' {TELEGRAM_SCRIPTS}" if telegram else "'self'"
    frames = TELEGRAM_WEB if framed else "'none'"
    policy = (
        "default-src 'none'",
        f"script-src {scripts}",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        f"frame-ancestors {frames}",
    )
    headers = {
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        # Not `no-referrer`: browsers would then hide the origin of our own pages from us.
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    if not framed:
        headers["x-frame-options"] = "DENY"
    return headers
