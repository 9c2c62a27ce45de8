// Every cluster kind knows its own leftovers.
#include "cli/sweep.hpp"

#include <iostream>

#include "core/cluster.hpp"

namespace seatrial::cli {

bool sweep(const std::filesystem::path& results, bool say_nothing_left) {
  std::size_t lines = 0;
  bool gone = true;
  for (const auto& kind : ClusterKinds::instance().all()) {
    if (kind.sweep == nullptr) continue;
    for (const auto& line : kind.sweep(results)) {
      const bool left = line.starts_with("could not");
      if (left) std::cerr << "seatrial: of an earlier run: " << line << "\n";
      else std::cout << "removed what an earlier run left: " << line << "\n";
      gone = gone && !left;
      ++lines;
    }
  }
  if (lines == 0 && say_nothing_left) std::cout << "nothing was left to remove\n";
  return gone;
}

}  // namespace seatrial::cli
