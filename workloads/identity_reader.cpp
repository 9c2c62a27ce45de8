// A message of another trial has a readable identity, and another tag.
#include "workloads/identity_reader.hpp"

#include <cstddef>
#include <span>

#include "core/counted.hpp"

namespace seatrial::workloads {

IdentityReader::Read IdentityReader::read(const rd_kafka_message_t& message) {
  Read out;
  const std::span value(static_cast<const std::byte*>(message.payload), message.len);
  if (ledger::read(value, out.identity) == ledger::Reading::corrupt) ++corrupt_;
  else if (out.identity.trial_tag != trial_tag_) ++foreign_;
  else out.identified = true;
  return out;
}

void IdentityReader::add_notes(std::vector<std::string>& notes) const {
  if (corrupt_ > 0) notes.push_back(counted(corrupt_, "message") + " without a readable identity");
  if (foreign_ > 0) notes.push_back(counted(foreign_, "message") + " of another trial");
}

}  // namespace seatrial::workloads
