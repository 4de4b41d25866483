"""What players read in each language, shared by the bot and the web app."""

from pathlib import Path

LANGUAGES = ("en", "ru")
FOLDER = Path(__file__).parent
