// The process that a lane lives in which is a member of a group, or has a client library of its
// own: this program, started by the harness as `seatrial worker -Dseatrial.run=RUN`. Not for
// people: it talks to its harness only.
//
// stdin is a socket to the harness: one line of JSON with what to do, later the words `go` and
// `stop`; its end means that the harness is gone. stdout carries records (worker_records.hpp). The
// memory that lanes share is mapped by the harness's descriptors. To a member SIGTERM is an orderly
// leave. Instead of a lane, the line may hold a question about the client library that the dynamic
// loader took (client_library.hpp): then stdout carries one line with the answer. The process ends
// with its harness however that ends: the kernel kills it then, also while it stands still.
#pragma once

namespace seatrial::workers {

inline constexpr const char* worker_verb = "worker";

// The whole life of the process; returns its exit code.
int run_worker();

}  // namespace seatrial::workers
