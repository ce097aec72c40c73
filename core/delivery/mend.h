// A scope's folder that somebody changed by hand, put right from what the scope keeps: no store is asked, nobody is touched.
#pragma once
#include <string>

#include "delivery/tmpfs_store.h"

namespace dso::delivery {

/// What somebody did to the folders of a scope, for people: "files-…/password is gone"; "" where they are as they were
/// delivered. A delivery that was cut off is not meant (is_torn). `scope` is its descriptor, held against writers.
std::string damage_of(int scope, const std::string& generation);

/// Puts links and files back that are gone, takes others away, and writes a state that cannot be read anew; who was told what is
/// lost with that. What was wrong; "" where nothing was, or where the scope does not keep what it takes.
std::string mend(TmpfsStore& store, const std::string& scope_id);

}  // namespace dso::delivery
