// What is UTF-8, by the borders of its well-formed sequences.
#include "core/utf8.hpp"

#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("the first byte that is no part of a character is found") {
  CHECK_FALSE(first_not_utf8(""));
  CHECK_FALSE(first_not_utf8("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z"));
  CHECK_FALSE(first_not_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
  CHECK(first_not_utf8("ab\xff") == 2);
  CHECK(first_not_utf8("\xc3\xbc\xc3") == 2);      // cut short
  CHECK(first_not_utf8("\xc0\xaf") == 0);          // overlong
  CHECK(first_not_utf8("\xe0\x9f\xbf") == 0);      // overlong
  CHECK(first_not_utf8("x\xed\xa0\x80") == 1);     // a surrogate
  CHECK(first_not_utf8("\xf4\x90\x80\x80") == 0);  // beyond U+10FFFF
  CHECK(first_not_utf8("\x80") == 0);              // begins nothing
  CHECK(not_utf8("ab\xff", 2) == "the byte 0xff is not UTF-8");
  CHECK(without_byte_order_mark("\xef\xbb\xbfname") == "name");
  CHECK(without_byte_order_mark("name") == "name");
}
