// One wording for all verbs.
#include "cli/errors.hpp"

#include "clusters/process.hpp"
#include "core/check.hpp"

namespace seatrial::cli {

std::string with_hint(const Error& error) {
  return error.message + (error.hint.empty() ? "" : "\n" + error.hint);
}

void stop_if_asked() {
  if (clusters::program_stop().stop_requested()) throw Interrupted();
}

}  // namespace seatrial::cli
