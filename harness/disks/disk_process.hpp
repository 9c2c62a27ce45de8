// The process that serves a cluster's disks: this program, started by the harness as `seatrial
// disks`. Not for people: stdin is a socket on which its harness gives orders (orders.hpp), and
// whose end is its end.
//
// A process of its own, as a thread of the harness could come to wait for its own disk (by a page
// fault, or by writing where memory is short), and nobody would ever answer it. It ends with its
// harness however that ends; mounts that then lead nowhere are swept as all leftovers are.
#pragma once

namespace seatrial::disks {

inline constexpr const char* disks_verb = "disks";

// The whole life of the process; returns its exit code.
int run_disk_process();

}  // namespace seatrial::disks
