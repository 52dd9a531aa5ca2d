"""Reads the built book in a real browser, page by page.

    python3 .ci/read.py BOOK [FOLDER FOR PICTURES]
"""

import pathlib
import sys

from browser import Browser, BrowserError

SIZES = [(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")]

SMALL_MAX = 90
"""A figure that is drawn over fewer pixels than this cannot be read."""


def expect(fact, complaint):
    if not fact:
        raise BrowserError(complaint)


def pages(book):
    """Every page, as the contents list names them; not what mdBook makes for other uses."""
    others = {"print.html", "404.html", "toc.html"}
    found = sorted(path for path in book.glob("*.html") if path.name not in others)
    expect(len(found) > 10, f"there are only {len(found)} pages in {book}")
    return found


def look(page, name):
    """What must be so on every page, at every width and in both colours."""
    expect(page.value("!!document.querySelector('main h1')"), f"{name}: has no title")
    expect(page.overflow() <= 0, f"{name}: wider than the window by {page.overflow()} pixels")
    expect(not page.complaints(), f"{name}: {page.complaints()}")
    pictures = "[...document.querySelectorAll('main img')]"
    missing = page.value(f"{pictures}.filter(it => !it.naturalWidth).map(it => it.src)")
    expect(not missing, f"{name}: not loaded: {missing}")
    nameless = page.value(f"{pictures}.filter(it => !it.alt).map(it => it.src)")
    expect(not nameless, f"{name}: pictures without words for those who cannot see: {nameless}")
    mute = page.value(
        "[...document.querySelectorAll('main figure svg')].filter(it =>"
        " !it.getAttribute('aria-label') && !it.getAttribute('aria-labelledby')"
        " && !it.querySelector('title')).length"
    )
    expect(mute == 0, f"{name}: {mute} drawings without words for those who cannot see")
    small = page.value(
        "[...document.querySelectorAll('main figure svg')].filter(it =>"
        f" it.getBoundingClientRect().width < {SMALL_MAX}).length"
    )
    expect(small == 0, f"{name}: {small} drawings too small to be read")


def read_all(browser, book, pictures):
    for width, scheme in SIZES:
        page = browser.open((book / "index.html").as_uri(), width, 900, scheme)
        for path in pages(book):
            page.go(path.as_uri())
            look(page, f"{path.stem} ({width}, {scheme})")
            if pictures:
                page.picture(pictures / f"{path.stem}-{width}-{scheme}.png")
    return len(pages(book))


def search(browser, book):
    """The search finds a word, and leads to where it stands."""
    page = browser.open((book / "index.html").as_uri())
    page.wait("window.search && document.querySelector('#mdbook-searchbar, #searchbar')")
    page.value(
        "(() => { const bar = document.querySelector('#mdbook-searchbar, #searchbar');"
        " (document.querySelector('#mdbook-search-toggle, #search-toggle')).click();"
        " bar.value = 'back-pressure';"
        " for (const kind of ['input', 'keyup']) bar.dispatchEvent(new Event(kind, {bubbles: true}));"
        " return true })()"
    )
    hits = "document.querySelectorAll('#mdbook-searchresults a, #searchresults a')"
    page.wait(f"{hits}.length > 2")
    words = page.value(f"[...{hits}].map(it => it.textContent).join(' ')")
    expect("Lab 02" in words, f"a search for back-pressure does not find lab 02: {words}")


def themes(browser, book):
    """A reader may choose another colour, and the drawings follow it."""
    page = browser.open((book / "lab02-select-server.html").as_uri())
    ink = "getComputedStyle(document.querySelector('figure.conversation .who')).fill"
    before = page.value(ink)
    page.value("document.querySelector('#mdbook-theme-navy, #navy').click()")
    page.wait(f"{ink} !== {before!r}")


def cutter(browser, book):
    """The widget of lab 04 cuts where it is told, and each framing decodes as it should."""
    page = browser.open((book / "lab04-framing.html").as_uri())
    verdict = "document.querySelector('#cutter').dataset.verdict"

    def choose(framing):
        page.value(f"document.querySelector('#cutter input[value={framing}]').click()")

    def cut(*places):
        page.value(
            f"{list(places)}.forEach((place, at) => {{"
            " const slider = document.querySelectorAll('#cutter input[type=range]')[at];"
            " slider.value = place; slider.dispatchEvent(new Event('input', {bubbles: true})) })"
        )

    for places in [(0, 0, 0), (10, 30, 77), (33, 66, 99), (1, 2, 3)]:
        cut(*places)
        for framing in ["close", "fixed", "delimiter", "prefix", "blocks"]:
            choose(framing)
            expect(page.value(verdict) == "right", f"{framing} is wrong when cut at {places}")
        choose("none")
        expect(page.value(verdict) == "wrong", f"no framing is right when cut at {places}")
    cut(24, 53, 100)
    expect(page.value(verdict) == "right", "reads that are messages are not right")
    rows = "document.querySelectorAll('#cutter tr').length"
    expect(page.value(rows) == 4, "three reads are not three rows")
    # The keyboard moves a slider, and not the book to its next chapter.
    page.value("document.querySelector('#cutter input[type=range]').focus()")
    for kind in ["keyDown", "keyUp"]:
        page.call("Input.dispatchKeyEvent", type=kind, key="ArrowRight", code="ArrowRight",
                  windowsVirtualKeyCode=39)
    page.wait("document.querySelector('#cutter input[type=range]').value === '25'")
    page.wait(f"{verdict} === 'right' || {verdict} === 'wrong'")
    expect(not page.complaints(), f"the widget: {page.complaints()}")


def stepper(browser, book):
    """The widget of lab 02 echoes what a client sends, and reads no more from one that owes much."""
    page = browser.open((book / "lab02-select-server.html").as_uri(), 390)

    def press(*names):
        for name in names:
            page.value(f"document.querySelector('#stepper [data-id={name}]').click()")

    def cells():
        texts = "[...document.querySelectorAll('#stepper td')].map(it => it.textContent)"
        return page.value(texts)[:5]

    said = "document.querySelector('#stepper [role=status]').textContent"
    press("step", "step")
    expect(page.value(said).startswith("Asleep"), "a loop with nothing to do does not sleep")
    press("connect", "round", "send-A", "round")
    expect(cells()[2:] == ["1", "4", "0"], f"after one round with 5 bytes: {cells()}")
    press("round")
    expect(cells()[2:] == ["0", "0", "0"], f"not all was echoed: {cells()}")
    press("reads-A", *["send-A"] * 6, *["round"] * 9)
    wants, _, unread, owed, _ = cells()
    expect(wants == "write" and int(unread) > 0 and int(owed) >= 8, f"no back-pressure: {cells()}")
    press("reads-A", *["round"] * 12, "end-A", *["round"] * 4)
    expect(cells() == [], f"a client that has ended is still there: {cells()}")
    expect(page.overflow() <= 0, "the widget is wider than a phone")
    expect(not page.complaints(), f"the widget: {page.complaints()}")


def main():
    book = pathlib.Path(sys.argv[1]).resolve()
    pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    try:
        with Browser() as browser:
            count = read_all(browser, book, pictures)
            search(browser, book)
            themes(browser, book)
            cutter(browser, book)
            stepper(browser, book)
    except BrowserError as error:
        sys.exit(f"-> {error}")
    print(f"{count} pages can be read on a screen and on a phone, in light and in dark")


main()
