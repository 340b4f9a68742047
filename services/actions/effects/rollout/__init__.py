"""Another version of a component, one component after the other."""
