// A FIFO queue with equal servers, as queueing theory has it: cores of a broker, or one direction
// of its network. Whoever comes must come in the order of time. Seconds; one owner; no clock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace seatrial::simulate {

class Station {
 public:
  explicit Station(std::size_t servers = 1) : free_at_s_(servers, 0.0) {}

  // Of one that comes now and needs a server for so long: when it leaves.
  double serve(double now_s, double service_s) {
    auto first = std::min_element(free_at_s_.begin(), free_at_s_.end());
    *first = std::max(*first, now_s) + service_s;
    busy_s_ += service_s;
    return *first;
  }

  [[nodiscard]] double busy_s() const { return busy_s_; }  // of all servers, what is to come too
  [[nodiscard]] std::size_t servers() const { return free_at_s_.size(); }

 private:
  std::vector<double> free_at_s_;
  double busy_s_ = 0;
};

}  // namespace seatrial::simulate
