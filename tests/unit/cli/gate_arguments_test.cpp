// Several settings in one word: commas part them only where another setting follows.
#include "cli/gate_arguments.hpp"

#include "support/catch.hpp"

namespace seatrial::cli {
namespace {

TEST_CASE("settings are parted by commas that begin another setting", "[gate]") {
  using List = std::vector<std::string>;
  CHECK(split_settings("cluster.version=4.2.0") == List{"cluster.version=4.2.0"});
  CHECK(split_settings("a.b=1,c.d=x") == List{"a.b=1", "c.d=x"});
  CHECK(split_settings("matrix.acks=[1,all],b=2") == List{"matrix.acks=[1,all]", "b=2"});
  CHECK(split_settings("cluster.config.x=a,b,c.d=2") == List{"cluster.config.x=a,b", "c.d=2"});
  CHECK(split_settings("a=1,") == List{"a=1,"});
  CHECK(split_settings("").size() == 1);
}

}  // namespace
}  // namespace seatrial::cli
