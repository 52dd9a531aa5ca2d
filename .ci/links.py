"""Checks the links of a built book: every page, picture and anchor they name must be there.

Usage: links.py FOLDER. Nothing outside the folder is fetched.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Pages that repeat others, or that the server shows at any depth.
SKIPPED = {"print.html", "404.html", "toc.html"}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.anchors = set()
        self.links = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors.update(filter(None, (attributes.get("id"), attributes.get("name"))))
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]


def dead_links(root):
    pages = {path: Page(path.read_text()) for path in root.rglob("*.html")}
    for path, page in pages.items():
        if path.name in SKIPPED:
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield path, link, "no such file"
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].anchors:
                    yield path, link, "no such anchor"


def main():
    root = Path(sys.argv[1]).resolve()
    dead = list(dead_links(root))
    for path, link, why in dead:
        print(f"{path.relative_to(root)}: {link}: {why}")
    print(f"{len(dead)} dead links")
    sys.exit(bool(dead))


main()
