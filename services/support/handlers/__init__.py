"""What support does: one function per command or event, each in the caller's transaction.

opening     how a conversation begins                       writing    messages, reopening, what is written too late
tickets     the other steps of customers and agents         access     who may do what, and what they have shown
waiting     reminders, and what ends by itself              links      how a guest gets in, and gets in again
sign_in     one-time codes and roles                        mailing    queue mails, send them, note how it went
following   what other services announce about an order     promises   promises at risk or broken
news        how news reaches a customer or a lead: as a mail, or in a conversation
unreached   mails that did not reach a customer: a person is told
"""
