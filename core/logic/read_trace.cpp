// Two memories, both bounded: who reads or asks may make up as many names as he likes.
#include "logic/read_trace.h"

namespace dso {
namespace {

constexpr std::size_t kMaxReads = 4096;
constexpr std::chrono::minutes kOnce{1}, kForgotten{60};

std::string and_more(std::size_t more) {
  return more == 0 ? "" : " (and " + std::to_string(more) + " more of these since that was last said)";
}

}  // namespace

std::string ReadTrace::read(const std::string& who, const std::string& secret, const std::string& version) {
  const auto [it, is_new] = reads_.insert(who + '\0' + secret + '\0' + version);
  if (!is_new) return {};
  oldest_first_.push_back(it);
  if (oldest_first_.size() > kMaxReads) {
    reads_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  return "The secret '" + secret + "'" + (version.empty() ? "" : ", version " + version + ",") + " is read by " + who;
}

std::string ReadTrace::refused(const std::string& who, const std::string& what, Time now) {
  std::string before;
  if (now - minute_ >= kOnce) {
    if (untold_ > 0) before = std::to_string(untold_) + " refusals were not logged. ";
    minute_ = now;
    told_ = untold_ = 0;
    std::erase_if(refusals_, [&](const auto& r) { return now - r.second.when >= (r.second.more == 0 ? kOnce : kForgotten); });
  }
  const std::string key = who + '\0' + what;
  const auto it = refusals_.find(key);
  if (it != refusals_.end() && now - it->second.when < kOnce) {
    ++it->second.more;
    return {};
  }
  if (told_ > kRefusalsAMinute) {
    ++untold_;
    return {};
  }
  if (++told_ > kRefusalsAMinute) {
    ++untold_;
    return before + "More reads are refused than are logged: see dso_secret_reads_total";
  }
  const std::size_t more = it == refusals_.end() ? 0 : it->second.more;
  refusals_[key] = {now, 0};
  return before + "A read by " + who + " " + what + and_more(more);
}

}  // namespace dso
