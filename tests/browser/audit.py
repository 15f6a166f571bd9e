"""Look over a shown page for what keeps readers out: names, order, contrast and room.

Source: WCAG 2.2, 1.3.1, 1.4.3, 1.4.10, 2.5.8 and 4.1.2.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AUDIT = Path(__file__).with_suffix(".js").read_text()


def faults(page: Page) -> list[str]:
    """List what is wrong with a page as it is shown now."""
    found: list[str] = page.evaluate(AUDIT)
    return found
