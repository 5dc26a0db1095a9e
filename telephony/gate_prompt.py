"""Makes the two sound files of the gate from the words of a city pack, with a synthetic voice.

    python -m telephony.gate_prompt city/serang telephony/asterisk/sounds

Needs the Debian packages espeak-ng and sox; only whoever makes the files anew needs them. A city that prefers its own
voice records the same two sentences: 8 kHz, mono, G.711 A-law without a header, under the same names.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatch.city.pack import CityPackError, load_city

ASK, GOODBYE = "siaga-gate-ask.alaw", "siaga-gate-goodbye.alaw"
RATE_HZ = 8000  #: one byte a sample in A-law
WORDS_PER_MINUTE = 160
PAUSE_S = 0.4  #: after each sentence


class SpeechUnavailable(Exception):
    """The programs that make the sound are missing or failed; the text says what to do."""


def make_prompts(city: Path, folder: Path) -> list[Path]:
    """Write both sound files into `folder` and return them. Raises CityPackError or SpeechUnavailable."""
    gate = load_city(city).policy.nuisance.gate
    missing = [program for program in ("espeak-ng", "sox") if shutil.which(program) is None]
    if missing:
        raise SpeechUnavailable(f"not on this machine: {', '.join(missing)}; apt-get install espeak-ng sox")
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        ASK: (("id", gate.ask_id), ("en", gate.ask_en)),
        GOODBYE: (("id", gate.goodbye_id), ("en", gate.goodbye_en)),
    }
    for name, sentences in said.items():
        _say([(voice, words) for voice, words in sentences if words], folder / name)
    return [folder / name for name in said]


def _say(sentences: list[tuple[str, str]], target: Path) -> None:
    with TemporaryDirectory() as scratch:
        parts = []
        for place, (voice, words) in enumerate(sentences):
            part = Path(scratch) / f"{place}.wav"
            # The words go by standard input: a sentence that begins with a dash is no option.
            _run(["espeak-ng", "-v", voice, "-s", str(WORDS_PER_MINUTE), "-w", str(part), "--stdin"], words)
            parts.append(str(part))
        # Telephone band, even loudness, a breath after each language.
        effects = ["highpass", "200", "norm", "-3", "rate", str(RATE_HZ), "pad", "0", str(PAUSE_S)]
        _run(
            ["sox", *parts, "-t", "raw", "-e", "a-law", "-b", "8", "-c", "1", "-r", str(RATE_HZ), str(target), *effects]
        )


def _run(command: list[str], words: str = "") -> None:
    done = subprocess.run(command, input=words, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise SpeechUnavailable(f"{command[0]} failed: {done.stderr.strip()[:300]}")


def main(arguments: list[str]) -> int:
    """Make the files and say what was made."""
    if len(arguments) != 2:
        print("usage: python -m telephony.gate_prompt CITY_FOLDER SOUNDS_FOLDER", file=sys.stderr)
        return 2
    try:
        made = make_prompts(Path(arguments[0]), Path(arguments[1]))
    except (CityPackError, SpeechUnavailable) as problem:
        print(problem, file=sys.stderr)
        return 1
    for path in made:
        size = path.stat().st_size
        print(f"{path}: {size / RATE_HZ:.1f} s, {size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
