"""Positions that a list gives in two columns."""

from geodata.crs import is_in_indonesia
from geodata.findings import Finding
from geodata.numbers import NotNumber, read_decimal
from geodata.tables import Record


def read_position(record: Record) -> tuple[float, float] | Finding:
    """Read ``lon`` and ``lat`` of a row, or say why they are no position in Indonesia."""
    values: dict[str, float] = {}
    for column in ("lon", "lat"):
        printed = record.text(column)
        try:
            value = read_decimal(record.cells.get(column))
        except NotNumber:
            return Finding(code="number-unreadable", severity="refused", row=record.row,
                           column=column, value=printed)  # fmt: skip
        if value is None:
            return Finding(code="value-missing", severity="refused", row=record.row, column=column)
        values[column] = value
    lon, lat = values["lon"], values["lat"]
    if is_in_indonesia(lon, lat):
        return lon, lat
    swapped = is_in_indonesia(lat, lon)
    return Finding(
        code="coordinates-swapped" if swapped else "coordinates-out-of-range",
        severity="refused",
        row=record.row,
        column="lon",
        value=f"{lon}, {lat}",
        params={"lon": lon, "lat": lat},
    )
