"""Programs written for the official client, run on it and on hzclient: they must print the same."""
