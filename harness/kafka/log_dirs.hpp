// Which of its log dirs a broker has given up, asked of the broker itself (DescribeLogDirs). It
// takes none of them back before it is started again, whatever became of the disk.
#pragma once

#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace seatrial::kafka {

// Their paths, as the broker sees them. Speaks plaintext to the node's address.
Result<std::vector<std::string>> offline_log_dirs(const Node& broker, Instant deadline);

}  // namespace seatrial::kafka
