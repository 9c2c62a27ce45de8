// Brokers and clients print what they were configured with into logs that are theirs to write. What
// is secret of it is overwritten there afterwards, in place: whoever still writes writes on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace seatrial::run {

// Overwrites every occurrence of a secret, with as many `*`, in the files below `folder`. A line
// for each file where that failed; nothing to do where there is no such folder. Secrets that
// scenario::redact finds too short to look for inside texts are left here as well.
std::vector<std::string> mask_files(const std::filesystem::path& folder,
                                    const std::vector<std::string>& secrets);

}  // namespace seatrial::run
