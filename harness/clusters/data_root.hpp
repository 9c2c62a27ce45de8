// On which file system the data of a cluster's nodes go.
#pragma once

#include <filesystem>

#include "core/cluster.hpp"

namespace seatrial::clusters {

// Where the setting says; else memory, where there is room for all nodes; else its work_dir.
[[nodiscard]] std::filesystem::path data_root(const ClusterSetting& setting);

}  // namespace seatrial::clusters
