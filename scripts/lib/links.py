"""The links of Markdown pages to files of this repository: which lead nowhere. For house.py; asks nothing of the network."""
import re

LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"https?:|mailto:")


def prose(text):
    """Without code blocks."""
    return re.sub(r"(?ms)^ *```.*?^ *```", "", text)


def anchors(text):
    """The names that a page's headings have for links, as GitHub makes them."""
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", re.sub(r"[`*]", "", h)) for h in re.findall(r"(?m)^#+ (.*)$", prose(text)))
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in plain}


def targets(page):
    """(link, file, anchor) of each link of the page that stays here."""
    for link in LINK.findall(prose(page.read_text())):
        if not ELSEWHERE.match(link):
            file, _, anchor = link.partition("#")
            yield link, (page.parent / file).resolve() if file else page.resolve(), anchor


def dead(page):
    return [link for link, file, anchor in targets(page) if not file.exists() or (anchor and anchor not in anchors(file.read_text()))]
