"""The files that an officer of Testshire holds. The area, its plan and its figures are made up, and say so."""
