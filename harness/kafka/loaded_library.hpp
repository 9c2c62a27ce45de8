// Which librdkafka this process really runs with. The headers say what we were built for; the
// dynamic loader may have been told to take another library, newer or older, and this is how to
// know.
#pragma once

#include <string>

namespace seatrial::kafka {

struct LoadedLibrary {
  std::string version;  // as it calls itself: "2.16.0"
  std::string file;     // where its code comes from, symbolic links resolved
  int copies = 1;       // libraries of that name in this process; more than one is a defect
};
[[nodiscard]] LoadedLibrary loaded_library();

}  // namespace seatrial::kafka
