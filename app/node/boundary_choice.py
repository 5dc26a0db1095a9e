"""Which boundary file an installation uses: the one it loaded itself, else its city pack's; a pack may have none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config import Settings
from dispatch.city.pack import CityPack
from dispatch.places.boundaries import BoundaryLayer, load_boundaries

BOUNDARY_FILE = "boundaries.geojson"  #: its name in the data folder and in a city pack


@dataclass(frozen=True)
class BoundaryChoice:
    """A file that is there; `loaded` where the city loaded it over the pack's."""

    path: Path
    loaded: bool

    def read(self, city: CityPack) -> BoundaryLayer:
        """Its polygons. Raises BoundaryFileError."""
        return load_boundaries(self.path, city)


def boundary_choice(settings: Settings) -> BoundaryChoice | None:
    """The file to use, None where the kelurahan's points have to do."""
    for folder, loaded in ((settings.data_dir, True), (settings.city, False)):
        if (folder / BOUNDARY_FILE).exists():
            return BoundaryChoice(folder / BOUNDARY_FILE, loaded)
    return None
