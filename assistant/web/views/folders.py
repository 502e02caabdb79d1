"""The watched folders on the tab where papers are added: the list, its changes, and the log."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from assistant.services import PaperServices
from assistant.web.views import Data


@dataclass(frozen=True, slots=True)
class FolderViews:
    """What is shown of watched folders. The scripts of the page call its methods and insert what they give as text.

    A user of the page may name any folder that the program can read: ``access`` lets in only users on this machine and
    those with the password.
    """

    services: PaperServices

    def folders(self, _: Data) -> Data:
        """The folders with their collections, and the lines of the log, the newest first."""
        lines = [{**asdict(line), "time": line.time.replace("T", " ")[:19]} for line in self.services.watch_log()]
        return {"folders": [asdict(one) for one in self.services.watched_folders()], "lines": lines[::-1]}

    def watch_folder(self, data: Data) -> str:
        """Watches a folder; gives the message for the user."""
        watched = self.services.watch(str(data["folder"]), str(data["collection"]))
        collection = f" Its papers go into the collection {watched.collection}." if watched.collection else ""
        return f"{watched.folder} is watched.{collection}"

    def forget_folder(self, data: Data) -> str:
        """Watches a folder no longer; gives the message for the user."""
        self.services.forget(str(data["folder"]))
        return f"{data['folder']} is not watched any more. Its papers stay: remove them on the tab Papers."
