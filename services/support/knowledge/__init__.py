"""Knowledge: what every answer may rest on. Its tables, the numbers that texts name, and the articles of a fresh shop.

tables    articles, their versions, what readers thought of them
words     {{refund}} in a text is read from the promises' terms, so that a text cannot name another number
seed      the articles in articles/*.md, published once, where no article was ever saved
"""
