// `matrix:` as axes and their combinations.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenario/document.hpp"

namespace seatrial::scenario {

struct Axis {
  std::string name;
  Place place;
  std::vector<std::string> values;
};

struct Variant {
  std::string text;  // "acks=1 linger=5"; "base" without a matrix
  std::map<std::string, std::string> axes;
};

struct Matrix {
  std::vector<Axis> axes;  // in the order of the file
  bool sound = true;       // false: a problem was told, and the axes are not to be judged by
};

inline constexpr std::size_t max_trials = 10'000;

Matrix read_matrix(const Node& matrix, Problems& problems);

// The product in the order of the file, the last axis changing fastest.
std::vector<Variant> variants(const Matrix& matrix);

}  // namespace seatrial::scenario
