// In pieces, as the watcher asks.
#include "agent/present_versions.h"

#include <vector>

#include "agent/fetch_pieces.h"

namespace dso {

std::map<SecretKey, Result<std::string>> present_versions(Sources& sources, const std::set<SecretKey>& keys,
                                                          const Deadline& deadline, std::stop_token stop) {
  std::map<SecretKey, Result<std::string>> out;
  std::map<std::string, std::vector<SecretRef>> asked;
  for (const SecretKey& key : keys) asked[key.instance].push_back({key.name, ""});
  for (const auto& [instance, refs] : asked) {
    const auto source = sources.get(instance, deadline);
    for (std::size_t at = 0; at < refs.size(); at += kVersionsAtOnce) {
      const auto piece = piece_of(refs, at, kVersionsAtOnce);
      std::vector<Result<std::string>> answers;
      if (source.has_value()) answers = (*source)->versions(piece, deadline, stop);
      for (std::size_t i = 0; i < piece.size(); ++i) {
        const SecretKey key{instance, piece[i].name};
        if (source.has_error())
          out.emplace(key, source.error());
        else if (i < answers.size())
          out.emplace(key, std::move(answers[i]));
        else
          out.emplace(key, make_error(ErrorClass::malformed, "Cannot ask for versions", "the provider gave too few answers"));
      }
    }
  }
  return out;
}

}  // namespace dso
