// Implements core/counted.hpp.
#include "core/counted.hpp"

#include "core/units.hpp"

namespace seatrial {

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  std::string text = format_count(n) + " ";
  if (n == 1) return text += one;
  if (!many.empty()) return text += many;
  return (text += one) += "s";
}

}  // namespace seatrial
