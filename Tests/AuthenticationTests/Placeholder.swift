// Placeholder: goes with the first file here.
