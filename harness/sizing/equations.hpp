// The sizing equations: how many brokers a demand takes, by each resource, and what they are like
// when some are gone. README.md has them on one page, with their sources. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "sizing/coefficients.hpp"
#include "sizing/demand.hpp"

namespace seatrial::sizing {

// At peak, over the whole cluster.
struct Load {
  double disk_bytes_per_s = 0;  // written
  double network_in_bytes_per_s = 0;
  double network_out_bytes_per_s = 0;
  double cpu_cores = 0;
};
[[nodiscard]] Load load_of(const Demand& demand, const Values& values);

struct Share {
  std::string resource;
  double of_one = 0;  // 0.4: four tenths of what there is
};

// The brokers that are up, and what peak takes of each.
struct State {
  std::string name;
  double brokers = 0;
  std::vector<Share> used;
  [[nodiscard]] const Share& most() const;
};

struct Bound {
  std::string resource;
  double brokers = 0;  // that it asks for, tolerated failures included; not rounded
};

struct Estimate {
  double brokers = 0;
  std::string binding;  // the resource whose bound is the largest
  std::vector<Bound> bounds;
  double partitions = 0;
  Load load;
  double storage_bytes = 0;  // of all brokers, free share included
  double storage_bytes_per_broker = 0;
  double memory_bytes_per_broker = 0;  // heap and page cache, with the tolerated failures
  double carries_bytes_per_s = 0;      // payload at which a resource is full, all brokers up
  double catch_up_s = 0;               // after the outage of producers' way in
  double refill_s = 0;  // of one broker that was away as long; below 0: it never catches up
  std::vector<State> states;
};

// An error says what to change: the brokers named cannot carry it, or no machine of this kind can.
Result<Estimate> estimate(const Demand& demand, const Machine& machine, const Values& values);

}  // namespace seatrial::sizing
