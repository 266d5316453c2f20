"""Who we trade with and what we agreed: profiles, agreements, overlays, master data and samples, as files."""
