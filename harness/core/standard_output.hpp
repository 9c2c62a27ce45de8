// Standard output that never loses a word silently. While the object lives, std::cout writes
// through it: what could not be written is kept and tried again at each flush (a disk may be full
// for seconds), and `finish` says in errno's own words what was lost.
//
// It also keeps the process apart from what closed descriptors do: the next file that is opened
// would become standard output, and a reader that goes away would end the process unheard.
#pragma once

#include <mutex>
#include <optional>
#include <streambuf>
#include <string>

#include "core/time.hpp"

namespace seatrial {

class StandardOutput final : private std::streambuf {
 public:
  explicit StandardOutput(int descriptor = 1);
  ~StandardOutput() override;
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  // Why nothing can ever be written to it (closed, or open for reading only), or nothing.
  [[nodiscard]] std::optional<std::string> unusable() const;
  // Writes what is left, where a disk is full until `budget` is over. What went wrong, or nothing.
  [[nodiscard]] std::optional<std::string> finish(nanoseconds budget);

 private:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;
  int sync() override;
  void write_pending();

  std::mutex mutex_;  // std::cerr flushes it from whatever thread
  const int descriptor_;
  bool by_line_ = false;  // somebody watches
  bool full_disk_may_pass_ = false;
  std::string pending_;
  int error_ = 0;
  bool given_up_ = false;  // writing again would not help: pending text is dropped
  std::streambuf* before_ = nullptr;
};

}  // namespace seatrial
