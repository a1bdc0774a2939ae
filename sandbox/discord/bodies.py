"""Request bodies: JSON, or a form with `payload_json` and numbered files that go to disk."""

import json
import re
from collections.abc import AsyncGenerator
from typing import Any, Final

from aiohttp import BodyPartReader, web

from sandbox.discord.drafts import Draft
from sandbox.discord.files import CHUNK, Files
from sandbox.discord.refusals import Refused, too_large
from sandbox.discord.state import MIB

REQUEST_MOST: Final = 25 * MIB
NUMBERED: Final = re.compile(r"files\[(\d+)\]")


async def read_json(request: web.Request) -> Any:
    """Give the JSON of a request, or refuse."""
    try:
        return json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise Refused(400, 50109, "The request body contains invalid JSON.") from error


async def read_draft(request: web.Request, files: Files) -> Draft:
    """Give the body of a request that may carry files; a too large one is read and refused."""
    if not request.content_type.startswith("multipart/"):
        body = await read_json(request)
        return Draft(body=body if isinstance(body, dict) else {})
    draft = Draft(body={})
    left = REQUEST_MOST
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Refused(400, 50035, "Invalid Form Body")
        left -= await _take(part, draft, files)
    if left < 0:
        for file in draft.uploads.values():
            files.drop(file)
        raise too_large()
    return draft


async def _take(part: BodyPartReader, draft: Draft, files: Files) -> int:
    """Put one part where it belongs and give its size."""
    numbered = NUMBERED.fullmatch(part.name or "")
    if numbered is None:
        data = bytes(await part.read())
        if part.name == "payload_json":
            draft.body = json.loads(data)
        return len(data)
    file = await files.spool(part.filename or "file", _chunks(part))
    draft.uploads[int(numbered[1])] = file
    return file.size


async def _chunks(part: BodyPartReader) -> AsyncGenerator[bytes]:
    while chunk := await part.read_chunk(CHUNK):
        yield chunk
