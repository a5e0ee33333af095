"""What walking and running share: travel over the ground, swings, footfalls, means."""
