"""Changes to cases: `opening`, `duties`, `people`, `meeting`, `hearing` (the person reported), and by the clock `clocks`."""
