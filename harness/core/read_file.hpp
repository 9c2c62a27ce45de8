// What a file holds, or why it cannot be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.hpp"

namespace seatrial {

// All of it, also of /proc files, whose size reads as 0; else errno's own words, or that it is
// larger than `most` bytes. A pipe that nobody writes to is empty. Never throws.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::uint64_t most = UINT64_MAX);

}  // namespace seatrial
