// Folders that say in themselves whose they are: made for this user alone, with a label inside, and
// removed only where owner, mode and label are still as they were made. Whoever names a folder to
// be removed (an entry in a list, say) is therefore never simply believed.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/result.hpp"

namespace seatrial::clusters {

// What makes a file or folder of this kind (S_IFREG, S_IFDIR) one that others may have made or
// changed: another kind, another owner, or writable by others. Nothing if it is ours alone.
std::optional<std::string> not_ours(const struct stat& about, mode_t kind);

// Makes the folder, mode 0700, and labels it; its parent must exist. False if something of that
// name is there already. The Error says what else went wrong.
Result<bool> make_labelled_folder(const std::filesystem::path& folder, const std::string& label);

// Removes it with all that is in it; follows no symbolic link and enters no other file system.
// False if there is no such folder. The Error says why it was left, or what could not be removed.
Result<bool> remove_labelled_folder(const std::filesystem::path& folder, const std::string& label);

}  // namespace seatrial::clusters
