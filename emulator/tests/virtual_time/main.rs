//! The library through its public interface, without sockets and without waiting.

mod contract;
mod virtual_nyne;
mod worlds;
