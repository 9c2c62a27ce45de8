// What is wrong with a scenario, and where. All problems are collected and told at once, in the
// order of the file; what came from `--set` is told after it, under the setting's own words.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seatrial::scenario {

// Where a value was written. Lines and columns count from 1; 0: nowhere in particular.
struct Place {
  int source = 0;  // 0: the file; n: the n-th `--set`
  int line = 0;
  int column = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Diagnostic {
  std::string file;  // as given, or `--set path=value`
  int line = 0;
  int column = 0;
  std::string message;  // complete, suggestion included
  [[nodiscard]] std::string text() const;  // file:line:column: message
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

std::string to_text(const std::vector<Diagnostic>& diagnostics);  // a line each

// A problem that several points of the matrix share is kept once.
class Problems {
 public:
  void add(Place place, std::string message);
  void add_all(const Problems& others);
  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] bool has(Place place) const;
  [[nodiscard]] std::vector<Diagnostic> finish(std::string_view path,
                                               const std::vector<std::string>& settings) const;

 private:
  std::vector<std::pair<Place, std::string>> found_;
};

}  // namespace seatrial::scenario
