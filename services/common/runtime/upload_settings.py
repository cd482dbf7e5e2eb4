"""Where attachments are kept: the settings that gateways, support, the doctor and backups share.

store = settings.part(UploadSettings).store
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from services.common.runtime.config import Settings, setting
from services.common.runtime.object_store import Bucket, ObjectStore
from services.common.runtime.uploads import UploadStore


@dataclass(frozen=True)
class UploadSettings(Settings):
    """Where uploads are kept."""

    uploads_dir: str = setting(
        "PLEDGE_UPLOADS_DIR", default="",
        doc="where attachments are kept; one folder for all gateways and support. Empty: <data dir>/uploads",
    )  # fmt: skip
    uploads_s3: str = setting(
        "PLEDGE_UPLOADS_S3", default="", pattern=r"(https?://[^/\s?#@]+/[^/\s?#]+/?)?",
        form="https://host/bucket, or empty",
        doc="the bucket of an S3-compatible object store for attachments, `https://host/bucket`. Empty: a folder",
    )  # fmt: skip
    uploads_s3_region: str = setting("PLEDGE_UPLOADS_S3_REGION", default="us-east-1", doc="its region")
    uploads_s3_access_key: str = setting("PLEDGE_UPLOADS_S3_ACCESS_KEY", default="", doc="what we are known by there")
    uploads_s3_secret: str = setting("PLEDGE_UPLOADS_S3_SECRET", default="", secret=True, doc="and its secret")

    @cached_property
    def store(self) -> UploadStore:
        """The folder, which is made when it is first written to, or the bucket."""
        folder = Path(self.uploads_dir) if self.uploads_dir else self.data_dir / "uploads"
        if not self.uploads_s3:
            return UploadStore(folder)
        of = self.uploads_s3_region, self.uploads_s3_access_key, self.uploads_s3_secret
        return ObjectStore(folder, Bucket(self.uploads_s3, *of))
