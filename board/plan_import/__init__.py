"""Bringing an area's plan in from its own file: a workbook, a table in Word, or text with delimiters."""
