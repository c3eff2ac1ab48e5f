"""The Board's papers: one list of contents, made once of the board report, and its renderings.

`contents.py` lays out what a paper says, block by block; `pdf.py`, `word.py`, `slides.py`, `workbook.py` and `rows.py` only
render. What two renderings show is the same because it is the same object.
"""
