// Leaving a consumer group in bounded time.
#pragma once

#include "core/time.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {

enum class Closing {
  clean,      // offsets committed, group left
  abandoned,  // no answer in time: the group will notice by its session timeout, and what the
              // client holds is freed later, on a thread of its own
};

// Closes and destroys a consumer; `client` is empty afterwards, and still set while rebalance
// callbacks run, on the calling thread. Queues of the consumer must be gone before.
[[nodiscard]] Closing close_consumer(ClientHandle& client, nanoseconds budget);

}  // namespace seatrial::kafka
