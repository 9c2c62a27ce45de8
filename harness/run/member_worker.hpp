// The process that a member of a group lives in: this program, started by the harness as
// `seatrial worker -Dseatrial.run=RUN`. Not for people: it talks to its harness only.
//
// stdin is a socket to the harness: one line of JSON with what to do, later the word `stop`; its
// end means that the harness is gone. stdout carries records (member_records.hpp). SIGTERM is an
// orderly leave. The process ends with its harness however that ends: the kernel kills it then,
// also while it stands still.
#pragma once

namespace seatrial::run {

inline constexpr const char* worker_verb = "worker";

// The whole life of the process; returns its exit code.
int run_member_worker();

}  // namespace seatrial::run
