// This source tree keeps every style rule, save the exceptions with a reason.
#include <algorithm>
#include <iterator>

#include "style/rules.hpp"
#include "support/catch.hpp"

using namespace seatrial::style;

TEST_CASE("the tree keeps every rule") {
  const Tree tree = read_tree(SEATRIAL_ROOT);
  const auto table = std::ranges::find(tree, "tests/style/exceptions.txt", &SourceFile::path);
  REQUIRE(table != tree.end());
  REQUIRE(std::ranges::count_if(tree, [](const auto& file) { return is_cpp(file.path); }) > 20);

  Violations left;
  const auto exceptions = read_exceptions(table->text, left);
  std::ranges::move(excuse(exceptions, every_rule(tree)), std::back_inserter(left));
  std::string report;
  for (const Violation& violation : left) report += violation.text() + "\n";
  INFO(report);
  REQUIRE(left.empty());
}

TEST_CASE("the rules of includes name folders that there are, in an order without circles") {
  std::string report;
  for (const Violation& violation : folder_order(read_tree(SEATRIAL_ROOT))) {
    report += violation.text() + "\n";
  }
  CHECK(report.empty());
  CHECK_FALSE(folder_order({}).empty());
}
