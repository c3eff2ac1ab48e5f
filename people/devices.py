"""What somebody signs in with, in words that they know it by: "Chrome on Windows". Browsers say they are each other, so that the
order counts; what says neither is shown as it came.
"""

BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet", "FxiOS": "Firefox", "Firefox/": "Firefox",
    "CriOS": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS = {
    "iPhone": "an iPhone", "iPad": "an iPad", "Android": "Android", "Windows": "Windows", "CrOS": "a Chromebook",
    "Macintosh": "a Mac", "Linux": "Linux",
}  # fmt: skip
MOST_CHARACTERS = 120


def device_in_words(user_agent: str) -> str:
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return f"{browser} on {system}" if browser and system else user_agent[:MOST_CHARACTERS] or "Unknown"
