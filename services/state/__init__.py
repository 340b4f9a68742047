"""What outlives the console: how alerts stood, what was said about them, what was told, and the figures' past."""

from services.state.file import path_of
from services.state.saved import Said, Saved, Word
from services.state.state import State

__all__ = ["Said", "Saved", "State", "Word", "path_of"]
