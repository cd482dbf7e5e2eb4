"""What support does: one function per command or event, each in the caller's transaction.

tickets     what customers and agents do with a ticket      links      how a guest gets in, and gets in again
sign_in     one-time codes and roles                         news       what other services tell, as mails and outreach
mailing     owing a mail, sending it, noting how it went
"""
