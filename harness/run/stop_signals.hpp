// Signals that would end the program become a request to stop: faults are healed, the cluster is
// taken down, the record is written. A stop that takes too long is ended itself, so that no hang
// outlives a signal.
//
//   const StopSignals signals({.doing = ": tidying up", .overdue = [] { ...; _exit(2); }});
//   run(signals.token());
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "core/time.hpp"

namespace seatrial::run {

struct StopSetting {
  std::string doing;  // after "stopping", on stderr
  // A further signal that comes this long after the first ends the stop at once.
  nanoseconds patience{std::chrono::seconds(20)};
  // Without one it is ended after this.
  nanoseconds budget{std::chrono::minutes(3)};
  // Ends the program; called from another thread.
  std::function<void()> overdue;
};

// One at a time. Signals that were ignored before stay so (SIGHUP under nohup), but for SIGINT,
// SIGQUIT and SIGTERM; the handlers stay when it goes.
// Children inherit nothing of it, as they would a blocked signal mask.
class StopSignals {
 public:
  explicit StopSignals(StopSetting setting);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  void listen();
  void stop_or_end();

  StopSetting setting_;
  std::stop_source source_;
  Instant first_{};
  std::atomic<bool> over_{false};
  std::thread listener_;
};

}  // namespace seatrial::run
