// The page's building blocks: escaped text, numbers that name their place in the record, tables.
// Everything from a record passes `escape`, directly or through these functions; strings called
// "html" are markup already.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/view.hpp"

namespace seatrial::reports::page {

// & < > " ' as entities, and a mark for what HTML or XML 1.0 cannot hold. For both.
std::string escape(std::string_view text);

// Of an attribute between single quotes: JSON, whose many double quotes stay as they are.
std::string escape_in_single_quotes(std::string_view text);

// A number of the record as text with unit, in an element whose data-path is its JSON pointer and
// whose data-value is the record's own spelling: whoever reads both can compare them. Absent: "not
// recorded".
std::string count(const View& value);
std::string duration(const View& ns);
std::string bytes(const View& value);
std::string seconds(const View& s);
std::string number(const View& value);
// Whom an entry of a fault's evidence speaks of: 2, or member 2.
std::string node_or_member(const View& entry);
std::string share(const View& value);   // as percent
// A scalar as it stands; strings escaped.
std::string text(const View& value);
std::string code(const View& value);
std::string absent();
std::string pill(const View& word);     // pass, held, effective, ... in the colour of its meaning
std::string list(const View& array);    // scalars, comma separated
std::string details(std::string_view summary_html, std::string_view body_html);

class Table {
 public:
  enum class Align { left, right };
  struct Head {
    std::string text;
    Align align = Align::left;
  };
  explicit Table(std::vector<Head> heads, std::string_view kind = "");
  void row(const std::vector<std::string>& cells_html, std::string_view kind = "");
  [[nodiscard]] bool empty() const { return rows_ == 0; }
  // `caption` is read out by screen readers and names the scrolling region.
  [[nodiscard]] std::string html(std::string_view caption) const;

 private:
  std::vector<Head> heads_;
  std::string kind_;
  std::string body_;
  std::size_t rows_ = 0;
};

}  // namespace seatrial::reports::page
