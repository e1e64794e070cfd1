"""Tables and nothing else, one file per subject."""

from app.models.accounts import Account, Credential, CredentialKind, Role
from app.models.audit import AuditEntry
from app.models.calendar_feeds import CalendarFeed
from app.models.campaigns import Campaign, CampaignWeek
from app.models.codes import CodeMapping
from app.models.connectivity import (
    ConnectivityContradiction,
    ConnectivityEvidence,
    ConnectivityJoin,
    CoverageArea,
    CoverageRaster,
    PowerReport,
    SignalReport,
    Tower,
    VillageConnectivity,
)
from app.models.corrections import CountCorrection
from app.models.counts import VillageCount
from app.models.edits import PlanEdit
from app.models.headings import LearnedHeading
from app.models.home_visits import HomeVisitCount
from app.models.imports import DataImport
from app.models.jobs import FINAL, UNFINISHED, Job, JobKind, JobState
from app.models.lifecycle import AssignmentLetter, PlanStep
from app.models.lodging import Lodging
from app.models.params import ParamChange
from app.models.photos import StopPhoto
from app.models.places import Village, VillageEdition
from app.models.plans import Plan, PlanLeg, PlanState, PlanStop
from app.models.points import PointVillage, ServicePoint
from app.models.readiness import ReadinessEntry
from app.models.records import PlanRecord
from app.models.requests import RequestState, RequestStep, VisitRequest
from app.models.results import ResultCount, ResultEntry
from app.models.staff import Staff, StaffLeave
from app.models.targets import TargetChange
from app.models.teams import Team
from app.models.travel import Link, NetworkLine, Pier

__all__ = [
    "FINAL",
    "UNFINISHED",
    "Account",
    "AssignmentLetter",
    "AuditEntry",
    "CalendarFeed",
    "Campaign",
    "CampaignWeek",
    "CodeMapping",
    "ConnectivityContradiction",
    "ConnectivityEvidence",
    "ConnectivityJoin",
    "CountCorrection",
    "CoverageArea",
    "CoverageRaster",
    "Credential",
    "CredentialKind",
    "DataImport",
    "HomeVisitCount",
    "Job",
    "JobKind",
    "JobState",
    "LearnedHeading",
    "Link",
    "Lodging",
    "NetworkLine",
    "ParamChange",
    "Pier",
    "Plan",
    "PlanEdit",
    "PlanLeg",
    "PlanRecord",
    "PlanState",
    "PlanStep",
    "PlanStop",
    "PointVillage",
    "PowerReport",
    "ReadinessEntry",
    "RequestState",
    "RequestStep",
    "ResultCount",
    "ResultEntry",
    "Role",
    "ServicePoint",
    "SignalReport",
    "Staff",
    "StaffLeave",
    "StopPhoto",
    "TargetChange",
    "Team",
    "Tower",
    "Village",
    "VillageConnectivity",
    "VillageCount",
    "VillageEdition",
    "VisitRequest",
]
