// Names of effects, as they stand in the record.
#include "core/fault.hpp"

namespace seatrial {

std::string_view to_string(FaultEffect effect) {
  switch (effect) {
    case FaultEffect::held: return "held";
    case FaultEffect::ended: return "ended";
    case FaultEffect::killed: return "killed";
    case FaultEffect::unpowered: return "unpowered";
    case FaultEffect::none: return "none";
  }
  return "?";
}

}  // namespace seatrial
