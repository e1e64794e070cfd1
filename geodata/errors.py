"""What makes a whole file unfit: one class per cause, one template per class.

An error is its ``code`` and its ``params``; the English text is ``message`` filled with them.
Another language needs only another template, so nothing but facts (a path, a cell, a number, a word
of the file) may be put into ``params``.
"""

from typing import ClassVar


class GeodataError(Exception):
    """Root of what this package raises.

    Parameters
    ----------
    **params
        What the template ``message`` of the class names; a missing one is a ``KeyError`` here,
        where it was forgotten, and not later in a translation.
    """

    code: ClassVar[str] = "geodata-error"
    message: ClassVar[str] = "The file cannot be used."

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.message.format(**params))

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call the class with the finished text and lose the parameters.
        return _rebuild, (type(self), self.params)


def _rebuild(kind: type[GeodataError], params: dict[str, object]) -> GeodataError:
    return kind(**params)


class UnreadableSource(GeodataError, ValueError):
    """The bytes are not what the name promises."""

    code = "unreadable-source"
    message = (
        "{place} cannot be read as {expected} ({reason}). Open it in the program it came from, "
        "save it again as {expected} and import it once more."
    )


class MissingFile(GeodataError, FileNotFoundError):
    """No file at this path."""

    code = "missing-file"
    message = "{place} does not exist. Check the name and the folder."


class UnsupportedFormat(GeodataError, ValueError):
    """A kind of file that no reader knows."""

    code = "unsupported-format"
    message = "{place} is of the kind '{value}'. Save it as one of {accepted}."


class FileTooLarge(GeodataError, ValueError):
    """More bytes than a reader takes."""

    code = "file-too-large"
    message = "{place} has {value} bytes, the limit is {limit}. Import one regency at a time."


class TooManyRows(GeodataError, ValueError):
    """More rows than a reader takes."""

    code = "too-many-rows"
    message = (
        "{place} has {value} rows or more, the limit is {limit}. Delete empty rows under the "
        "table, or import one regency at a time."
    )


class TooManyColumns(GeodataError, ValueError):
    """A sheet that is wider than any list."""

    code = "too-many-columns"
    message = (
        "{place} has {value} columns, the limit is {limit}. Delete what stands far right of the "
        "table."
    )


class EmptyFile(GeodataError, ValueError):
    """A header, or less, and nothing under it."""

    code = "empty-file"
    message = "{place} has no row of data. Check that the right file and sheet were saved."


class MissingLayer(GeodataError, ValueError):
    """A geographic file without the layer that is asked for."""

    code = "missing-layer"
    message = "{place} has no layer '{layer}'; it has: {found}. Name the layer '{layer}'."


class NoTravelNetwork(GeodataError, ValueError):
    """A geographic file without any road or river."""

    code = "no-travel-network"
    message = (
        "{place} holds no roads or rivers: no layer has a column 'highway' or 'waterway' (layers: "
        "{found}). Give the class of each line in such a column, in the words of OpenStreetMap."
    )


class MissingParts(GeodataError, FileNotFoundError):
    """A Shapefile without files that belong to it."""

    code = "missing-parts"
    message = (
        "{place} lacks {found}: a Shapefile is several files. Put .shp, .shx, .dbf and .prj into "
        "one ZIP and import that."
    )


class TooManyFeatures(GeodataError, ValueError):
    """More features than a reader takes."""

    code = "too-many-features"
    message = "{place} has more than {limit} features. Import one regency at a time."


class TooManyLayers(GeodataError, ValueError):
    """More layers than anyone can tell apart."""

    code = "too-many-layers"
    message = (
        "{place} has {value} layers, the limit is {limit}. Save the one that is needed as a file "
        "of its own."
    )


class TooManyVertices(GeodataError, ValueError):
    """One feature drawn in more detail than a reader takes."""

    code = "too-many-vertices"
    message = (
        "{place}: feature {row} has {value} vertices, the limit is {limit}. Simplify its line and "
        "import the file once more."
    )


class ForeignContent(GeodataError, ValueError):
    """Content of another kind than the name says, or such that reading it would do more."""

    code = "foreign-content"
    message = (
        "{place} holds '{value}', which is not taken in a file of the kind {expected}. Save the "
        "layer again as plain {expected} and import that."
    )


class UnsafeName(GeodataError, ValueError):
    """A name in an archive that leads somewhere else."""

    code = "unsafe-name"
    message = (
        "{place} holds the name '{value}', which leads out of it, is a link or stands twice. Make "
        "it again from the original files."
    )


class NestedArchive(GeodataError, ValueError):
    """An archive in an archive."""

    code = "nested-archive"
    message = "{place} holds another archive, '{value}'. Unpack it and import what is inside."


class TooManyFiles(GeodataError, ValueError):
    """An archive of more files than a layer has."""

    code = "too-many-files"
    message = (
        "{place} holds {value} files, the limit is {limit}. Put only the files of one layer into "
        "it."
    )


class UnpackedTooLarge(GeodataError, ValueError):
    """An archive that grows beyond the limit."""

    code = "unpacked-too-large"
    message = "{place} unpacks to more than {limit} bytes. Import one regency at a time."


class ArchiveRatio(GeodataError, ValueError):
    """A file that no honest archive would hold."""

    code = "archive-ratio"
    message = (
        "{place} holds '{value}', which unpacks to more than {limit} times its size. Make the "
        "archive again from the original files."
    )


class AmbiguousLayer(GeodataError, ValueError):
    """Several layers that could be meant."""

    code = "ambiguous-layer"
    message = (
        "{place} has several layers of villages: {found}. Name the right one '{layer}', or save it "
        "as a file of its own."
    )


class NetworkNotAllowed(GeodataError, PermissionError):
    """An address where only files are read."""

    code = "network-not-allowed"
    message = (
        "{place} is an address on the network, which may not be used here. Download the layer and "
        "import the file."
    )


class LocalAddress(GeodataError, PermissionError):
    """An address that leads to this machine or into its own network."""

    code = "local-address"
    message = (
        "{place} leads to {value}, which is no public address. Whoever runs the service can allow "
        "such addresses; or download the layer and import the file."
    )


class BadAddress(GeodataError, ValueError):
    """No address of a collection of features."""

    code = "bad-address"
    message = (
        "'{value}' is no address that can be read. Write https://server/path/collections/name, "
        "without user and password."
    )


class RemoteFailed(GeodataError, ConnectionError):
    """A server that does not deliver."""

    code = "remote-failed"
    message = (
        "{place} did not deliver ({reason}). Check the address and the connection, or download "
        "the layer and import the file."
    )


class RemoteElsewhere(GeodataError, ValueError):
    """A server that sends its caller to another one."""

    code = "remote-elsewhere"
    message = "{place} refers to {value}, which is not followed. Give that address, if it is right."


class RemoteIncomplete(GeodataError, ValueError):
    """Fewer or more features than a server announced."""

    code = "remote-incomplete"
    message = "{place} announced {expected} features and sent {value}. Import it once more."


class MissingCollection(GeodataError, ValueError):
    """A server without a collection of areas."""

    code = "missing-collection"
    message = "{place} has no collection of areas; it has: {found}. Give another address."


class AmbiguousCollection(GeodataError, ValueError):
    """A server with several collections that could be meant."""

    code = "ambiguous-collection"
    message = (
        "{place} has several collections: {found}. Give the address of one, "
        "https://server/path/collections/name."
    )


class MissingColumn(GeodataError, ValueError):
    """A column that the import cannot do without."""

    code = "missing-column"
    message = "{place} has no column '{column}'; it has: {found}. Head it with one of: {accepted}."


class MissingSum(MissingColumn):
    """Counts of men and of women without those of both."""

    code = "missing-sum"
    message = (
        "{place} gives '{column}' for men and women apart ({found}) and not for both. Add a column "
        "JUMLAH with their sum beside them."
    )


class DoubledColumn(GeodataError, ValueError):
    """Two columns that say they are the same thing."""

    code = "doubled-column"
    message = (
        "{place} has more than one column for '{column}': {found}. Keep one and delete or rename "
        "the others."
    )


class MissingAsOf(GeodataError, ValueError):
    """Counts that do not say of which day they are."""

    code = "missing-as-of"
    message = (
        "{place} names no as-of date. Give the date (2023-06-30), or write 'SEMESTER I TAHUN 2023' "
        "or 'per 30 Juni 2023' above the table."
    )


class ContradictingAsOf(GeodataError, ValueError):
    """Sheets of one file with different as-of dates."""

    code = "contradicting-as-of"
    message = (
        "{place} names several as-of dates: {found}. Give the one that holds for the whole file."
    )


class WrongCrs(GeodataError, ValueError):
    """Coordinates whose reference system is not known or cannot be used."""

    code = "wrong-crs"
    message = (
        "{place} has no usable coordinate reference system (found: {value}). Assign the one it was "
        "drawn in, EPSG:4326 for longitude and latitude, and save it again."
    )


class ResidentsFile(GeodataError, ValueError):
    """A list of people: such a file is not read and none of its values is repeated."""

    code = "residents-file"
    message = (
        "{place}: {cell} holds data of single residents ('{column}'). Such files are refused and "
        "nothing of it was kept. Import counts per village instead."
    )


class StaffFile(GeodataError, ValueError):
    """A list of the office's staff where none is expected."""

    code = "staff-file"
    message = (
        "{place}: {cell} heads a column of staff. Nothing of it was kept. Import such a list as "
        "staff, or take the column out."
    )


class ResidentNumbers(ResidentsFile):
    """A cell with the shape of a NIK or a family card number."""

    code = "resident-numbers"
    message = (
        "{place}: {cell} holds a number of 16 digits shaped like a NIK or KK number. Such files "
        "are refused and nothing of it was kept. Import counts per village instead."
    )


class ResidentName(ResidentsFile):
    """A text that names a person."""

    code = "resident-name"
    message = (
        "{place}: {cell} seems to name a person (after '{sign}'). Names of residents are not kept. "
        "Write the office or the function instead: Kepala Desa, SMKN 2."
    )


class BadCode(GeodataError, ValueError):
    """One text that is no village code."""

    code = "bad-code"
    message = (
        "'{value}' is no village code. Write ten digits, 62.02.01.1009 (Kemendagri, not BPS), in a "
        "column formatted as text."
    )


class AmbiguousCode(BadCode):
    """A code that has lost zeros: several places could be meant."""

    code = "ambiguous-code"
    message = (
        "'{value}' has lost a zero and may be {readings}. Format the column as text and enter the "
        "code again."
    )


class BadCodes(GeodataError, ValueError):
    """Village codes that cannot be read for certain."""

    code = "bad-codes"
    message = (
        "{place}: {count} code(s) cannot be read as a village code (ten digits, 62.02.01.1009): "
        "{value}. Format the column as text and enter the codes again."
    )


class MixedCodeSchemes(GeodataError, ValueError):
    """Kemendagri codes on some rows, BPS codes on others."""

    code = "mixed-code-schemes"
    message = (
        "{place} mixes Kemendagri and BPS codes. By their digits and the names beside them, "
        "{kemendagri} row(s) bear Kemendagri codes ({kemendagri_rows}) and {bps} row(s) BPS codes "
        "({bps_rows}). Write all codes of the file in one of the two."
    )


class UndecidedCodeScheme(GeodataError, ValueError):
    """Codes that may be Kemendagri's or BPS's."""

    code = "undecided-code-scheme"
    message = (
        "{place}: whether the codes are Kemendagri or BPS codes is not certain. {kemendagri} "
        "row(s) speak for Kemendagri codes ({kemendagri_rows}) and {bps} for BPS codes "
        "({bps_rows}); on {against} row(s) the code belongs to a village of another name "
        "({against_rows}). Check that codes and names stand on the same rows, import the villages "
        "of that area first, or write the codes with dots, 62.02.01.1009."
    )


class CrosswalkNeeded(GeodataError, ValueError):
    """BPS codes and nothing to translate them with."""

    code = "crosswalk-needed"
    message = (
        "{place} bears BPS codes ({count} row(s) show it). Give the crosswalk from BPS to "
        "Kemendagri codes, or write the Kemendagri codes, 62.02.01.1009."
    )


class WrongCrosswalk(GeodataError, ValueError):
    """A crosswalk of one kind where the other belongs."""

    code = "wrong-crosswalk"
    message = (
        "A crosswalk of the kind '{value}' was given where one of the kind '{accepted}' belongs."
    )


class UnknownCodes(GeodataError, ValueError):
    """Village codes that are in no village table."""

    code = "unknown-codes"
    message = (
        "{place}: {count} code(s) belong to no village that was imported: {value}. Import the "
        "villages of that area first, or correct the codes (Kemendagri codes, not BPS)."
    )


class DuplicateCodes(GeodataError, ValueError):
    """One village twice."""

    code = "duplicate-codes"
    message = (
        "{place}: {count} code(s) stand on more than one row: {value}. Keep one row for each "
        "village."
    )


class BadValue(GeodataError, ValueError):
    """One value that is outside what is allowed."""

    code = "bad-value"
    message = "{place}: '{value}' cannot be used as {column}. Allowed: {accepted}."


class BadFrame(GeodataError, ValueError):
    """A frame that breaks its contract: a fault of the calling code."""

    code = "bad-frame"
    message = "The frame of {place} breaks its contract in column '{column}'. Allowed: {accepted}."


class BadRoadServer(GeodataError, ValueError):
    """No address of a road server."""

    code = "road-server-address"
    message = (
        "'{value}' is no address of a road server. Write http://server:5000, with the path to its "
        "services if there is one, without user, password and question."
    )


class RoadServerFailed(GeodataError, ConnectionError):
    """A road server that does not answer."""

    code = "road-server-failed"
    message = (
        "The road server {place} did not answer in {tries} tries ({reason}). Start it, correct its "
        "address (JEMPUTBOLA_ROAD_SERVER_URL), or unset it to travel on the imported roads."
    )


class RoadServerRefused(GeodataError, ValueError):
    """A road server that answers with an error."""

    code = "road-server-refused"
    message = (
        "The road server {place} refused a question to its service {service}: {reason}. Look up "
        "the message in its manual; where the question is too big for it, ask for fewer points at "
        "a time (JEMPUTBOLA_ROAD_SERVER_BLOCK)."
    )


class RoadServerUnclear(GeodataError, ValueError):
    """An answer that a road server of this kind does not give."""

    code = "road-server-unclear"
    message = (
        "The service {service} of {place} answered what {kind} does not answer: {found}. Check "
        "that JEMPUTBOLA_ROAD_SERVER names its kind and that it is not too old."
    )
