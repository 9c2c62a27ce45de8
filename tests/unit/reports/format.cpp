// Text of values, and views into records that lack parts.
#include "reports/format.hpp"

#include <nlohmann/json.hpp>

#include "core/view.hpp"
#include "support/catch.hpp"

using namespace seatrial::reports;
using nlohmann::json;
using seatrial::View;

TEST_CASE("format: absent values take the word they are given") {
  const View absent;
  CHECK(count_text(absent, "-") == "-");
  CHECK(duration_text(absent, "-") == "-");
  CHECK(seconds_text(absent, "?") == "?");
  const json text = "12";
  CHECK(count_text(View(text), "-") == "-");
  const json fraction = 1.5;
  CHECK(count_text(View(fraction), "-") == "-");
}

TEST_CASE("format: values") {
  const json values = {0, 12345, -3, 1'620'000'000, 10.3021, 0.0314, 18000.0};
  const View view(values);
  CHECK(count_text(view.at(0), "-") == "0");
  CHECK(count_text(view.at(1), "-") == "12,345");
  CHECK(count_text(view.at(2), "-") == "-3");
  CHECK(duration_text(view.at(3), "-") == "1.62 s");
  CHECK(seconds_text(view.at(4), "-") == "10.302 s");
  CHECK(share_text(view.at(5), "-") == "3.14 %");
  CHECK(number_text(view.at(6), "-") == "18,000");
  CHECK(bytes_text(view.at(6), "-") == "17.6 KiB");
  CHECK(bytes_text(view.at(4), "-") == "-");
}

TEST_CASE("format: clipping and padding count characters, not bytes") {
  CHECK(clip("abcdef", 6) == "abcdef");
  CHECK(clip("abcdefg", 6) == "abc...");
  CHECK(clip("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA9", 4) == "\xC3\xA4...");
  CHECK(clip("abc", 2) == "..");
  CHECK(clip("", 0) == "");
  CHECK(pad_left("\xC3\xA4", 3) == "  \xC3\xA4");
}

TEST_CASE("format: wrapping keeps every word") {
  CHECK(wrap("", 10).empty());
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("a-very-long-word b", 5) == std::vector<std::string>{"a-very-long-word", "b"});
}

TEST_CASE("view: a step that leads nowhere is absent, and paths are JSON pointers") {
  const json record = {{"a/b", {{"c~d", {1, 2}}}}, {"n", nullptr}};
  const View view(record);
  const auto found = view["a/b"]["c~d"].at(1);
  CHECK(found.path() == "/a~1b/c~0d/1");
  CHECK(record.at(json::json_pointer(found.path())) == 2);
  CHECK_FALSE(view["x"]["y"].at(3).present());
  CHECK_FALSE(view["n"].present());
  CHECK_FALSE(view["a/b"]["c~d"].at(2).present());
  CHECK(view["a/b"].text("none") == "none");
}

TEST_CASE("view: a count is a whole number from 0 on, however large") {
  const json values = {3, -3, 2.5, "4", std::uint64_t{1} << 63U, nullptr};
  const View view(values);
  CHECK(view.at(0).count() == 3);
  CHECK(view.at(1).count() == 0);
  CHECK(view.at(2).count() == 0);
  CHECK(view.at(3).count() == 0);
  CHECK(view.at(4).count() == std::uint64_t{1} << 63U);
  CHECK(view.at(5).count() == 0);
}

TEST_CASE("view: JSON that is shown holds no control character") {
  const json value = {{"a\x7f", "\x1b\x7f"}};
  CHECK(View(value).json() == R"({"a\u007f":"\u001b\u007f"})");
}

TEST_CASE("view: bytes that are no UTF-8 are replaced, not thrown at") {
  const json record = "bad \xff";
  CHECK_FALSE(View(record).json().empty());
}
