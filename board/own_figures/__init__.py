"""An area's own figures by a template: taken away, filled in, rehearsed, brought in."""
