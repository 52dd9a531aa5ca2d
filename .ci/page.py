"""Looks at the page of lab 06 in a real browser: reads it, follows a link, uploads, deletes.

    python3 .ci/page.py PROGRAM [FOLDER FOR PICTURES]
"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile

from browser import Browser, BrowserError

AWKWARD = "<b>bold & \"it's\" 100%.txt"
"""A name that is many things at once, if it is not escaped."""

NAMES = "[...document.querySelectorAll('#list tbody a')].map(link => link.textContent)"


def expect(fact, complaint):
    if not fact:
        raise BrowserError(complaint)


def row(name):
    """The line of the list with this name, as JavaScript."""
    rows = "[...document.querySelectorAll('#list tbody tr')]"
    return f"{rows}.find(row => row.querySelector('a').textContent === {json.dumps(name)})"


def look(page, name, pictures):
    """What must be so on every page, at every width."""
    expect(page.overflow() <= 0, f"{name}: wider than the window by {page.overflow()} pixels")
    expect(not page.complaints(), f"{name}: {page.complaints()}")
    if pictures:
        page.picture(pictures / f"{name}.png")


def read(browser, url, pictures):
    """The page shows everything, as text, at every width and in both colours."""
    for width, scheme in [(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")]:
        page = browser.open(url, width, 900, scheme)
        names = page.value(NAMES)
        expect(names == ["music/", AWKWARD, "hello.txt"], f"the page shows {names}")
        expect(not page.value("document.querySelector('#list b')"), "a name has become a tag")
        look(page, f"lab06-{scheme}-{width}", pictures)
    return page


def follow(page):
    """A link leads into a folder, and a file comes as it is."""
    page.value(f"{row('music/')}.querySelector('a').click()")
    page.wait("location.pathname === '/music/'")
    page.wait(f"({NAMES}).join() === 'song.txt'")
    page.value(f"{row('song.txt')}.querySelector('a').click()")
    page.wait("document.body && document.body.innerText.trim() === 'la la la'")


def upload(page, url, root):
    """A chosen file is stored as it is, and the list shows it."""
    page.go(url)
    with tempfile.TemporaryDirectory() as folder:
        ours = pathlib.Path(folder) / "ünï cödé #1?.bin"
        ours.write_bytes(bytes(range(256)) * 1000)
        page.choose_file("#upload input", ours)
        page.wait(row(ours.name))
        page.wait("document.querySelector('#status').textContent.includes('is uploaded')")
        stored = root / ours.name
        expect(stored.read_bytes() == ours.read_bytes(), "what is stored is not what was sent")
        hidden = pathlib.Path(folder) / ".hidden"
        hidden.write_bytes(b"nobody may see this")
        page.choose_file("#upload input", hidden)
        page.wait("document.querySelector('#status.trouble')")
        expect(not (root / ".hidden").exists(), "a hidden name was stored")
    return stored


def delete(page, stored):
    """A file goes when its button is pressed and the question answered with yes, and not before."""
    button = f"{row(stored.name)}.querySelector('button')"
    page.answer_questions(False)
    page.value(f"{button}.click()")
    expect(stored.exists(), "a file went though the answer was no")
    page.answer_questions(True)
    page.value(f"{button}.click()")
    page.wait(f"!{row(stored.name)}")
    expect(not stored.exists(), "the page says that it is deleted, and it is still there")


def main():
    program = sys.argv[1]
    pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "music").mkdir()
        (root / "music" / "song.txt").write_text("la la la\n")
        (root / "hello.txt").write_text("halo dunia\n")
        (root / AWKWARD).write_text("awkward\n")
        command = [program, "--listen", "127.0.0.1:0", "--root", folder]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            try:
                address = server.stdout.readline().split()[-1]
                url = f"http://{address}/"
                with Browser() as browser:
                    page = read(browser, url, pictures)
                    follow(page)
                    delete(page, upload(page, url, root))
            finally:
                server.send_signal(signal.SIGINT)
            expect(server.wait(timeout=10) == 0, "the server has not ended well")
    print("the page of lab 06 can be read, followed, and used to upload and delete")


if __name__ == "__main__":
    try:
        main()
    except BrowserError as error:
        sys.exit(f"the page of lab 06: {error}")
