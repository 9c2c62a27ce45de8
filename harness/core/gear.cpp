// The words for what a cluster is fitted with.
#include "core/gear.hpp"

namespace seatrial {

std::string_view to_string(Gear gear) {
  switch (gear) {
    case Gear::proxy: return "proxy";
    case Gear::disks: return "disks";
    case Gear::clocks: return "clocks";
    case Gear::limits: return "limits";
  }
  return "proxy";
}

std::string missing_words(Gear gear) {
  switch (gear) {
    case Gear::proxy: return "no proxy can be put before it";
    case Gear::disks: return "no disks of ours can be put under it";
    case Gear::clocks: return "its clocks cannot be set";
    case Gear::limits: return "its CPU time and memory cannot be limited";
  }
  return "";
}

std::string to_string(const std::set<Gear>& all) {
  std::string out;
  for (Gear gear : all) out += (out.empty() ? "" : ", ") + std::string(to_string(gear));
  return out.empty() ? "none" : out;
}

}  // namespace seatrial
