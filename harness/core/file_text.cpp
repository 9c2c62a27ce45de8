// Implements core/file_text.hpp.
#include "core/file_text.hpp"

#include <utility>

#include "core/read_file.hpp"

namespace seatrial {

std::optional<std::string> file_text(const std::filesystem::path& path) {
  auto text = read_file(path);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

}  // namespace seatrial
