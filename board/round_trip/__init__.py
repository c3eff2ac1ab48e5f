"""Actions sent out as a workbook, filled in offline, and brought back as progress updates."""
