"""How far biomech is from the truth: measured trials, filmed in the computer.

Trials of motion-capture laboratories, with force plates or the laboratory's own events,
are measured as they are and as a camera would have seen them; what comes out is
compared with the truth and with the goals of the project.
"""
