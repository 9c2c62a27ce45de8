// What the kernel keeps in memory of files, so that reading them needs no disk.
#pragma once

#include <cstdint>
#include <filesystem>

namespace seatrial::disks {

// Has it forget all files in the folder and those below, save pages that have yet to be written
// (their writing begins) and those that a process has mapped. Bytes that it forgot, as it tells
// itself. Files that go meanwhile are left out; throws InfrastructureError if the folder cannot be
// read.
std::uint64_t drop_cached_pages(const std::filesystem::path& folder);

}  // namespace seatrial::disks
