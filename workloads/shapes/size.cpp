// Reading sizes, with the limits that the ledger and the client set.
#include "workloads/shapes/size.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <string>

#include "core/units.hpp"
#include "ledger/identity.hpp"
#include "workloads/shapes/call.hpp"

namespace seatrial::workloads {
namespace {

// librdkafka takes no larger message.max.bytes.
constexpr std::uint64_t largest = 1'000'000'000;

Result<std::uint32_t> one_size(std::string_view text) {
  const auto size = parse_size(text);
  if (!size) return size.error();
  if (*size < ledger::identity_bytes) {
    return Error{"'" + std::string(text) + "' is too small: a message's identity alone takes " +
                     std::to_string(ledger::identity_bytes) + " bytes",
                 ""};
  }
  if (*size > largest) {
    return Error{"'" + std::string(text) + "' is more than the client can send (1 GB)", ""};
  }
  return static_cast<std::uint32_t>(*size);
}

}  // namespace

Result<SizeShape> SizeShape::parse(std::string_view text) {
  const auto call = parse_call(text);
  if (!call) {
    if (text.find('(') != text.npos) {
      return Error{"'" + std::string(text) +
                       "' is not written as uniform(100B, 1KiB); put all of it in quotes",
                   ""};
    }
    const auto size = one_size(text);
    if (!size) return size.error();
    return SizeShape(*size, *size);
  }
  if (call->name != "uniform" || call->arguments.size() != 2) {
    return Error{"'" + std::string(text) + "' is neither a size, as 256B, nor uniform(100B, 1KiB)",
                 ""};
  }
  const auto least = one_size(call->arguments[0]);
  if (!least) return least.error();
  const auto most = one_size(call->arguments[1]);
  if (!most) return most.error();
  if (*least > *most) {
    return Error{"'" + std::string(text) + "': the first size is larger than the second", ""};
  }
  return SizeShape(*least, *most);
}

std::uint32_t SizeShape::next(RandomEngine& random) const {
  if (least_ == most_) return least_;
  return boost::random::uniform_int_distribution<std::uint32_t>(least_, most_)(random);
}

}  // namespace seatrial::workloads
