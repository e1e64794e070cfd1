"""What the application refuses, and the one table from error class to problem document.

Every error carries ``code`` and ``params``; ``app/texts.py`` renders both languages from them.
"""

from datetime import date
from typing import ClassVar


class AppError(Exception):
    """Root of what the application raises; leaves set ``code`` and ``message``."""

    code: ClassVar[str] = "app-error"
    message: ClassVar[str] = "{detail}"

    def __init__(self, **params: object) -> None:
        # Days as people write them, in each of the sentences.
        params = {k: str(v) if isinstance(v, date) else v for k, v in params.items()}
        self.params = params
        super().__init__(self.message.format(**params))

    def __reduce__(self) -> tuple[object, tuple[type["AppError"], dict[str, object]]]:
        """Keep the parameters when crossing a process boundary."""
        return (_rebuild, (type(self), self.params))


def _rebuild(kind: type[AppError], params: dict[str, object]) -> AppError:
    return kind(**params)


class PlanNotFound(AppError, LookupError):
    """No plan of that number."""

    code = "plan-not-found"
    message = "there is no plan {plan_id}; `jemput-bola plans` lists those there are"


class CampaignNotFound(AppError, LookupError):
    """No campaign of that number."""

    code = "campaign-not-found"
    message = "there is no campaign {campaign_id}; `jemput-bola campaigns` lists those there are"


class CampaignOutdated(AppError, RuntimeError):
    """A campaign that was planned on other data than there are now."""

    code = "campaign-outdated"
    message = (
        "campaign {campaign_id} was planned on other data than there are now; plan it anew first: "
        "`jemput-bola campaign --resume {campaign_id}`"
    )


class CampaignFailed(AppError, RuntimeError):
    """A campaign that could not be planned."""

    code = "campaign-failed"
    message = "campaign {campaign_id} was stored but could not be planned: {reason}"


class CampaignBusy(AppError, RuntimeError):
    """A campaign that is being planned already."""

    code = "campaign-busy"
    message = "campaign {campaign_id} is being planned by job {job_id}; wait for it, or cancel it"


class JobNotFound(AppError, LookupError):
    """No job of that number."""

    code = "job-not-found"
    message = "there is no job {job_id}"


class ImportNotFound(AppError, LookupError):
    """No import of that number."""

    code = "import-not-found"
    message = "there is no import {import_id}"


class CorrectionNotFound(AppError, LookupError):
    """No correction of that number."""

    code = "correction-not-found"
    message = "there is no correction {correction_id}; `jemput-bola corrections` lists them"


class CorrectionWithdrawn(AppError, RuntimeError):
    """A correction that was taken back before."""

    code = "correction-withdrawn"
    message = "correction {correction_id} was withdrawn by {person} on {day}"


class BadCorrection(AppError, ValueError):
    """A correction that cannot be."""

    code = "bad-correction"
    message = "{field}: {value!r} cannot be used; write: {accepted}"


class CorrectionOutdated(AppError, ValueError):
    """A correction that an imported number of a later day would beat at once."""

    code = "correction-outdated"
    message = (
        "{column} of {village_code} was imported as {imported} of {as_of}, later than {day}; give "
        "the day that the correction speaks of"
    )


class HeadingNotFound(AppError, LookupError):
    """No heading of that number was taught."""

    code = "heading-not-found"
    message = "there is no taught heading {heading_id}; `jemput-bola headings` lists them"


class TeamNotFound(AppError, LookupError):
    """No team of that name."""

    code = "team-not-found"
    message = "there is no team {team}; known: {known}"


class ItineraryNotFound(AppError, LookupError):
    """A team has no plan in a week."""

    code = "itinerary-not-found"
    message = "team {team} has no plan in week {week}: {reason}"


class RegencyNotFound(AppError, LookupError):
    """No village of that regency is known."""

    code = "regency-not-found"
    message = "no village of regency {regency} is known (known: {known}); import its villages first"


class MissingInput(AppError, ValueError):
    """A plan needs data that was never imported."""

    code = "missing-input"
    message = "regency {regency} has no {what}; import {what} first"


class NoWorkingDay(AppError, ValueError):
    """Every day of the week is a holiday or a rest day."""

    code = "no-working-day"
    message = "week {week} has no working day in regency {regency}: {reason}"


class NoTeamPresent(AppError, ValueError):
    """On no working day of the week is anybody there to serve."""

    code = "no-team-present"
    message = (
        "week {week}: no team of regency {regency} can work on any working day because of leave; "
        "change the leave in the list of staff"
    )


class BadWeek(AppError, ValueError):
    """Not an ISO week."""

    code = "bad-week"
    message = "{week!r} is not an ISO week; write it like 2026-W49"


class TooShort(AppError, ValueError):
    """No session is long enough to serve anyone."""

    code = "too-short"
    message = (
        "sessions of {minutes} minutes serve nobody: setting up, informing and packing up take "
        "{overhead}; give a longer one"
    )


class NoDaylight(AppError, ValueError):
    """A boat team whose hours lie in the dark."""

    code = "no-daylight"
    message = (
        "team {team} goes by boat, which moves from {opens} to {closes} only; its hours {starts}-"
        "{ends} lie outside that; change them in the team list"
    )


class BadCalendar(AppError, ValueError):
    """A calendar override cannot be read."""

    code = "bad-calendar"
    message = "calendar file {file}, row {row}: {value!r} cannot be used; write: {expected}"


class AsOfInFuture(AppError, ValueError):
    """A file that speaks of a day to come."""

    code = "as-of-in-future"
    message = "as-of date {as_of} lies after today ({today}); give the day the file speaks of"


class UnknownOption(AppError, ValueError):
    """An option that this kind of file does not take."""

    code = "unknown-option"
    message = "{option} is no option of {kind}; there are: {accepted}"


class BadOption(AppError, ValueError):
    """An option whose value cannot be used."""

    code = "bad-option"
    message = "{option}: {value!r} cannot be used; write: {accepted}"


class NoVillagesYet(AppError, ValueError):
    """A file that names villages, before any village is known."""

    code = "no-villages-yet"
    message = "{file} names villages, but none is known yet; import villages first"


class ParamNotFound(AppError, LookupError):
    """No parameter of that name."""

    code = "param-not-found"
    message = (
        "there is no parameter {name} (spelled alike: {alike}); `jemput-bola params` lists them"
    )


class BadParam(AppError, ValueError):
    """A parameter's value of the wrong kind or beyond its limits."""

    code = "bad-param"
    message = "parameter {name}: {value!r} cannot be used; write: {accepted}"


class VillageNotFound(AppError, LookupError):
    """No village of that code."""

    code = "village-not-found"
    message = "no village has the code {code}; import villages first, or check the code"


class PointNotFound(AppError, LookupError):
    """No service point of that code."""

    code = "point-not-found"
    message = (
        "there is no service point {code} that could be changed; `jemput-bola points` lists them, "
        "and a village's own point cannot be retired"
    )


class BadPoint(AppError, ValueError):
    """A service point with a value that cannot be used."""

    code = "bad-point"
    message = "service point, {name}: {value!r} cannot be used; write: {accepted}"


class PlanBusy(AppError, RuntimeError):
    """A plan is being solved already."""

    code = "plan-busy"
    message = "plan {plan_id} is being worked on by job {job_id}; cancel that job or wait for it"


class PlanChanged(AppError, RuntimeError):
    """A plan that is another than the client thinks."""

    code = "plan-changed"
    message = (
        "plan {plan_id} has changed: it is at version {version}, you know {known}; read it again"
    )


class ParamsChanged(AppError, RuntimeError):
    """Parameters that somebody else has changed meanwhile."""

    code = "params-changed"
    message = "parameters have changed: they are {version} now, you know {known}; read them again"


class PlanNotSolved(AppError, RuntimeError):
    """A plan that has no days yet."""

    code = "plan-not-solved"
    message = "plan {plan_id} has not been solved; wait for its job, or solve it again"


class NobodyOut(AppError, LookupError):
    """Days of a plan on which nobody leaves a base."""

    code = "nobody-out"
    message = "plan {plan_id} sends nobody out for {asked}; its days are: {days}"


class BadTemplate(AppError, ValueError):
    """A letter's template that cannot be used."""

    code = "bad-template"
    message = (
        "{file}, line {line}: {reason}; mend the line, or delete the file to use the built-in text"
    )


class BadHandPlan(AppError, ValueError):
    """A plan made by hand with cells that cannot be used."""

    code = "bad-hand-plan"
    message = (
        "row {row}, {column}: {value!r} cannot be used; write: {accepted} (cells like this in all: "
        "{n})"
    )


class VillageTwice(AppError, ValueError):
    """A plan made by hand with two sessions at one place."""

    code = "village-twice"
    message = (
        "row {row}: {village} has a session in row {before} already; a place has one session a "
        "week: keep one of the two rows"
    )


class NothingClosed(AppError, ValueError):
    """A place to close where no road or river passes."""

    code = "nothing-closed"
    message = (
        "no road or river passes within {radius_m:g} m of {lon:g}, {lat:g}; give longitude, "
        "latitude of a place on it, or a larger radius"
    )


class PlanFailed(AppError, RuntimeError):
    """A solve that ended without a plan."""

    code = "plan-failed"
    message = "plan {plan_id} was not solved: {reason}"


class UploadTooLarge(AppError, ValueError):
    """A file beyond the limit."""

    code = "upload-too-large"
    message = "the file is larger than {limit_mb} MB; raise JEMPUTBOLA_MAX_UPLOAD_MB or split it"


class BadFilter(AppError, ValueError):
    """A query parameter that cannot be understood."""

    code = "bad-filter"
    message = "{name}={value!r} is not {expected}"


class NoSolvedPlan(AppError, LookupError):
    """Nothing to show: no plan has been solved yet."""

    code = "no-solved-plan"
    message = "there is no solved plan yet (regency: {regency}); make one with POST /api/v1/plans"


class JobFinished(AppError, RuntimeError):
    """A job that has ended cannot be cancelled."""

    code = "job-finished"
    message = "job {job_id} has ended already ({state}); there is nothing to cancel"


class JobCrashed(AppError, RuntimeError):
    """The process that did a job died without a word."""

    code = "job-crashed"
    message = "the process of job {job_id} ended without a result ({reason}); see the server's log"


class JobIncomplete(AppError, ValueError):
    """A job that does not say what it is to do."""

    code = "job-incomplete"
    message = "job {job_id} ({kind}) does not say its {missing}; ask for it anew"


class NoOffices(AppError, LookupError):
    """Nobody to plan for: no team in an area."""

    code = "no-offices"
    message = "no team of area {area} is known; import teams first"


class QueueNeedsPostgresql(AppError, RuntimeError):
    """A worker of its own needs a database that several processes share over a network."""

    code = "queue-needs-postgresql"
    message = (
        "a worker of its own needs PostgreSQL, and this is {backend}; with SQLite the server does "
        "the jobs itself (JEMPUTBOLA_SERVER_JOBS)"
    )


class DiskFull(AppError, OSError):
    """There is no room left for what is to be stored."""

    code = "disk-full"
    message = "the disk of {place} is full; make room there, then ask again"


class JobAbandoned(AppError, RuntimeError):
    """A job whose server died each time it was tried."""

    code = "job-abandoned"
    message = "job {job_id} was given up: its server died {attempts} times while working on it"


class OriginRefused(AppError, PermissionError):
    """A page from elsewhere may not change anything here."""

    code = "origin-refused"
    message = "a page of {origin} may not write here; a page elsewhere sends a token"


class BodyTooLarge(AppError, ValueError):
    """A request body beyond what any request needs."""

    code = "body-too-large"
    message = "the body of this request is larger than {limit_kb} kB"


class UnusableInput(AppError, ValueError):
    """A request with what can be neither kept nor told again."""

    code = "unusable-input"
    message = (
        "the {place} of this request holds the character NUL (U+0000), half of a surrogate pair, a "
        "whole number of more than 64 bits, or lists over 250 deep; take that out"
    )


class DatabaseUnavailable(AppError, RuntimeError):
    """The database does not answer."""

    code = "database-unavailable"
    message = "the database does not answer; try again, and see the server's log"


class DatabaseReadOnly(AppError, RuntimeError):
    """The database takes no changes."""

    code = "database-read-only"
    message = (
        "the database can be read but not changed (a standby, an upgrade, a disk that may not be"
        " written); nothing was stored, try again"
    )


class SomebodyWasFaster(AppError, RuntimeError):
    """Somebody changed the same at the same moment."""

    code = "somebody-was-faster"
    message = "somebody was faster and changed the same at this moment; look, then ask again"


class BadDatabase(AppError, RuntimeError):
    """The database that the settings name cannot be used."""

    code = "bad-database"
    message = (
        "database {place} cannot be used ({reason}); check that it may be written, and that "
        "JEMPUTBOLA_DATABASE_URL reads like sqlite:////srv/jemput-bola.sqlite or "
        "postgresql://user:password@host/name"
    )


class NoPostgis(AppError, RuntimeError):
    """A PostgreSQL database without PostGIS."""

    code = "no-postgis"
    message = (
        "database {place} has no PostGIS and this account may not add it ({reason}); install "
        "PostGIS on its server and let an administrator run CREATE EXTENSION postgis in it"
    )


class NothingAccepted(AppError, ValueError):
    """A file of which every row was set aside."""

    code = "nothing-accepted"
    message = (
        "none of the {refused} rows of {file} can be used, so nothing was stored; `--dry-run` "
        "lists why. The first: {first}"
    )


class HalfRoadServer(AppError, LookupError):
    """A road server without an address, or an address without a kind."""

    code = "half-road-server"
    message = (
        "a road server has a kind and an address: JEMPUTBOLA_ROAD_SERVER is {kind}, "
        "JEMPUTBOLA_ROAD_SERVER_URL is {url}; set both, or neither"
    )


class CannotServe(AppError, RuntimeError):
    """The server cannot start."""

    code = "cannot-serve"
    message = "cannot serve on {host}:{port}: {reason}"


STATUS: dict[type[Exception], int] = {
    PlanNotFound: 404,
    JobNotFound: 404,
    ImportNotFound: 404,
    CorrectionNotFound: 404,
    CorrectionWithdrawn: 409,
    HeadingNotFound: 404,
    TeamNotFound: 404,
    ItineraryNotFound: 404,
    RegencyNotFound: 404,
    ParamNotFound: 404,
    VillageNotFound: 404,
    PointNotFound: 404,
    NoSolvedPlan: 404,
    NobodyOut: 404,
    PlanBusy: 409,
    PlanChanged: 409,
    ParamsChanged: 409,
    PlanNotSolved: 409,
    CampaignNotFound: 404,
    CampaignBusy: 409,
    CampaignOutdated: 409,
    JobFinished: 409,
    DiskFull: 507,
    OriginRefused: 403,
    UploadTooLarge: 413,
    BodyTooLarge: 413,
    DatabaseUnavailable: 503,
    DatabaseReadOnly: 503,
    SomebodyWasFaster: 409,
    AppError: 422,
}
"""Error class to HTTP status; a class not named takes its nearest base's. The families of the
libraries are added where they are answered (``api/problems.py``): loading them takes time."""
