import pytest

from geodata.errors import EmptyFile, MissingColumn
from geodata.findings import FINDING_TEXTS
from geodata.links import links_on, read_links
from geodata.timetable import Timetable

HEADER = "dari,dari_lon,dari_lat,ke,ke_lon,ke_lat,moda,menit,menit_balik,hari"
GOOD = "Nunukan,117.6667,4.1333,Long Bawan,115.692,3.903,plane,60,70,135"


def read(tmp_path, *rows, header=HEADER):
    path = tmp_path / "penghubung.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    result = read_links(path)
    for finding in result.findings:
        assert finding.code in FINDING_TEXTS
        assert "{" not in finding.message
    return result


def changed(**cells):
    """Give the good row with some cells changed."""
    names = HEADER.split(",")
    return ",".join(
        cells.get(name, cell) for name, cell in zip(names, GOOD.split(","), strict=True)
    )


def test_a_link_is_read_as_it_stands(tmp_path):
    result = read(tmp_path, GOOD)
    (link,) = result.frame.to_dict("records")
    assert link.pop("cost") != link.get("cost")  # not a number: no fare is stated
    assert link == {
        "from_name": "Nunukan",
        "from_lon": 117.6667,
        "from_lat": 4.1333,
        "to_name": "Long Bawan",
        "to_lon": 115.692,
        "to_lat": 3.903,
        "mode": "plane",
        "travel_mode": "air",
        "minutes": 60,
        "minutes_back": 70,
        "weekdays": "135",
        "timetable": None,
    }
    assert (result.accepted, result.corrected, result.refused) == (1, 0, 0)
    assert result.totals == {"links": 1, "river": 0, "sea": 0, "air": 1}
    assert [finding.code for finding in result.findings] == ["fare-assumed"]


def test_fares_and_timetables_are_kept(tmp_path):
    row = GOOD + ',400.000,"09.30, 07:30 balik 13:00 dan 16:00 WIB"'
    result = read(tmp_path, row, header=HEADER + ",biaya,jadwal")
    assert result.frame["cost"].tolist() == [400_000]
    assert result.frame["timetable"].tolist() == ["07:30, 09:30 balik 13:00, 16:00"]
    assert result.findings == ()


@pytest.mark.parametrize(
    ("text", "kept", "code"),
    [
        ("07:30", "07:30", "timetable-single"),
        ("07:30, 09:00 balik 16:00", "07:30, 09:00 balik 16:00", "timetable-single"),
        ("pagi", None, "timetable-unreadable"),
        ("24:00", None, "timetable-unreadable"),
        ("07:60", None, "timetable-unreadable"),
        ("balik 16:00", None, "timetable-unreadable"),
        ("setiap 30 menit", None, "timetable-unreadable"),
    ],
)
def test_a_link_is_taken_whatever_its_timetable_says(tmp_path, text, kept, code):
    result = read(tmp_path, f'{GOOD},400000,"{text}"', header=HEADER + ",biaya,jadwal")
    assert result.frame["timetable"].tolist() == [kept]
    assert [(f.code, f.severity, f.value) for f in result.findings] == [(code, "warning", text)]


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("07:00", (0, 0)),
        ("07:00, 07:30, 09:00", (90, 90)),
        ("00:00, 23:59", (1439, 1439)),
        ("07:00, 08:00 balik 12:00, 16:00", (60, 240)),
        ("07:00, 08:00 balik 16:00", (60, 0)),
    ],
)
def test_one_waits_at_most_for_the_longest_gap(text, waits):
    timetable = Timetable.read(text)
    assert timetable.wait_min() == waits
    assert timetable.text == text
    assert Timetable.of(text) == timetable


def test_what_was_kept_before_timetables_were_read_is_no_timetable():
    assert Timetable.of("setiap pagi") == Timetable.of(None) == Timetable((), ())


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"hari": "18"}, "weekdays-unreadable"),
        ({"hari": "0"}, "weekdays-unreadable"),
        ({"hari": "Senin"}, "weekdays-unreadable"),
        ({"hari": ""}, "value-missing"),
        ({"menit": "0"}, "number-out-of-range"),
        ({"menit": "2881"}, "number-out-of-range"),
        ({"menit": "-5"}, "number-out-of-range"),
        ({"menit": "satu jam"}, "number-unreadable"),
        ({"menit": ""}, "value-missing"),
        ({"menit_balik": "0"}, "number-out-of-range"),
        ({"dari_lon": "217.6"}, "coordinates-out-of-range"),
        ({"dari_lat": "14.1"}, "coordinates-out-of-range"),
        ({"dari_lon": "4.1333", "dari_lat": "117.6667"}, "coordinates-swapped"),
        ({"ke_lon": ""}, "value-missing"),
        ({"ke_lat": "utara"}, "number-unreadable"),
        ({"ke": ""}, "value-missing"),
        ({"moda": "teleport"}, "word-unknown"),
        ({"moda": ""}, "value-missing"),
        ({"ke_lon": "117.6667", "ke_lat": "4.1333"}, "link-goes-nowhere"),
    ],
    ids=str,
)
def test_a_bad_row_is_set_aside_and_the_rest_is_kept(tmp_path, cells, code):
    result = read(tmp_path, changed(**cells), GOOD)
    assert (result.accepted, result.refused) == (1, 1)
    refused = [finding for finding in result.findings if finding.severity == "refused"]
    assert [(finding.code, finding.row) for finding in refused] == [(code, 2)]


@pytest.mark.parametrize("minutes", ["1", "2880"])
def test_minutes_at_their_limits_are_taken(tmp_path, minutes):
    assert read(tmp_path, changed(menit=minutes)).frame["minutes"].tolist() == [int(minutes)]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("531", "135"), ("1133", "13"), ('"1,3,5"', "135"), ("1 3 5", "135"), ("7", "7")],
)
def test_weekdays_are_ascending_digits(tmp_path, written, read_as):
    assert read(tmp_path, changed(hari=written)).frame["weekdays"].tolist() == [read_as]


@pytest.mark.parametrize(
    ("word", "mode", "travel_mode"),
    [
        ("Speedboat", "speedboat", "river"),
        ("perahu", "longboat", "river"),
        ("sea_boat", "sea_boat", "sea"),
        ("kapal laut", "sea_boat", "sea"),
        ("feri", "ferry", "sea"),
        ("Pesawat Perintis", "plane", "air"),
    ],
)
def test_modes_are_known_in_both_languages(tmp_path, word, mode, travel_mode):
    frame = read(tmp_path, changed(moda=word)).frame
    assert frame[["mode", "travel_mode"]].to_numpy().tolist() == [[mode, travel_mode]]


def test_a_missing_way_back_takes_as_long_and_is_said(tmp_path):
    result = read(tmp_path, changed(menit_balik=""))
    assert result.frame["minutes_back"].tolist() == [60]
    assert (result.accepted, result.corrected) == (1, 1)


def test_a_row_that_stands_twice_is_used_once(tmp_path):
    result = read(tmp_path, GOOD, GOOD, changed(hari="2"))
    assert (result.accepted, result.refused) == (2, 1)
    duplicate = result.findings[0]
    assert (duplicate.code, duplicate.row, duplicate.params["first_row"]) == ("row-duplicate", 3, 2)


def test_no_links_are_no_error_but_no_header_is(tmp_path):
    result = read(tmp_path)
    assert (len(result.frame), result.totals["links"]) == (0, 0)
    assert len(links_on(result.frame, 1)) == 0
    with pytest.raises(EmptyFile):
        read(tmp_path, header="")
    with pytest.raises(MissingColumn, match="hari"):
        read(tmp_path, header=HEADER.removesuffix(",hari"))


def test_links_are_selected_by_weekday(tmp_path):
    frame = read(tmp_path, GOOD, changed(hari="2")).frame
    assert [links_on(frame, day)["weekdays"].tolist() for day in (1, 2, 4)] == [["135"], ["2"], []]


@pytest.mark.parametrize(
    ("area", "by_mode"),
    [
        ("kotim", {"links": 0, "river": 0, "sea": 0, "air": 0}),
        ("kaltara", {"links": 5, "river": 4, "sea": 0, "air": 1}),
        ("kaltim", {"links": 4, "river": 1, "sea": 2, "air": 1}),
    ],
)
def test_the_pilot_lists_are_read_whole(shared_data, area, by_mode):
    """Counted by eye in the files."""
    result = read_links(shared_data / "pilot" / area / "penghubung.csv")
    assert result.totals == by_mode
    assert result.refused == 0
