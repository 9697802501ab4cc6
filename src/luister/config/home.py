"""The data folder of an installation and the secrets it makes for itself."""

import os
import secrets
from pathlib import Path


def home() -> Path:
    """Return the data folder: LUISTER_HOME, or the user's own data directory."""
    named = os.environ.get("LUISTER_HOME")
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "luister"


def address(folder: Path) -> str:
    """Return where the Luister of that data folder is or was last served."""
    try:
        return (folder / "address").read_text().strip()
    except FileNotFoundError:
        return "http://127.0.0.1:8000"


def kept_secret(name: str) -> str:
    """Return the secret of that name from the data folder, made on first use, readable by its owner alone."""
    path = home() / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    value = secrets.token_urlsafe(48)
    scratch = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
    scratch.touch(mode=0o600)
    scratch.write_text(value)
    try:
        os.link(scratch, path)  # fails when another process was first: both then read the same secret
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
    return path.read_text().strip()
