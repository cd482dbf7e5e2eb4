"""Mail in: the mailbox that is read, and what a mail says. Nothing here touches the database.

settings  which mailbox, and the addresses that customers answer to
maildir, imap   the two kinds of mailbox; each keeps what was dealt with in Done, and what was not taken in Aside
reading   the bytes of a mail, within bounds, as an `IncomingMail`
kinds     whether a person wrote it, a program, or a mail server that gave our mail back
bodies    the text of a mail, from whatever characters and markup it has
cutting   the text without what it quotes
"""
