"""What is loaded at the start stays for good, so the collector of garbage need not walk it again at every page.

That walk is about a tenth of a board view. And a page that reads thousands of rows must not set it off a dozen times.
"""

import gc


def settle() -> None:
    """To be called once, when everything is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
