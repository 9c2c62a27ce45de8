// The words for what a disk does to who writes.
#include "core/disks.hpp"

namespace seatrial {

std::string_view to_string(DiskState state) {
  switch (state) {
    case DiskState::writable: return "writable";
    case DiskState::full: return "full";
    case DiskState::read_only: return "read-only";
    case DiskState::failing: return "failing";
  }
  return "failing";
}

}  // namespace seatrial
