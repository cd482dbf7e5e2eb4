"""The articles of a fresh shop, from articles/<slug>.md, published by the system.

They are planted once: where an article was ever saved, nothing is. A shop's own texts, and what it took away, stay as
they are. A file begins with `topic:`, `title:` and `summary:`; the text follows an empty line.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from services.support.api.articles import ArticleTopic
from services.support.domain.articles import SYSTEM, ArticleVersion
from services.support.knowledge.words import index
from services.support.repository import Work

FOLDER = Path(__file__).parent / "articles"


def plant(work: Work) -> None:
    """Publish the articles, unless one was ever saved here."""
    if work.articles.any():
        return
    for path in sorted(FOLDER.glob("*.md")):
        if not work.articles.begin(path.stem):
            continue  # another replica has it
        text, article = read(path, work.now), work.articles.get(path.stem)
        events = article.save(text) + article.publish(text, SYSTEM, work.now)
        work.articles.keep(events, text)


def read(path: Path, now: datetime) -> ArticleVersion:
    """Read an article's file."""
    head, _, body = path.read_text("utf-8").partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines())
    topic = ArticleTopic(said["topic"])
    return index(
        ArticleVersion(path.stem, 1, "en", topic, None, said["title"], said["summary"], body.strip(), SYSTEM, now)
    )
