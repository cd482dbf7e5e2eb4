"""Sixty answers as mail programs of many lands write them: what they say, and how they quote our mail.

Each is (program and language, what its writer wrote, the text or page that came). {q} stands for our mail with each
line marked by ">", {b} for the same without marks, {p} for it as a page.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple

US = "Pledge customer service <support@pledge.example>"
OUR_MAIL = (
    "Hello Ada,\n\nWe have answered you:\n\nThe shirt is made of cotton: 180 g to the"
    " square metre, and it is made in a "
    "small town.\n\nYour ticket: TIC-0000-0007-C\nRead and answer: https://shop.example/tickets/TIC-0000-0"
    "007-C#token=x\n"
    "\nKind regards\nPledge customer service"
)


class Answer(NamedTuple):
    """One mail. charset: in which its text is sent; flowed: whether its lines are joined by who reads it."""

    program: str
    wrote: str
    plain: str = ""
    page: str = ""
    charset: str = "utf-8"
    flowed: bool = False

    def raw(self, to: str = "support@pledge.example", message_id: str = "<1@mail.example>") -> bytes:
        """Build the bytes of the mail."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = "Ada Lovelace <ada@example.com>", to, "Re: We have answered you"
        mail["Message-ID"], mail["Date"] = message_id, "Mon, 02 Mar 2026 11:00:00 +0100"
        marked = "\n".join(f"> {line}".rstrip() for line in OUR_MAIL.splitlines())
        filled = {"{q}": marked, "{b}": OUR_MAIL, "{p}": OUR_MAIL.replace("\n", "<br>")}
        plain, page = (_filled(each, filled) for each in (self.plain, self.page))
        if plain:
            mail.set_content(plain, charset=self.charset)
            if self.flowed:
                mail.set_param("format", "flowed")
        if plain and page:
            mail.add_alternative(page, subtype="html")
        elif page:
            mail.set_content(page, subtype="html", charset=self.charset)
        return mail.as_bytes()


def _filled(text: str, filled: dict[str, str]) -> str:
    for name, value in filled.items():
        text = text.replace(name, value)
    return text


def _head(wrote: str, line: str, foot: str = "") -> str:
    return f"{wrote}{foot}\n\n{line}\n\n{{q}}\n"


def _outlook(wrote: str, labels: str, rule: str = "", foot: str = "") -> str:
    sender, sent, to, about = labels.split("|")
    head = f"{sender}: {US}\n{sent}: Monday, 2 March 2026 10:00\n{to}: Ada Lovelace <ada@example.com>\n{about}: We have"
    return f"{wrote}{foot}\n\n{rule}{head} answered you\n\n{{b}}\n"


EN, DE, FR, ES = (
    "Size M, please.",
    "Größe M, bitte.\n\nViele Grüße\nAda",
    "La taille M, s'il vous plaît.",
    "La talla M.",
)
IT, NL, PL, PT = "La taglia M, grazie.", "Maat M, alstublieft.", "Poproszę rozmiar M.", "O tamanho M, por favor."
JA, ZH, KO, SV = "Mサイズでお願いします。", "请给我M号。", "M 사이즈로 부탁드립니다.", "Storlek M, tack."
RU, CS = "Размер M, пожалуйста.", "Velikost M, prosím."
RULED = "________________________________\n"

ANSWERS = (
    # Gmail
    Answer("Gmail en", EN, _head(EN, f"On Mon, 2 Mar 2026 at 10:00, {US}\nwrote:")),
    Answer(
        "Gmail en broken in three",
        EN,
        _head(EN, "On Mon, Mar 2, 2026 at 10:00 AM Pledge customer service <\nsupport@pledge.example> wrote:"),
    ),
    Answer("Gmail de", DE, _head(DE, f"Am Mo., 2. März 2026 um 10:00 Uhr schrieb {US}:")),
    Answer("Gmail fr", FR, _head(FR, f"Le lun. 2 mars 2026 à 10:00, {US} a\nécrit :")),
    Answer("Gmail es", ES, _head(ES, f"El lun, 2 mar 2026 a las 10:00, {US} escribió:")),
    Answer("Gmail it", IT, _head(IT, f"Il giorno lun 2 mar 2026 alle ore 10:00 {US} ha scritto:")),
    Answer("Gmail nl", NL, _head(NL, f"Op ma 2 mrt 2026 om 10:00 schreef {US}:")),
    Answer("Gmail pl", PL, _head(PL, f"pon., 2 mar 2026 o 10:00 {US} napisał(a):")),
    Answer("Gmail pt", PT, _head(PT, f"Em seg., 2 de mar. de 2026 às 10:00, {US} escreveu:")),
    Answer("Gmail ja", JA, _head(JA, f"2026年3月2日(月) 10:00 {US}:"), charset="utf-8"),
    Answer("Gmail zh", ZH, _head(ZH, f"{US} 于2026年3月2日周一 10:00写道：")),
    Answer("Gmail ko", KO, _head(KO, f"2026년 3월 2일 (월) 오전 10:00, {US}님이 작성:")),
    Answer("Gmail sv", SV, _head(SV, f"Den mån 2 mars 2026 kl 10:00 skrev {US}:")),
    Answer("Gmail ru", RU, _head(RU, f"пн, 2 мар. 2026 г. в 10:00, {US}:"), charset="koi8-r"),
    Answer("Gmail cs", CS, _head(CS, f"po 2. 3. 2026 v 10:00 odesílatel {US} napsal:")),
    Answer(
        "Gmail page alone",
        EN,
        page=(
            f'<div dir="ltr">{EN}</div><br><div class="gmail_quote gmail_quote_container"><div'
            ' dir="ltr" class="gmail_attr">On Mon, 2 Mar 2026 at 10:00, Pledge &lt;<a href="mailto:support@pledge.'
            f'example">support@pledge.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">{{p}}'
            "</blockquote></div>"
        ),
    ),
    Answer("Gmail on Android", EN, _head(EN, f"On Mon, 2 Mar 2026, 10:00 {US},\nwrote:")),
    # Outlook
    Answer("Outlook en", EN, _outlook(EN, "From|Sent|To|Subject", RULED)),
    Answer("Outlook en without a rule", EN, _outlook(EN, "From|Sent|To|Subject")),
    Answer("Outlook de", DE, _outlook(DE, "Von|Gesendet|An|Betreff")),
    Answer("Outlook fr", FR, _outlook(FR, "De |Envoyé |À |Objet ", RULED)),
    Answer("Outlook es", ES, _outlook(ES, "De|Enviado el|Para|Asunto")),
    Answer("Outlook it", IT, _outlook(IT, "Da|Inviato|A|Oggetto")),
    Answer("Outlook nl", NL, _outlook(NL, "Van|Verzonden|Aan|Onderwerp")),
    Answer("Outlook pl", PL, _outlook(PL, "Od|Wysłano|Do|Temat"), charset="iso-8859-2"),
    Answer("Outlook ja", JA, _outlook(JA, "差出人|送信日時|宛先|件名"), charset="iso-2022-jp"),
    Answer("Outlook zh", ZH, _outlook(ZH, "发件人|发送时间|收件人|主题"), charset="gb18030"),
    Answer("Outlook ko", KO, _outlook(KO, "보낸 사람|보낸 날짜|받는 사람|제목")),
    Answer("Outlook pt", PT, _outlook(PT, "De|Enviado|Para|Assunto")),
    Answer("Outlook bold labels", EN, _outlook(EN, "*From|*Sent|*To|*Subject").replace("m: P", "m:* P")),
    Answer(
        "Outlook of old", EN, f"{EN}\n\n-----Original Message-----\nFrom: {US}\nSent: Monday\nSubject: x\n\n{{b}}\n"
    ),
    Answer(
        "Outlook of old de",
        DE,
        f"{DE}\n\n-----Ursprüngliche Nachricht-----\nVon: {US}\nGesendet: Montag\n\n{{b}}\n",
        charset="iso-8859-1",
    ),
    Answer(
        "Outlook for iOS",
        EN,
        _outlook(EN, "From|Sent|To|Subject", RULED, "\n\nGet Outlook for iOS<https://aka.ms/o0ukef>"),
    ),
    Answer(
        "Outlook for Android de",
        DE,
        _outlook(DE, "Von|Gesendet|An|Betreff", RULED, "\n\nHolen Sie sich Outlook für Android<https://aka.ms/a>"),
    ),
    Answer(
        "Outlook on the web, page alone",
        EN,
        page=(
            f'<html><head><style>p {{}}</style></head><body><div class="elementToProof">{EN}</div>'
            '<div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"'
            f' dir="ltr"><b>From:</b> Pledge<br><b>Sent:</b> Monday<br></div><div>{{p}}</div></body>'
            "</html>"
        ),
    ),
    Answer(
        "Outlook for Windows, page alone",
        EN,
        page=(
            f'<div class="WordSection1"><p class="MsoNormal">{EN}</p><p>&nbsp;</p><div style="border:none">'
            '<p class="MsoNormal"><b>From:</b> Pledge customer service &lt;support@pledge.example&gt;'
            "<br><b>Sent:</b> Monday, 2 March 2026 10:00<br><b>To:</b> Ada<br><b>Subject:</b>"
            f" We have answered you</p></div><p>{{p}}</p></div>"
        ),
    ),
    # Apple Mail
    Answer("Apple Mail en", EN, f"{EN}\n\n> On 2 Mar 2026, at 10:00, {US} wrote:\n> \n{{q}}\n"),
    Answer("Apple Mail de", DE, f"{DE}\n\n> Am 02.03.2026 um 10:00 schrieb {US}:\n> \n{{q}}\n"),
    Answer("Apple Mail fr", FR, _head(FR, f"Le 2 mars 2026 à 10:00, {US} a écrit :")),
    Answer("Apple Mail nl", NL, _head(NL, f"Op 2 mrt 2026, om 10:00 heeft {US} het volgende geschreven:")),
    Answer("Apple Mail pl", PL, _head(PL, f"Wiadomość napisana przez {US} w dniu 2 mar 2026, o godz. 10:00:")),
    Answer("iPhone en", EN, _head(EN, f"On 2 Mar 2026, at 10:00, {US} wrote:", "\n\nSent from my iPhone")),
    Answer(
        "iPhone de",
        DE,
        f"{DE}\n\nVon meinem iPhone gesendet\n\n> Am 02.03.2026 um 10:00 schrieb {US}:\n> \n> ﻿\n{{q}}\n",
    ),
    Answer(
        "iPhone ja",
        JA,
        f"{JA}\n\niPhoneから送信\n\n> 2026/03/02 10:00、{US}のメール:\n> \n{{q}}\n",
        charset="iso-2022-jp",
    ),
    Answer("iPhone es", ES, _head(ES, f"El 2 mar 2026, a las 10:00, {US} escribió:", "\n\nEnviado desde mi iPhone")),
    Answer(
        "iPhone it, page alone",
        IT,
        page=(
            f'<html><body dir="auto">{IT}<br><div dir="ltr"><br>Inviato da iPhone</div><div dir="ltr">'
            '<br><blockquote type="cite">Il giorno 2 mar 2026, alle ore 10:00, Pledge ha scritto:'
            f"<br>{{p}}</blockquote></div></body></html>"
        ),
    ),
    # Thunderbird
    Answer("Thunderbird en", EN, _head(EN, "On 02/03/2026 10:00, Pledge customer service wrote:"), flowed=True),
    Answer(
        "Thunderbird de below the quotation",
        DE,
        f"Am 02.03.26 um 10:00 schrieb Pledge customer service:\n{{q}}\n\n{DE}\n",
        flowed=True,
    ),
    Answer(
        "Thunderbird en, signed",
        EN,
        f"{EN}\n\n-- \nAda Lovelace\nEngines Ltd, London\n\nOn 02/03/2026 10:00, Pledge customer"
        f" service wrote:\n{{q}}\n",
    ),
    Answer("Thunderbird pl", PL, _head(PL, "W dniu 2.03.2026 o 10:00, Pledge customer service pisze:")),
    Answer(
        "Thunderbird fr, page alone",
        FR,
        page=(
            f'<html><body><p>{FR}</p><div class="moz-cite-prefix">Le 02/03/2026 à 10:00, Pledge'
            f' a écrit :<br></div><blockquote type="cite">{{p}}</blockquote></body></html>'
        ),
        charset="iso-8859-15",
    ),
    Answer(
        "Thunderbird between the lines",
        "> The shirt is made of cotton.\n\nThank you, that is good.\n\n> Which size?\n\nSize M.",
        f"On 02/03/2026 10:00, {US} wrote:\n> The shirt is made of cotton.\n\nThank you, that"
        " is good.\n\n> Which size?\n\nSize M.\n",
    ),
    # others
    Answer("Yahoo en", EN, f"{EN}\n\n    On Monday, March 2, 2026 at 10:00:00 AM GMT+1, {US} wrote:  \n \n {{b}}\n"),
    Answer(
        "Yahoo, page alone",
        EN,
        page=(
            f'<div class="ydp1yahoo-style-wrap"><div dir="ltr">{EN}</div></div><div id="ydp2yahoo_quoted_1"'
            f' class="yahoo_quoted"><div>On Monday, Pledge wrote:</div><div>{{p}}</div></div>'
        ),
    ),
    Answer(
        "GMX de",
        DE,
        f"{DE}\n\nGesendet: Montag, 02. März 2026 um 10:00 Uhr\nVon: {US}\nAn: ada@example.com\nBetreff:"
        f" We have answered you\n\n{{b}}\n",
    ),
    Answer(
        "Samsung Mail",
        EN,
        f"{EN}\n\nSent from my Galaxy\n\n-------- Original message --------\nFrom: {US}\nDate:"
        f" 02/03/2026 10:00 (GMT+01:00)\nTo: ada@example.com\n\n{{b}}\n",
    ),
    Answer(
        "Proton Mail",
        EN,
        f"{EN}\n\nSent with Proton Mail secure email.\n\nOn Monday, March 2nd, 2026 at 10:00, {US} wrote:\n\n{{q}}\n",
    ),
    Answer(
        "QQ Mail",
        ZH,
        f"{ZH}\n\n\n------------------ 原始邮件 ------------------\n发件人: {US}\n发送时间: 2026年3月2日\n\n{{b}}\n",
        charset="gb18030",
    ),
    Answer(
        "a list of hyphens, no quotation",
        "Three things:\n- size M\n- in blue\n- not before Friday\n\nBest regards\nAda",
        "Three things:\n- size M\n- in blue\n- not before Friday\n\nBest regards\nAda\n",
    ),
    Answer(
        "a colon and a date of one's own",
        "On 2 March your colleague Grace wrote:\n\nyou will have it on Friday.\n\nWhere is it?",
        "On 2 March your colleague Grace wrote:\n\nyou will have it on Friday.\n\nWhere is"
        f" it?\n\nOn Mon, 2 Mar 2026 at 10:00, {US} wrote:\n\n{{q}}\n",
    ),
)
