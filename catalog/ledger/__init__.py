"""工作台账: the tasks of the plans and the bundles as entries of the register, their goals, progress and close-out."""
