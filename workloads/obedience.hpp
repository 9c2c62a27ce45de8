// What a member does because a fault wants it so (core/clients.hpp): it polls too seldom, or its
// handler is slow. Lane's thread only.
#pragma once

#include <thread>

#include "core/clients.hpp"
#include "core/time.hpp"

namespace seatrial::workloads {

class Obedience {
 public:
  // Null: nobody tells it anything.
  explicit Obedience(ClientConduct* conduct) : conduct_(conduct) {}

  // To be called after a poll.
  void polled() {
    if (conduct_ != nullptr) polled_ns_ = to_ns(now());
  }

  // To be called before a poll: waits while it shall not, and no longer than until `over`. The
  // client's own threads go on meanwhile, heartbeats included.
  template <class Over>
  void await_poll(const Over& over) {
    if (conduct_ == nullptr || !conduct_->skips_polls) return;
    const std::int64_t since_ns = polled_ns_ != 0 ? polled_ns_ : to_ns(now());
    conduct_->not_polling_since_ns = since_ns;
    while (conduct_->skips_polls && !over()) std::this_thread::sleep_for(milliseconds(2));
    conduct_->poll_gap_ns = to_ns(now()) - since_ns;
    conduct_->not_polling_since_ns = 0;  // last: by then the rest is told
  }

  // How much longer than usual the handling of a message shall take.
  [[nodiscard]] nanoseconds slower_by() const {
    return nanoseconds(conduct_ == nullptr ? 0 : conduct_->slower_by_ns.load());
  }
  // Handles a message: takes that long.
  void handle(nanoseconds usual) const {
    const nanoseconds longer = slower_by();
    std::this_thread::sleep_for(usual + longer);
    if (longer.count() > 0) ++conduct_->slowed;
  }

 private:
  ClientConduct* conduct_;
  std::int64_t polled_ns_ = 0;
};

}  // namespace seatrial::workloads
