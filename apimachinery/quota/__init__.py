"""What objects take of quotas: for the API server's admission, and for the controller that counts everything again."""
