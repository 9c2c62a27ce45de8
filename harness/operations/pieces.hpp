// Cuts a history's text into its operations: one a line, or one an element where the text is a JSON
// array. Streaming: no more than one operation is held as text, and none may be longer than 256
// MiB. A byte order mark of UTF-8 at the start is stepped over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "operations/input.hpp"

namespace seatrial::operations {

// One operation's text and where it begins.
struct Piece {
  std::string_view text;     // valid until the next one
  std::uint64_t number = 0;  // of the line, or of the element; from 1
  std::uint64_t line = 0;    // from 1
  std::size_t column = 0;    // bytes before it in its line
  bool last_open = false;    // nothing follows, not even the end of the line or of the array
};

// "LINE:COLUMN" of a byte of a piece.
[[nodiscard]] std::string place_in(const Piece& piece, std::size_t at);

class Pieces {
 public:
  explicit Pieces(Input& input) : input_(input) {}

  // False at the end, and after a mistake.
  [[nodiscard]] bool next(Piece& piece);
  [[nodiscard]] bool is_array() const { return is_array_; }
  // What is wrong between or around the pieces: "LINE:COLUMN: ..." with a hint.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  bool fill();
  // The next byte that is no white space; 0 at the end.
  char peek();
  void step(std::size_t bytes);
  void start();
  bool next_line(Piece& piece);
  bool next_element(Piece& piece);
  void end_of_array();
  // Bytes from begin_ to the end of the element there; `open` if the text ends before it does.
  std::size_t element_length(bool& open);
  void take(Piece& piece, std::size_t bytes);
  void fail(const std::string& message, std::string hint);

  Input& input_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::uint64_t line_ = 1, number_ = 0;  // where begin_ is
  std::size_t column_ = 0;
  bool started_ = false, is_array_ = false, ended_ = false;
  std::optional<Error> error_;
};

}  // namespace seatrial::operations
