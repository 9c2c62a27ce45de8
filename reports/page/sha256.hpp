// SHA-256 (FIPS 180-4) in base64, for the hashes in the page's content security policy. Not meant
// for anything secret: it is neither constant in time nor incremental.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace seatrial::reports::page {

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
std::string base64(std::string_view bytes);
std::string csp_hash(std::string_view bytes);  // 'sha256-...' with the quotes

}  // namespace seatrial::reports::page
