// What happened to a worker process, and what it did, as the harness came to know it: kept for the
// record after the process is gone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace seatrial::workers {

// What happened to a member, in the order in which the harness came to know it.
struct WorkerEvent {
  enum class Kind {
    started,   // its process exists; text: "pid 123"
    joined,    // it takes part in the group
    assigned,  // partitions came to it
    revoked,   // partitions were taken from it, or given back when it left
    lost,      // the group had given its partitions to others before it knew
    paused,    // it was told to stand still, and to go on
    resumed,
    leaving,         // it was asked to leave the group
    commit_refused,  // the first of its process with this error; text: the error's name
    ended            // its process is gone; text: how it ended
  };
  Kind kind = Kind::started;
  std::int64_t at_ns = 0;
  std::vector<std::int32_t> partitions;
  std::string text;
  friend bool operator==(const WorkerEvent&, const WorkerEvent&) = default;
};
[[nodiscard]] std::string to_string(WorkerEvent::Kind kind);

struct WorkerLog {
  std::vector<WorkerEvent> events;
  std::map<std::string, std::uint64_t> refused_commits;  // error -> how often
  std::uint64_t handed = 0;                              // messages, also those that came again
  std::uint64_t torn_records = 0;  // cut short by the process's death, and so not known
  int without_report = 0;          // processes that were ended before they could report
};

}  // namespace seatrial::workers
