"""What support does: one function per command or event, each in the caller's transaction.

tickets     what customers and agents do with a ticket      links      how a guest gets in, and gets in again
sign_in     one-time codes and roles                        mailing    queue mails, send them, note how it went
following   what other services announce about an order     promises   promises at risk or broken
news        how news reaches a customer or a lead: as a mail, or in a conversation
"""
