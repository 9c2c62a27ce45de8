// Names of events, as they stand in the record.
#include "workers/worker_log.hpp"

#include <array>

namespace seatrial::workers {

std::string to_string(WorkerEvent::Kind kind) {
  static constexpr std::array<const char*, 10> names{
      "started", "joined",  "assigned", "revoked",        "lost",
      "paused",  "resumed", "leaving",  "commit refused", "ended"};
  return names.at(static_cast<std::size_t>(kind));
}

}  // namespace seatrial::workers
