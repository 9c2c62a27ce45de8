// What `--label` takes, and what is said of what it does not take.
#include "cli/labels.hpp"

#include "core/check.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::cli {
namespace {

using Labels = std::map<std::string, std::string>;

std::string refused(const std::vector<std::string>& given) {
  try {
    static_cast<void>(parse_labels(given));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST_CASE("labels: keys and values, split at the first '='") {
  CHECK(parse_labels({}).empty());
  CHECK(parse_labels({"commit=1f2e", "branch=a=b", "pr="}) ==
        Labels{{"commit", "1f2e"}, {"branch", "a=b"}, {"pr", ""}});
  CHECK(parse_labels({"who=J\xC3\xBCrgen \"x\" <y>"}).at("who") == "J\xC3\xBCrgen \"x\" <y>");
}

TEST_CASE("labels: what is wrong is told, and what to write in its place") {
  CHECK(test::contains(refused({"commit"}), "--label \"commit\": has no '='; write --label KEY="));
  CHECK(test::contains(refused({"=x"}), "has no key before '='"));
  CHECK(test::contains(refused({"a b=x"}), "its key is no name: 1 to 60 of a-z"));
  CHECK(test::contains(refused({".a=x"}), "its key is no name"));
  CHECK(test::contains(refused({"a=1", "a=2"}), "given before; give each key once"));
  CHECK(test::contains(refused({"a=x\ny"}), "the control character \\x0a; give one line"));
  CHECK(test::contains(refused({"a=\x1b[31m"}), "\\x1b"));
  CHECK(test::contains(refused({"a=\xff"}), "0xff is not UTF-8"));
}

TEST_CASE("labels: every mistake is told at once, and none steers a terminal") {
  const std::string said = refused({"a", "b\x1b=1", "c=\x7f", "d=1"});
  CHECK(test::contains(said, "\n--label \"b\\u001b=1\": its key is no name"));
  CHECK(test::contains(said, "\n--label \"c=\\u007f\": its value holds"));
  CHECK(said.find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace seatrial::cli
