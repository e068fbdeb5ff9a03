"""What the server answers, as values, a file a noun.

Ids are UUIDs as text; times are UTC; members that a newer server adds are passed over.
"""

from client.answers.explanation import Evidence, Explained, MustHave, Part, Passage, Passages
from client.answers.guide import FieldGuide, Guide, Sample
from client.answers.jobs import Job, MustHaves, Weights
from client.answers.matches import Analysis, Evaluation
from client.answers.moderation import Moderated, Moderation, Term, Verdict
from client.answers.packs import Pack, Version
from client.answers.pools import Pool, Resume
from client.answers.readiness import Readiness
from client.answers.recommendations import Recommendation, Recommendations
from client.answers.results import Flag, Result
from client.answers.screenings import Options, Replaced, Rerank, Screening, ScreeningCounts
from client.answers.uploads import Upload, UploadCounts, UploadRow
from client.answers.webhooks import Attempt, Delivery, Endpoint

__all__ = [
    "Analysis",
    "Attempt",
    "Delivery",
    "Endpoint",
    "Evaluation",
    "Evidence",
    "Explained",
    "FieldGuide",
    "Flag",
    "Guide",
    "Job",
    "Moderated",
    "Moderation",
    "MustHave",
    "MustHaves",
    "Options",
    "Pack",
    "Part",
    "Passage",
    "Passages",
    "Pool",
    "Readiness",
    "Recommendation",
    "Recommendations",
    "Replaced",
    "Rerank",
    "Result",
    "Resume",
    "Sample",
    "Screening",
    "ScreeningCounts",
    "Term",
    "Upload",
    "UploadCounts",
    "UploadRow",
    "Verdict",
    "Version",
    "Weights",
]
