"""What support does: one function per command or event, each in the caller's transaction.

access      who may do what with a ticket, and what they have shown
api_keys    keys of the shop's own systems: made, ended, exchanged for an access token
assigning   who gets a ticket: handed out by load, taken back from who is off
articles    the help centre: written, published by a second person, found, rated
complaints  taken in, investigated, decided by people, objected to; refunds for them are asked of orders
batch       one step for many tickets, each by itself
basis       what an answer rests on: found, kept with it, and which answers rest on nothing
canned      texts that staff answer with: saved, filled, and sent with what they set
delivering  webhooks: queued with the event that they tell of, sent after it
drafting    what staff are writing, kept for them alone until it is sent
escalating  a customer asks for a lead
factors     set up a second factor, check its passwords and recovery codes
following   what other services announce about an order
guarding    what speaks against a message of a stranger
ladder      who is told when the time of a promise on a ticket runs out
letters_in  answers and questions that people send by mail
links       how a guest gets in, and gets in again
mail_files  files that come with a mail
mail_in     mails that come in: each taken once, none lost
mailing     queue mails, send them, note how it went
merging     tickets that go on in another one, and come back; tickets that are related
news        how news reaches a customer or a lead: as a mail, or in a conversation
notices_in  mails that no person wrote: answers of programs, mails that came back
opening     how a conversation begins
own_mails   mails about their tickets that a member of staff may turn off
passkeys    set up, list and remove passkeys; check what a device has signed
privacy     a customer's own data: asked for with a code, copied, erased
privacy_mails  what follows once a mail about it has left
promises    promises at risk or broken
quality     answers that leads read: drawn with the step that makes them, and what was found
rating      how satisfied customers are: asked for by mail, given once
reads       which personal data staff have read
reply_tokens  whose answer a mail is
reports     what leads read about the whole: satisfaction, times, rejections, deflection
sessions    refresh, check, list and end sessions; sign out
sign_in     one-time codes by mail, and what they start
sorting     rules that sort what comes in, and how far orders are
splitting   messages that become a ticket of their own
staff       list, add, change and deactivate those who work here
suggestions what customers want to be better: decided by a lead, told to who follows it
teams       teams, and who is there
tickets     the other steps of customers and agents
uploads     files that are sent along: begun, named once, seen by who sees what they belong to, removed
unreached   mails that did not reach a customer: a person is told
verifying   questions that are looked into, and answered when a second person agrees
waiting     reminders, and what ends by itself
workload    who has how much to do, and who did it
webhooks    addresses that events are sent to, and what was sent
whom        whom to tell when a ticket is taken higher
writing     messages, reopening, what is written too late
"""
