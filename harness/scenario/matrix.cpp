// Reads the matrix and multiplies it out.
#include "scenario/matrix.hpp"

#include <algorithm>
#include <set>

#include "core/names.hpp"

namespace seatrial::scenario {
namespace {

class MatrixReader {
 public:
  explicit MatrixReader(Problems& problems) : problems_(problems) {}

  Matrix read(const Node& matrix) {
    if (matrix.kind != Node::Kind::null && !matrix.is_map()) {
      fail(matrix.place, "matrix must be a map of axes, not " + std::string(kind_name(matrix)));
    }
    std::size_t product = 1;
    for (const auto& entry : matrix.entries) {
      read_axis(entry);
      product *= std::max<std::size_t>(1, out_.axes.back().values.size());
      if (product > max_trials) {
        fail(entry.place, "matrix: more than " + std::to_string(max_trials) + " variants");
        out_.axes.back().values.resize(1);  // enough to read the rest by
        break;
      }
    }
    return std::move(out_);
  }

 private:
  void read_axis(const Entry& entry) {
    Axis axis{entry.key, entry.place, {}};
    const auto title = "matrix: axis '" + entry.key + "'";
    if (const auto wrong = wrong_name(entry.key, longest_name); !wrong.empty()) {
      fail(entry.place, "matrix: axis " + wrong);
    }
    const auto& list = entry.value;
    if (list.kind != Node::Kind::sequence || list.items.empty()) {
      fail(list.place, title + " needs a list of values, as in [1, all]");
    }
    std::set<std::string> seen;
    for (const auto& item : list.items) {
      if (!item.is_scalar()) {
        fail(item.place, title + ": each value must be one value, not " +
                             std::string(kind_name(item)));
      } else if (item.unresolved) {
        out_.sound = false;
      } else if (!seen.insert(item.text).second) {
        fail(item.place, title + ": value '" + item.text + "' stands there twice");
      } else {
        axis.values.push_back(item.text);
      }
    }
    out_.axes.push_back(std::move(axis));
  }

  void fail(Place place, std::string message) {
    out_.sound = false;
    problems_.add(place, std::move(message));
  }

  Problems& problems_;
  Matrix out_;
};

}  // namespace

Matrix read_matrix(const Node& matrix, Problems& problems) {
  return MatrixReader(problems).read(matrix);
}

std::vector<Variant> variants(const Matrix& matrix) {
  std::vector<Variant> out{{}};
  for (const auto& axis : matrix.axes) {
    std::vector<Variant> longer;
    for (const auto& variant : out) {
      for (const auto& value : axis.values) {
        auto next = variant;
        next.text += (next.text.empty() ? "" : " ") + axis.name + "=" + value;
        next.axes[axis.name] = value;
        longer.push_back(std::move(next));
      }
    }
    out = std::move(longer);
  }
  if (matrix.axes.empty()) out.front().text = "base";
  return out;
}

}  // namespace seatrial::scenario
