"""Pictures for people: panels, grids and plots."""
