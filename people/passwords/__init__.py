"""Which passwords are taken: `validators` asks, in this order, whether one is common, made of words of the place, easily
guessed, or known from a breach. Its length and its likeness to the person's own address are Django's to judge."""
