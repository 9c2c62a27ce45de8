// Nearest names: what is close enough, and what is not.
#include "core/suggest.hpp"

#include "support/catch.hpp"

using seatrial::did_you_mean;
using seatrial::nearest;

TEST_CASE("the nearest name is found through one slip") {
  const std::vector<std::string> names{"linger.ms", "acks", "rate", "lanes"};
  CHECK(nearest("linger.m", names) == "linger.ms");
  CHECK(nearest("lingerr.ms", names) == "linger.ms");
  CHECK(nearest("lnager.ms", names) == "linger.ms");
  CHECK(nearest("akcs", names) == "acks");  // a swap is one slip
  CHECK(nearest("rtae", names) == "rate");
  CHECK(nearest("LINGER.MS", names) == "linger.ms");  // case is none
}

TEST_CASE("what is too far is no suggestion") {
  const std::vector<std::string> names{"acks", "rate"};
  CHECK_FALSE(nearest("compression.type", names));
  CHECK_FALSE(nearest("xy", names));
  CHECK_FALSE(nearest("a", std::vector<std::string>{"b"}));
  CHECK_FALSE(nearest("acks", {}));
  CHECK_FALSE(nearest("rxyz", names));  // three of four letters differ
}

TEST_CASE("ties go to the first, and less distance goes before order") {
  CHECK(nearest("bat", std::vector<std::string>{"cat", "hat"}) == "cat");
  CHECK(nearest("partition", std::vector<std::string>{"partitioner", "partitions"}) ==
        "partitions");
}

TEST_CASE("a suggestion is a clause or nothing") {
  CHECK(did_you_mean("akcs", std::vector<std::string>{"acks"}) == " (did you mean 'acks'?)");
  CHECK(did_you_mean("zzzz", std::vector<std::string>{"acks"}).empty());
}
