// Charts as inline SVG: scales, ticks, and a writer of elements. Colours and strokes are CSS
// classes, so that light, dark and print share one drawing; no inline style, which the page's
// policy forbids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seatrial::reports::page {

struct Size {
  double width = 0;
  double height = 0;
  bool narrow = false;  // drawn for a phone, or beside others: fewer ticks, less margin
  bool alone = false;   // shown at all widths of the page
};

// A chart as wide as the page is drawn twice, because text that scales with a drawing cannot be
// read at both widths. One that stands beside others, or small among many, is drawn once.
inline constexpr double wide_width = 1040;
inline constexpr double narrow_width = 372;
inline constexpr double half_width = 500;

struct Scale {
  double from = 0;
  double to = 1;
  double px_from = 0;
  double px_to = 1;
  bool log = false;
  [[nodiscard]] double operator()(double value) const;  // pixels, kept within the scale's ends
};

// Round values (1, 2, 5 times a power of ten) within [from, to], about `wanted` of them.
std::vector<double> linear_ticks(double from, double to, int wanted);
// Powers of ten within [from, to]; with 2 and 5 between them where there are fewer than three.
std::vector<double> log_ticks(double from, double to);
double round_up(double value);               // to the next 1, 2 or 5 times a power of ten
std::string tick_duration(double ns);        // 500 us, 20 ms, 1 s: exact for round values
std::string tick_count(double n);            // 500, 2 k, 1.5 M
std::string tick_bytes(double n);            // 500 B, 2 kB, 1.5 MB, 40 GB
double text_width(std::string_view text);    // estimate at the charts' font size

struct Point {
  double x = 0;
  double y = 0;
};

class Svg {
 public:
  Svg(Size size, std::string_view title, std::string_view description);

  [[nodiscard]] const Size& size() const { return size_; }
  void rect(double x, double y, double w, double h, std::string_view kind,
            std::string_view title = "");
  void line(Point from, Point to, std::string_view kind);
  enum class Anchor { start, middle, end };
  void text(Point at, Anchor anchor, std::string_view text, std::string_view kind = "");
  // Straight lines through the points, or a dot where there is only one; `series` names what hides
  // together.
  void path(const std::vector<Point>& points, std::string_view kind, std::string_view series);
  void area(const std::vector<Point>& upper, const std::vector<Point>& lower, std::string_view kind,
            std::string_view series);
  void dots(const std::vector<Point>& points, double radius, std::string_view kind,
            std::string_view series);
  // What the page's script needs to follow the pointer (see readout.hpp).
  void set_plot(std::string json) { plot_ = std::move(json); }
  [[nodiscard]] std::string html() const;

 private:
  Size size_;
  std::string title_;
  std::string description_;
  std::string plot_;
  std::string body_;
};

}  // namespace seatrial::reports::page
