// The proxy's view of frames: of any bytes, the header of a request and of a response, and the
// answer in a broker's place. A header read from some bytes is the same when more of them are
// there, and an answer is one whole frame that carries the request's correlation id. No request is
// about more partitions than its bytes could name.
#include <algorithm>

#include "fuzz/properties.hpp"
#include "proxy/answers.hpp"
#include "proxy/framing.hpp"
#include "proxy/partitions.hpp"

using namespace seatrial;
using namespace seatrial::proxy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::bytes_of(data, size);
  RequestHeader all;
  const Parsed parsed = parse_request(bytes, all);
  for (std::size_t n = 0; n < std::min<std::size_t>(size, 64); ++n) {
    RequestHeader some;
    if (parse_request(bytes.first(n), some) != Parsed::whole) continue;
    check(parsed == Parsed::whole && some.correlation == all.correlation && some.body == all.body,
          "a header does not change by what follows it");
  }
  if (parsed == Parsed::whole) {
    check(all.body <= size, "the body begins within the bytes");
    static_cast<void>(node_of_client(all.client));
    if (const auto asked = asked_partitions(all, bytes)) {
      check(asked->all.size() + asked->forgotten.size() <= size / 4, "partitions take their bytes");
    }
  }
  ResponseHeader response;
  static_cast<void>(parse_response(bytes, response));
  const auto answer = error_answer(bytes, 6);
  if (!answer) return 0;
  ResponseHeader header;
  check(parse_response(*answer, header) == Parsed::whole, "an answer is a response");
  check(header.correlation == all.correlation, "an answer is the request's");
  check(static_cast<std::size_t>(header.size) + 4 == answer->size(), "an answer is one frame");
  return 0;
}
