// Reading the kernel's list of mounts.
#include "disks/block_mount.hpp"

#include "support/catch.hpp"

namespace seatrial::disks {
namespace {

TEST_CASE("disks: the list of mounts is read, blanks in paths and lines of no use included") {
  const auto mounts = parse_mountinfo(
      "65 44 0:39 / /dev/shm/seatrial-run-1/broker-1.device rw,nosuid - fuse.seatrial "
      "seatrial-run rw,user_id=0\n"
      "66 44 7:0 / /tmp/a\\040b/broker-1 rw,relatime shared:1 master:2 - ext4 /dev/loop0 rw\n"
      "nonsense\n"
      "67 44 7:0 / /cut");
  REQUIRE(mounts.size() == 2);
  CHECK(mounts[0] == Mounted{.at = "/dev/shm/seatrial-run-1/broker-1.device",
                             .type = "fuse.seatrial",
                             .source = "seatrial-run"});
  CHECK(mounts[1] == Mounted{.at = "/tmp/a b/broker-1", .type = "ext4", .source = "/dev/loop0"});
  CHECK(parse_mountinfo("").empty());
}

}  // namespace
}  // namespace seatrial::disks
