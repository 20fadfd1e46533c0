"""Metrics in the field's units: `function(target, output) -> [batch]`."""
