// Letters are compared by themselves: no locale has a say in what a name is.
#include "core/names.hpp"

#include <algorithm>

namespace seatrial {

std::string wrong_name(std::string_view name, std::size_t longest) {
  const bool letters = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  const bool start = !name.empty() && name.front() != '.' && name.front() != '-';
  if (letters && start && name.size() <= longest) return {};
  return "'" + std::string(name) + "' is no name: it has 1 to " + std::to_string(longest) +
         " of a-z A-Z 0-9 . _ -, and does not start with . or -";
}

}  // namespace seatrial
