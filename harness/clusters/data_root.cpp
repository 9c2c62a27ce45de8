// Implements clusters/data_root.hpp.
#include "clusters/data_root.hpp"

#include <unistd.h>

#include "clusters/node_config.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr const char* memory_root = "/dev/shm";
// Below this a node's logs would fill memory within seconds of load.
constexpr std::uintmax_t memory_per_node = 512ULL << 20;

}  // namespace

fs::path data_root(const ClusterSetting& setting) {
  if (!setting.spec.data.empty()) return setting.spec.data;
  std::error_code failure;
  const auto space = fs::space(memory_root, failure);
  const auto wanted = memory_per_node * node_list(setting.spec).size();
  const bool room = !failure && space.available >= wanted && access(memory_root, W_OK) == 0;
  return room ? fs::path(memory_root) : setting.work_dir;
}

}  // namespace seatrial::clusters
