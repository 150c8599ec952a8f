"""PERFORMS the steps, in story order. One verb-named file per step; opens transactions."""
