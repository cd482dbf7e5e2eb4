"""Mail: the texts, and how they leave.

letter    what every mail is made of       sending   SMTP or files
html      the same letter as a page        composing   one mail as the bytes that travel
orders, logistics, aftersales, promises, tickets   one function for each mail
"""
