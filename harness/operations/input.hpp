// The bytes of a history, unpacked where the file is gzip's (of one member or several). Other
// compressed forms and encodings are known by their first bytes and refused by name. Streaming:
// holds one buffer.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "core/result.hpp"

namespace seatrial::operations {

class Input {
 public:
  explicit Input(std::istream& in);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  // Puts up to `size` bytes there and returns how many; 0 at the end, and after a mistake.
  [[nodiscard]] std::size_t read(char* to, std::size_t size);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  struct Gzip;
  bool fill();
  void recognise();
  std::size_t inflate_some(char* to, std::size_t size);

  std::istream& in_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool known_ = false;  // the first bytes were looked at
  std::unique_ptr<Gzip> gzip_;
  std::optional<Error> error_;
};

}  // namespace seatrial::operations
