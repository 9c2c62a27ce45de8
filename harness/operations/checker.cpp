// The words for a finding's weight.
#include "operations/checker.hpp"

namespace seatrial::operations {

std::string_view to_string(Weight weight) {
  switch (weight) {
    case Weight::informative: return "informative";
    case Weight::undecided: return "undecided";
    case Weight::violation: return "violation";
  }
  return "?";
}

}  // namespace seatrial::operations
