"""Who gets into the admin: login in two steps, passwords, sessions, limits of attempts."""
