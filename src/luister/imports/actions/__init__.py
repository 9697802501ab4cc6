"""Everything that changes an import, one function a verb; and the runner that takes it forward step by step."""

from luister.imports.actions.receiving import choose, receive, remove
from luister.imports.actions.running import Runner
from luister.imports.actions.starting import cancel, go_on, start, try_out

__all__ = ["Runner", "cancel", "choose", "go_on", "receive", "remove", "start", "try_out"]
