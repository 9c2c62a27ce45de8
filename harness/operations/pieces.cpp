// The buffer holds what is not used up; what is longer doubles what is read next, or its length
// would be searched and copied again and again.
#include "operations/pieces.hpp"

#include <algorithm>

namespace seatrial::operations {
namespace {

constexpr std::size_t chunk = 1 << 20;
constexpr std::size_t longest = std::size_t{256} << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::string place_in(const Piece& piece, std::size_t at) {
  const std::string_view before = piece.text.substr(0, at);
  const auto newlines = static_cast<std::uint64_t>(std::ranges::count(before, '\n'));
  const std::size_t last = before.rfind('\n');
  const std::size_t column = last == before.npos ? piece.column + at : at - last - 1;
  return std::to_string(piece.line + newlines) + ":" + std::to_string(column + 1);
}

bool Pieces::fill() {
  if (buffer_.size() - begin_ > longest) {
    fail("this operation is longer than " + std::to_string(longest >> 20) + " MiB",
         "one operation a line is expected, as JSON, or an array of operations");
    return false;
  }
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + std::max(chunk, held));
  const std::size_t got = input_.read(buffer_.data() + held, buffer_.size() - held);
  buffer_.resize(held + got);
  if (input_.error() && !error_) error_ = *input_.error();
  return got > 0;
}

void Pieces::fail(const std::string& message, std::string hint) {
  if (error_) return;
  error_ = Error{std::to_string(line_) + ":" + std::to_string(column_ + 1) + ": " + message,
                 std::move(hint)};
}

void Pieces::step(std::size_t bytes) {
  const std::string_view passed = std::string_view(buffer_).substr(begin_, bytes);
  const auto newlines = static_cast<std::uint64_t>(std::ranges::count(passed, '\n'));
  line_ += newlines;
  column_ = newlines == 0 ? column_ + bytes : bytes - passed.rfind('\n') - 1;
  begin_ += bytes;
}

char Pieces::peek() {
  while (true) {
    std::size_t at = begin_;
    while (at < buffer_.size() && is_space(buffer_[at])) ++at;
    step(at - begin_);
    if (begin_ < buffer_.size()) return buffer_[begin_];
    if (!fill()) return '\0';
  }
}

// An array is known by its first bracket, and only there: a line may be one too, which is a mistake
// of that line.
void Pieces::start() {
  started_ = true;
  while (buffer_.size() < byte_order_mark.size() && fill()) {
  }
  if (buffer_.starts_with(byte_order_mark)) step(byte_order_mark.size());
  std::size_t at = begin_;
  while (true) {
    while (at < buffer_.size() && is_space(buffer_[at])) ++at;
    if (at < buffer_.size()) break;
    const std::size_t passed = at - begin_;
    if (!fill()) return;
    at = begin_ + passed;
  }
  is_array_ = buffer_[at] == '[';
  if (is_array_) step(at + 1 - begin_);
}

bool Pieces::next(Piece& piece) {
  if (!started_) start();
  if (ended_ || error_) return false;
  return is_array_ ? next_element(piece) : next_line(piece);
}

void Pieces::take(Piece& piece, std::size_t bytes) {
  piece = {.text = std::string_view(buffer_).substr(begin_, bytes),
           .number = ++number_,
           .line = line_,
           .column = column_};
}

bool Pieces::next_line(Piece& piece) {
  std::size_t searched = 0, found = buffer_.npos;
  while ((found = buffer_.find('\n', begin_ + searched)) == buffer_.npos) {
    searched = buffer_.size() - begin_;
    if (!fill()) break;
  }
  if (error_) return false;
  const bool open = found == buffer_.npos;
  const std::size_t length = (open ? buffer_.size() : found) - begin_;
  if (open && length == 0) return false;
  take(piece, length);
  piece.last_open = open;
  // Not by step: the text, which nothing moves before the next call, has no newline to count.
  begin_ += length + (open ? 0 : 1);
  ++line_;
  column_ = 0;
  return true;
}

std::size_t Pieces::element_length(bool& open) {
  int depth = 0;
  bool quoted = false, escaped = false;
  for (std::size_t at = 0;; ++at) {
    if (begin_ + at == buffer_.size() && !fill()) {
      open = true;
      return at;
    }
    const char c = buffer_[begin_ + at];
    if (quoted) {
      if (escaped) escaped = false;
      else if (c == '\\') escaped = true;
      else if (c == '"') quoted = false;
      continue;
    }
    if (depth == 0 && (c == ',' || c == ']')) return at;
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth < 0) return at;
    if (depth == 0 && (c == '}' || c == ']')) return at + 1;
  }
}

void Pieces::end_of_array() {
  step(1);
  ended_ = true;
  if (peek() != '\0') fail("expected the end of the file after the array's ']'", {});
}

// Separators are read before an element, not after it: reading may move the buffer, and a piece is
// a view into it.
bool Pieces::next_element(Piece& piece) {
  char c = peek();
  if (number_ > 0 && c == ',') {
    step(1);
    c = peek();
  } else if (c == ']') {
    end_of_array();
    return false;
  } else if (number_ > 0 && c != '\0') {
    fail("expected ',' or ']' after an operation of the array", {});
  }
  if (c == '\0') {
    fail("the file ends within its array, which no ']' closes",
         "it was cut off: write it whole, or end it by ']' to judge what it holds");
  }
  if (error_) return false;
  bool open = false;
  const std::size_t length = element_length(open);
  if (error_) return false;
  take(piece, length);
  piece.last_open = open;
  step(length);
  return true;
}

}  // namespace seatrial::operations
