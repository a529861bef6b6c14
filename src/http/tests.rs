//! Requests through the whole router.
