// Which properties of clients are numbers, and within which bounds, as the library that is loaded
// says itself. Of all others it checks the values well.
#pragma once

#include <vector>

#include "core/property.hpp"

namespace seatrial::kafka {

[[nodiscard]] const std::vector<PropertyDefinition>& client_numbers();

}  // namespace seatrial::kafka
