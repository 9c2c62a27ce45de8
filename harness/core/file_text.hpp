// What a file holds, as text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace seatrial {

// Nothing if it cannot be read, or not to its end: a process may vanish while its file under /proc
// is read. Also of /proc files, whose size reads as 0. Never throws.
[[nodiscard]] std::optional<std::string> file_text(const std::filesystem::path& path);

}  // namespace seatrial
