"""Programs as landscapes: slots of soft ASTs or locations and edits, with their domains."""
