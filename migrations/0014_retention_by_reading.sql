-- Lines that were sent to us age by how far they were read; what lives in a cluster of others has no part in that.

grant select (source_type) on log_sources to seismolog_sweeper;
