"""Resource quotas: what an object is charged with, who pays for it, and the books that are kept of that."""
