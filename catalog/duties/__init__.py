"""The legal clock: duties with limits stated by law, as event-timed state machines that anyone can replay."""
