// What a file holds, or why it cannot be read.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.hpp"

namespace seatrial {

// All of it, also of /proc files, whose size reads as 0; else errno's own words. Never throws.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace seatrial
