"""One simulated call as Asterisk 22 holds it: what it tells an AGI server, and how it answers its commands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ASTERISK_VERSION = "22.5.2"

#: agi_callingpres by CALLERID(num-pres).
_PRESENTATION_CODES = {"allowed_not_screened": 0, "prohib_not_screened": 32, "unavailable": 67}
_EXPRESSION = re.compile(r"\$\{([^${}]{1,200})\}")
#: Commands that Asterisk still carries out for a caller who has hung up.
_RUN_DEAD = (("set", "variable"), ("get", "variable"), ("get", "full", "variable"), ("noop",))


@dataclass(slots=True)
class SimulatedChannel:
    """The caller's channel. `number` and `caller_name` are None where the network sent none.

    `location` is a GML shape as Asterisk writes it (`shape="Circle",...`), None where the call carries none.
    """

    linkedid: str
    system_name: str = "simulator"
    name: str = "PJSIP/trunk-00000001"
    number: str | None = None
    presentation: str = "allowed_not_screened"
    caller_name: str | None = None
    dialled: str = "112"
    location: str | None = None
    location_method: str = ""
    hung_up: bool = False
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self, script: str, *arguments: str, server: str = "127.0.0.1:4573") -> bytes:
        """All that Asterisk sends before it waits for commands, with the blank line that ends it."""
        lines = [
            "agi_network: yes",
            f"agi_network_script: {script}",
            f"agi_request: agi://{server}/{script}",
            f"agi_channel: {self.name}",
            "agi_language: id",
            "agi_type: PJSIP",
            f"agi_uniqueid: {self.linkedid}",
            f"agi_version: {ASTERISK_VERSION}",
            f"agi_callerid: {self.number or 'unknown'}",
            f"agi_calleridname: {self.caller_name or 'unknown'}",
            f"agi_callingpres: {_PRESENTATION_CODES.get(self.presentation, 0)}",
            "agi_callingani2: 0",
            "agi_callington: 0",
            "agi_callingtns: 0",
            f"agi_dnid: {self.dialled}",
            "agi_rdnis: unknown",
            "agi_context: siaga-112",
            f"agi_extension: {self.dialled}",
            "agi_priority: 12",
            "agi_enhanced: 0.0",
            "agi_accountcode: ",
            "agi_threadid: 139731604539072",
            *(f"agi_arg_{place}: {argument}" for place, argument in enumerate(arguments, start=1)),
        ]
        return ("\n".join(lines) + "\n\n").encode("utf-8", "surrogateescape")

    def answer(self, line: str) -> str:
        """Carry out one command and return what Asterisk would answer, with its line break."""
        words = split_command(line)
        lowered = [word.lower() for word in words]
        command = next((name for name in _RUN_DEAD if lowered[: len(name)] == list(name)), None)
        if command is None:
            return self._refuse(lowered)
        arguments = words[len(command) :]
        if command == ("noop",):
            return "200 result=0\n"
        if command == ("set", "variable") and len(arguments) == 2:
            self.variables[arguments[0]] = arguments[1]
            return "200 result=1\n"
        if command == ("get", "variable") and len(arguments) == 1:
            return _value(self._look_up(arguments[0]))
        if command == ("get", "full", "variable") and arguments:
            return _value(_EXPRESSION.sub(lambda found: self._look_up(found[1]) or "", arguments[0]))
        usage = f"Usage: {' '.join(command).upper()} ..."
        return f"520-Invalid command syntax.  Proper usage follows:\n{usage}\n520 End of proper usage.\n"

    def _refuse(self, words: list[str]) -> str:
        if words == ["answer"]:
            if self.hung_up:
                return "511 Command Not Permitted on a dead channel or intercept routine\n"
            return "200 result=0\n"
        return "510 Invalid or unknown command\n"

    def _look_up(self, name: str) -> str | None:
        functions = {
            "CHANNEL(linkedid)": self.linkedid,
            "SYSTEMNAME": self.system_name,
            "CALLERID(num-pres)": self.presentation,
            "GEOLOC_PROFILE(count)": "1" if self.location else "0",
        }
        if self.location:
            functions |= {
                "GEOLOC_PROFILE(format)": "GML",
                "GEOLOC_PROFILE(effective_location)": self.location,
                "GEOLOC_PROFILE(method)": self.location_method,
            }
        return functions.get(name) or self.variables.get(name)


def split_command(line: str) -> list[str]:
    """Split a command as Asterisk does: by blanks outside of quotes; a backslash makes a character an ordinary one."""
    words: list[str] = []
    between, quoted, escaped = True, False, False
    for character in line:
        if character == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif character in " \t" and not quoted and not escaped:
            between = True
        elif character == "\\" and not escaped:
            escaped = True
            continue
        else:
            if between:
                words.append("")
                between = False
            words[-1] += character
        escaped = False
    return words


def _value(value: str | None) -> str:
    return f"200 result=1 ({value})\n" if value else "200 result=0\n"
