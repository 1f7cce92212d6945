//! What may happen to the API server, and on the way to it, meanwhile.
