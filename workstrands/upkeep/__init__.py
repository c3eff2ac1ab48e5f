"""Keeping the actions of a plan: added, edited, moved, handed over, split, merged, dated, retired, and each undone.

What a lead reports is never touched. Where an action hangs, who leads it and when it is due are further rows; its wording
is edited in place, with its history. Every write holds the plan's row first, so that of two officers the second is told.
"""
