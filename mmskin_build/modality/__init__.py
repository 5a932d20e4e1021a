"""Clinical, dermoscopy, pathology or other: voters, their fusion, and when a person decides."""
