"""What is measured rather than tested; `make bench` prints the figures of docs/measurements.md."""
