// A stream of the C library that closes itself.
#pragma once

#include <cstdio>
#include <memory>

namespace seatrial {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OwnedFile = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace seatrial
