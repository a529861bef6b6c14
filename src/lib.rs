//! siaga: watches records about foreign nationals against an election timeline and alerts the agencies responsible.
