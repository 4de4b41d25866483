"""The web app's files, as its build left them: one page for every path that is no file."""

import os
import stat
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

INDEX = "index.html"
# What the build names by its content is another file when it changes.
HASHED_FOLDER = "assets/"
_API = "api"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_ALWAYS = "no-cache"
# Made beside the files by the build; the smallest first.
_COMPRESSED = (("br", ".br"), ("gzip", ".gz"))

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ticketonomics</title>
<h1>The web app has not been built yet</h1>
<p>Run <code>scripts/web</code> in the repository, and reload this page.</p>
<p>The API is here already: <a href="/openapi.json">openapi.json</a></p>
</html>
"""


class WebApp(StaticFiles):
    """Serves a built web app.

    Args:
        folder: Where `index.html` is, once the app has been built.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._folder = folder

    async def check_config(self) -> None:
        """Nothing to check: the app may be built later."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answers with a file, or with the app's page where the path is one of the app's own."""
        if path.split(os.sep, maxsplit=1)[0] == _API:
            # Never a page: whoever calls it wrongly is to be told so.
            raise HTTPException(404)
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _is_page(path, scope):
                raise
            return await self._page(scope)
        hashed = path.replace(os.sep, "/").startswith(HASHED_FOLDER)
        response.headers["cache-control"] = FOR_EVER if hashed else ASK_ALWAYS
        return response

    async def _page(self, scope: Scope) -> Response:
        full_path, found = await anyio.to_thread.run_sync(self.lookup_path, INDEX)
        if found is None:
            return HTMLResponse(_NOT_BUILT, 503, {"cache-control": "no-store"})
        response = self.file_response(full_path, found, scope)
        response.headers["cache-control"] = ASK_ALWAYS
        return response

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answers with a file, compressed as the build has it where the browser can read that."""
        original = FileResponse(full_path, status_code=status_code, stat_result=stat_result)
        headers = Headers(scope=scope)
        accepted = _accepted_encodings(headers)
        response = original
        for encoding, suffix in _COMPRESSED:
            # A part of a file is a part of the file itself.
            if encoding not in accepted or "range" in headers:
                continue
            compressed = Path(f"{os.fspath(full_path)}{suffix}")
            try:
                found = compressed.stat()
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode):
                response = FileResponse(
                    compressed,
                    status_code=status_code,
                    stat_result=found,
                    media_type=original.media_type,
                )
                response.headers["content-encoding"] = encoding
                break
        response.headers["vary"] = "accept-encoding"
        if self.is_not_modified(response.headers, headers):
            return NotModifiedResponse(response.headers)
        return response


def _is_page(path: str, scope: Scope) -> bool:
    """Tells whether a path is one that the app shows by itself: `/market`, and no file's name.

    Files are at the top or among the assets; deeper down a dot may be in the name of an account.
    """
    if scope["method"] not in {"GET", "HEAD"}:
        return False
    parts = Path(path).parts
    if ".." in parts or path.startswith(HASHED_FOLDER):
        return False
    return len(parts) != 1 or "." not in parts[0]


def _accepted_encodings(headers: Headers) -> frozenset[str]:
    accepted = set()
    for part in headers.get("accept-encoding", "").split(","):
        encoding, _, quality = part.partition(";")
        if quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            accepted.add(encoding.strip().lower())
    return frozenset(accepted)
