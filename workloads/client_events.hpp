// What a client library says of itself while a lane runs, counted by kind, for the lane's notes;
// and the carrying of exceptions out of its C callbacks. Used on the lane's thread only: the
// library calls these callbacks from within rd_kafka_poll and its like.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client/workload.hpp"

namespace seatrial::workloads {

class ClientEvents {
 public:
  // `counters`, if any, are told of throttling as it happens.
  explicit ClientEvents(LaneCounters* counters = nullptr) : counters_(counters) {}
  // An error of the client as a whole: a connection, all brokers, an idempotence rule.
  void error(rd_kafka_t& client, int code, const char* reason);
  // The same of a client that is not librdkafka's, by its numbers.
  void error(int code, const std::string& reason);
  // A broker keeps the client waiting for so long, because it is above its quota.
  void throttled(int for_ms) noexcept {
    if (counters_ == nullptr || for_ms <= 0) return;
    const auto ns = static_cast<std::uint64_t>(for_ms) * 1'000'000;
    counters_->throttle_ns.fetch_add(ns, std::memory_order_relaxed);
  }
  // An answer to the client: kept if it refuses the value of a property.
  void answered(int code, const std::string& text);
  // Throws InfrastructureError, with what helps, if brokers refused to let the client log in, and
  // SettingRefused if they refused the value of one of its properties. `options`: which option of
  // the workload sets a property, where one does.
  void require_accepted(const std::string& workload,
                        const std::map<std::string, std::string>& options = {}) const;
  // The client can do nothing more.
  [[nodiscard]] bool fatal() const { return fatal_; }
  void note(std::string text) { notes_.push_back(std::move(text)); }
  // A sentence for each note and each kind of error.
  [[nodiscard]] std::vector<std::string> notes() const;

  // Runs a callback's body; what it throws waits for `rethrow`. C code must not be unwound.
  template <class Body>
  void guarded(Body body) noexcept {
    try {
      body();
    } catch (...) {
      if (!thrown_) thrown_ = std::current_exception();
    }
  }
  void rethrow() {
    if (thrown_) [[unlikely]] std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

 private:
  struct Kind {
    std::uint64_t count = 0;
    std::string first;
  };
  LaneCounters* counters_;
  std::map<int, Kind> errors_;
  std::vector<std::string> notes_;
  std::string login_failure_;
  std::string refused_property_, refusal_;
  std::exception_ptr thrown_;
  bool fatal_ = false;
};

}  // namespace seatrial::workloads
