//! A server between client and API server that does what a real one does rarely.
