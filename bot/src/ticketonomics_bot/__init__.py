"""The Telegram bot: an independent client of the contracts."""
