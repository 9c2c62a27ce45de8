// Kinds of brokers, as the command line or a file describes them.
#pragma once

#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/units.hpp"
#include "sizing/demand.hpp"

namespace seatrial::sizing {

// 50MB/s in bytes; `/s` may be left out.
Result<double> parse_bytes_per_s(std::string_view text);

// cores=8,disk=250MB/s,network=1.25GB/s,memory=64GiB, with storage=8TB where a broker's disks are
// of one size.
Result<Machine> parse_machine(std::string_view text);

// A YAML list of maps with the same keys and a name. The error has file, line and column.
Result<std::vector<Machine>> parse_machines(std::string_view text, const std::string& path);

// For demands without a word on machines.
[[nodiscard]] Machine usual_machine();

}  // namespace seatrial::sizing
