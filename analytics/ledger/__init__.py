"""工作台账 as of any day, from the lake: what is planned and done in each period, what slips, and what changed."""
