"""What the gateway knows and how it is set: one value that every room of it is handed."""

from collections import Counter
from dataclasses import dataclass, field

from bot.core.clock import Clock
from sandbox.omixa.atelier import Atelier
from sandbox.omixa.door import Allowed
from sandbox.omixa.faults import Script
from sandbox.omixa.log import Log
from sandbox.omixa.models import MODELS, Model
from sandbox.omixa.picture import Picture
from sandbox.omixa.reply import Shape
from sandbox.omixa.wallet import Wallet


@dataclass(slots=True, kw_only=True)
class Switches:
    """Behaviour that the published pages leave open; change it at any time."""

    strict_fields: bool = True
    validation_shape: Shape = "envelope"
    escape_slashes: bool = True
    usage_first: bool = False
    chunked: bool = False
    cap_4k_to_2k: bool = False
    gemini_always_jpeg: bool = False
    signing_secret: str = ""  # empty: signatures are not demanded
    lists_models: bool = True
    lists_usage: bool = True
    usage_echoes_key: bool = False  # no published page names a field of the client's own


TAKES_MAX = 10_000  # prompts remembered


@dataclass(slots=True, kw_only=True)
class State:
    """Everything that one gateway remembers."""

    clock: Clock
    seed: int
    pace: float
    origin: str = ""
    wallet: Wallet = field(default_factory=Wallet)
    log: Log = field(default_factory=Log)
    script: Script = field(default_factory=Script)
    switches: Switches = field(default_factory=Switches)
    keys: dict[str, Allowed] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=lambda: {row.id: row for row in MODELS})
    atelier: Atelier
    hosted: dict[str, Picture] = field(default_factory=dict)
    calls: int = 0
    painting: int = 0  # calls that take their time just now
    takes: Counter[str] = field(default_factory=Counter)

    def take_of(self, prompt: str) -> int:
        """Count the calls with this prompt: asked again, a model paints something else."""
        if len(self.takes) >= TAKES_MAX:
            self.takes.clear()
        self.takes[prompt] += 1
        return self.takes[prompt]
