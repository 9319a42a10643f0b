"""One running system for all modules here."""

from tests.support.whole_system import scene, system

__all__ = ["scene", "system"]
