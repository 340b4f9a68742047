"""What a view is made of: line-rendered panes that know the shapes of readings and never a driver."""
