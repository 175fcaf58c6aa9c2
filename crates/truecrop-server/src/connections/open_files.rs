//! The limit of open files: each connection is one, and so is each picture that is read or written.

/// Raises the limit to what the system allows this process. It is often 1,024, a tradition for programs that use `select`.
pub fn raise_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current == maximum {
            return;
        }
        if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
            tracing::warn!("the limit of open files stays as it is: {error}");
        }
    }
}
