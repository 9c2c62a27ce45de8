// Removes what runs left that were killed.
#pragma once

#include <filesystem>

namespace seatrial::cli {

// Prints a line for each thing that it removed, and for each that it could not. Whether all is
// gone. `say_nothing_left`: prints that, too.
bool sweep(const std::filesystem::path& results, bool say_nothing_left);

}  // namespace seatrial::cli
