// Writing a whole file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace seatrial {

// Replaces the file in one step, so that a reader sees the old one or the new, never a part; none
// is left behind either. "cannot write PATH: " and errno's words if it could not; nothing if it
// did.
[[nodiscard]] std::optional<std::string> save_file(const std::filesystem::path& path,
                                                   const std::string& text);

}  // namespace seatrial
