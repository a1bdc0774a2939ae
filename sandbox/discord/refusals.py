"""What Discord says no with: a status, a code, and the fields that were wrong."""

from collections.abc import Sequence
from typing import Any

Raw = dict[str, Any]


class Refused(Exception):
    """A request Discord would not carry out."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: Raw | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {message} {errors or ''}".strip())
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def body(self) -> Raw:
        """Give the JSON that goes with the status."""
        body: Raw = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


class Form:
    """Collects what is wrong with a request body, field by field, and refuses once."""

    def __init__(self) -> None:
        self._errors: Raw = {}

    def wrong(self, path: str, code: str, message: str) -> None:
        """Note one wrong field; `path` is dotted, indices included."""
        node = self._errors
        for step in path.split("."):
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def need(self, fine: object, path: str, message: str, code: str = "BASE_TYPE_INVALID") -> bool:
        """Note the field unless it is fine, and say whether it was."""
        if not fine:
            self.wrong(path, code, message)
        return bool(fine)

    def text(self, body: Raw, path: str, name: str, limits: tuple[int, int]) -> None:
        """Check a text's type and length; absent and null are fine when it may be empty."""
        value = body.get(name)
        at = f"{path}.{name}" if path else name
        shortest, longest = limits
        if value is None:
            self.need(shortest == 0, at, "This field is required", "BASE_TYPE_REQUIRED")
        elif self.need(isinstance(value, str), at, "Must be a string", "BASE_TYPE_STRING"):
            fits = shortest <= len(value) <= longest
            bounds = f"Must be between {shortest} and {longest} in length."
            self.need(fits, at, bounds, "BASE_TYPE_BAD_LENGTH")

    def listed(self, body: Raw, name: str, most: int, *, path: str = "") -> Sequence[Raw]:
        """Give a list of objects after checking that it is one and not too long."""
        value = body.get(name)
        at = f"{path}.{name}" if path else name
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(at, "LIST_ITEM_TYPE", "Must be a list of objects")
            return ()
        self.need(
            len(value) <= most, at, f"Must be {most} or fewer in length.", "BASE_TYPE_MAX_LENGTH"
        )
        return value

    def done(self) -> None:
        """Refuse the request if anything was wrong."""
        if self._errors:
            raise Refused(400, 50035, "Invalid Form Body", errors=self._errors)


def unknown_channel() -> Refused:
    """Say that there is no such channel."""
    return Refused(404, 10003, "Unknown Channel")


def unknown_message() -> Refused:
    """Say that there is no such message, or none for you."""
    return Refused(404, 10008, "Unknown Message")


def unknown_interaction() -> Refused:
    """Say that the three seconds are over, or never began."""
    return Refused(404, 10062, "Unknown interaction")


def missing_access() -> Refused:
    """Say that the bot can't see this."""
    return Refused(403, 50001, "Missing Access")


def missing_permissions() -> Refused:
    """Say that the bot may not do this here."""
    return Refused(403, 50013, "Missing Permissions")


def too_large() -> Refused:
    """Say that a file or the whole request is over its limit."""
    return Refused(413, 40005, "Request entity too large")
