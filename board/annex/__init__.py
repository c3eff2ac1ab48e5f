"""The self-evaluation annex: the inspection thread as a Word document and as a workbook, made from one reading."""
