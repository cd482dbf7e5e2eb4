"""Documents as PDF: what they say (`receipts`), how one is asked for (`printing`), and the program behind it (`draw`).

    return printing.pdf("receipt.pdf", receipts.receipt(order, now()))

What a document says is a `Paper` of plain texts and tables; for another document, make another Paper. It is drawn by a
process of its own, one at a time, within bounds: the gateway goes on meanwhile. The file for a bank (`evidence`) is a
page, with whatever customers wrote in whatever script; `evidence_paper` puts what it says on paper.
"""
