"""What the writer of a mail wrote, without what their program quoted of ours. Pure.

    cut("It is blue.\\n\\nOn Mon, 2 Mar 2026, Pledge <support@…> wrote:\\n> What colour is it?")      # "It is blue."

Known are the lines with which mail programs begin a quotation, in the languages below, lines marked with ">", and the
heads of Outlook. What a customer wrote between or below quoted lines is kept, with those lines where they stand between
answers. Farewells stay; what stands below "-- " goes, and so does a last line that names the program. In doubt a line
stays: a line too many is read over, a line too few is lost. One pass over the lines, whatever they are.
"""

from __future__ import annotations

import re

OURS = "Pledge customer service"
QUOTED_FROM_HERE = "-----Original Message-----"
"""The line that stands where a part begins which a page marks as quoted."""

_WROTE = (
    r"wrote|writes|schrieb|schreef|geschreven|a écrit|écrit|escribió|escribio|ha scritto|scrive|napisał|napisała|"
    r"napisał\(a\)|pisze|escreveu|skrev|kirjoitti|написал|написала|пише|пишет|napsal|napsal\(a\)|napísal|a írta|írta|"
    r"a scris|yazdı|şunu yazdı|έγραψε|のメール|書きました|wrote|写道|寫道|작성|napisana przez|viết"
)
_VERB = re.compile(rf"(?:\b(?:{_WROTE})|のメール|書きました|写道|寫道|작성)", re.I)
_ADDRESS = re.compile(r"[<(\[]?[^\s<>@]{1,64}@[^\s<>@]{1,190}[>)\]]?")
_QUOTE = re.compile(r"^[ \t]*>")
_LABELS_FROM = "From|Von|De|Da|Van|Od|Från|Fra|Lähettäjä|От|Від|Kimden|Feladó|差出人|送信元|发件人|寄件者|보낸 사람"
_LABELS = (
    f"{_LABELS_FROM}|Sent|Gesendet|Envoyé|Envoyé le|Enviado|Enviado el|Enviada em|Inviato|Data invio|Verzonden|Wysłano|"
    "Skickat|Sendt|Lähetetty|Отправлено|送信日時|日付|发送时间|发送日期|傳送日期|日期|보낸 날짜|날짜|"
    "Date|Datum|Fecha|Data|Dato|Дата|To|An|À|A|Para|Aan|Do|Till|Til|Vastaanottaja|Кому|宛先|To|收件人|받는 사람|"
    "Cc|Kopie|DW|UDW|抄送|Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Temat|Ämne|Emne|Aihe|Assunto|Тема|"
    "件名|主题|主旨|제목|Reply-To|Antwort an"
)
_FROM = re.compile(rf"^\s*\*?(?:{_LABELS_FROM})\s?\*?\s?[:：]\*?\s*\S", re.I)
_LABEL = re.compile(rf"^\s*\*?(?:{_LABELS})\s?\*?\s?[:：]", re.I)
_SEPARATOR = re.compile(
    r"^\s*[-_*]{2,}\s*(?:Original Message|Original message|Ursprüngliche Nachricht|Originalnachricht|"
    r"Ursprungliche Nachricht|Message d['’]origine|Message original|Mensaje original|Messaggio originale|"
    r"Oorspronkelijk bericht|Oryginalna wiadomość|Wiadomość oryginalna|Mensagem original|Ursprungligt meddelande|"
    r"Original meddelelse|Oprindelig meddelelse|Исходное сообщение|元のメッセージ|Original Message Follows|"
    r"原始邮件|原始郵件|원본 메시지|Reply message|Antwort-Nachricht)\s*[-_*]{2,}\s*$",
    re.I,
)
_RULE = re.compile(r"^\s*(?:_{10,}|-{20,}|={20,})\s*$")
_SIGNED = re.compile(r"^--\s*$|^-- $|^—\s*$")
_PROGRAM = re.compile(
    r"^\s*[\[(<]?(?:sent (?:from|via|with) |get outlook for|von meinem .{1,40} gesendet|gesendet (?:von|mit|über) |"
    r"diese nachricht wurde von .{1,40} gesendet|envoyée? (?:de|depuis|à partir d|avec) ?|télécharger outlook|"
    r"obtenez outlook|enviado (?:desde|do|con|com|de) |obtener outlook|inviato (?:da|dal|con) |scarica outlook|"
    r"verzonden (?:vanaf|met|vanuit) |verstuurd (?:vanaf|met) |outlook voor .{1,20} downloaden|"
    r"wysłan[eoay] (?:z|za pomocą) |pobierz (?:program )?outlook|skickat från |sendt fra |lähetetty |"
    r"отправлено (?:из|с) |(?:iPhone|Android|スマートフォン)から送信|从我的.{1,20}发送|发自我的|나의 .{1,20}에서 보냄|"
    r"holen sie sich outlook|outlook für (?:ios|android) (?:herunter)?laden|yahoo mail[:!]? ?(?:search|such)?)",
    re.I,
)
_WRAPPED = 60  # a quoted line that is at least so long may have been wrapped by the program
_HEAD_LINES = 3  # over so many lines a line like "On … wrote:" may be broken
_LINE = 1000  # of a longer line only the beginning is looked at


def cut(text: str) -> str:
    """Return what the writer wrote; "" where there is nothing but what is quoted."""
    lines = text.split("\n")
    where = _first_quotation(lines)
    if where is None:
        return _signed_off(lines)
    start, after = where
    above = _signed_off(lines[:start])
    below = _answers(lines[after:], whole=not above)
    return "\n\n".join(part for part in (above, below) if part)


def _first_quotation(lines: list[str]) -> tuple[int, int] | None:
    """Return where the first quotation begins, and where what is quoted does."""
    for place, raw in enumerate(lines):
        line = raw[:_LINE]
        if not line.strip():
            continue
        if _SEPARATOR.match(line):
            return place, place + 1
        if _QUOTE.match(line):
            bare = _bare(lines, place)
            begins = _wrote(bare, 0)
            return place, place + (begins or 0)
        if _RULE.match(line) and (head := _next(lines, place + 1)) is not None and _is_head(lines, head):
            return place, head
        if _is_head(lines, place):
            return place, place
        if (ends := _wrote(lines, place)) is not None:
            return place, ends
    return None


def _bare(lines: list[str], place: int) -> list[str]:
    """Return the next lines without the mark: Apple Mail marks the line that begins its quotation, too."""
    return [re.sub(r"^[ \t]*>[ \t]?", "", line[:_LINE]) for line in lines[place : place + _HEAD_LINES + 3]]


def _wrote(lines: list[str], place: int) -> int | None:
    """Return the place after a line like "On … wrote:", which may be broken into several."""
    joined = ""
    for length in range(1, _HEAD_LINES + 1):
        if place + length > len(lines):
            return None
        part = lines[place + length - 1][:_LINE].strip()
        if not part:
            return None
        joined = f"{joined} {part}".strip()
        if len(joined) > 400:
            return None
        if joined.endswith((":", "：", "写道：", "写道:", "寫道：")):
            return place + length if _says_who(joined, lines, place + length) else None
    return None


def _says_who(line: str, lines: list[str], after: int) -> bool:
    """Return whether a line with a colon at its end begins a quotation."""
    has_date, has_verb = any(char.isdigit() for char in line), _VERB.search(line) is not None
    if OURS in line and (has_verb or has_date):
        return True
    if _ADDRESS.search(line) and has_date and (has_verb or line.rstrip(" :：").endswith((">", ")"))):
        return True
    following = _next(lines, after)
    return has_date and has_verb and following is not None and _QUOTE.match(lines[following]) is not None


def _is_head(lines: list[str], place: int) -> bool:
    """Return whether there the head of a quoted mail stands, as Outlook writes it: "From: … Sent: … To: …"."""
    if not _LABEL.match(lines[place][:_LINE]):
        return False
    head = [line[:_LINE] for line in lines[place : place + 9] if line.strip()][:6]
    return any(map(_FROM.match, head)) and sum(1 for line in head if _LABEL.match(line)) > 2


def _next(lines: list[str], place: int) -> int | None:
    """Return the place of the next line that is not blank, within a few."""
    return next((at for at in range(place, min(place + 4, len(lines))) if lines[at].strip()), None)


def _answers(lines: list[str], *, whole: bool) -> str:
    """Return what was written below or between quoted lines.

    whole: nothing was written above them. Without lines that are marked, all of it is quoted.
    """
    marked = [_QUOTE.match(line[:5]) is not None for line in lines]
    if True not in marked:
        return ""
    answers = _chunks(lines, marked)
    if not answers:
        return ""
    if len(answers) == 1 and (whole or answers[0][1] >= len(lines)):
        return _signed_off(lines[answers[0][0] : answers[0][1]])
    first = marked.index(True)
    end = max(stop for _, stop in answers)
    return _signed_off(lines[first:end])


def _chunks(lines: list[str], marked: list[bool]) -> list[tuple[int, int]]:
    """Return from where to where lines stand that are not marked, and are no broken ends of lines that are."""
    found: list[tuple[int, int]] = []
    place = marked.index(True)
    while place < len(lines):
        if marked[place]:
            place += 1
            continue
        stop = next((at for at in range(place, len(lines)) if marked[at]), len(lines))
        part = lines[place:stop]
        broken = part[0].strip() and len(lines[place - 1]) >= _WRAPPED
        words = [line for line in (part[1:] if broken else part) if line.strip()]
        if words and not _SIGNED.match(words[0]) and not _PROGRAM.match(words[0][:_LINE]):
            found.append((place, stop))
        place = stop
    return found


def _signed_off(lines: list[str]) -> str:
    """Return the lines without what stands below "-- ", and without a last line that names the program."""
    end = next((at for at, line in enumerate(lines) if _SIGNED.match(line) and "".join(lines[:at]).strip()), len(lines))
    while end and (not lines[end - 1].strip() or _PROGRAM.match(lines[end - 1][:200]) or _RULE.match(lines[end - 1])):
        end -= 1
    return "\n".join(lines[:end]).strip()
