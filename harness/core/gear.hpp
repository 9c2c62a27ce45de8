// What a cluster is fitted with before it starts, since nothing can be put under or before brokers
// that run. Each is what a group of faults acts by, and a capability that the cluster hands out.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace seatrial {

enum class Gear {
  proxy,   // before the listeners: Cluster::network()
  disks,   // under the data: Cluster::disks()
  clocks,  // that the nodes read: Cluster::clocks()
  limits   // of CPU time and memory: Cluster::limits()
};
std::string_view to_string(Gear gear);             // "proxy", as `cluster:` calls it
std::string missing_words(Gear gear);              // "no proxy can be put before it"
std::string to_string(const std::set<Gear>& all);  // "disks, proxy"; "none"

}  // namespace seatrial
