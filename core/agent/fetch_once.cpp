// A source in front of a source. What it does not hold goes on to the one behind; errors are not kept.
#include "agent/fetch_once.h"

#include <utility>

#include "model/leases.h"

namespace dso {
namespace {

SecretValue copy_of(const SecretValue& value) {
  SecretValue out{value.name, value.version, {}};
  for (const SecretField& f : value.fields) out.fields.push_back({f.name, f.value.clone()});
  return out;
}

}  // namespace

class OnceSource final : public SecretSource, public Leases {
 public:
  OnceSource(FetchOnce& once, std::string instance, std::unique_ptr<SecretSource> behind)
      : once_(once), instance_(std::move(instance)), behind_(std::move(behind)) {}

  std::vector<Result<SecretValue>> fetch(std::span<const SecretRef> refs, const Deadline& deadline,
                                         std::stop_token stop) override {
    std::vector<SecretRef> missing;
    {
      const std::lock_guard lock(once_.mutex_);
      for (const SecretRef& ref : refs)
        if (!once_.fetched_.contains({instance_, ref.name, ref.version})) missing.push_back(ref);
    }
    auto answers = missing.empty() ? std::vector<Result<SecretValue>>() : behind_->fetch(missing, deadline, std::move(stop));
    if (answers.size() != missing.size()) return answers;  // whoever asked counts them
    const std::lock_guard lock(once_.mutex_);
    std::map<FetchOnce::Key, Error> failed;
    for (std::size_t i = 0; i < missing.size(); ++i) {
      const FetchOnce::Key key{instance_, missing[i].name, missing[i].version};
      if (answers[i].has_error())
        failed.emplace(key, answers[i].error());
      else
        once_.fetched_.insert_or_assign(key, std::move(*answers[i]));
    }
    std::vector<Result<SecretValue>> out;
    out.reserve(refs.size());
    for (const SecretRef& ref : refs) {
      const FetchOnce::Key key{instance_, ref.name, ref.version};
      if (const auto error = failed.find(key); error != failed.end())
        out.emplace_back(error->second);
      else
        out.emplace_back(copy_of(once_.fetched_.at(key)));
    }
    return out;
  }
  std::vector<Result<std::string>> versions(std::span<const SecretRef> refs, const Deadline& deadline,
                                            std::stop_token stop) override {
    return behind_->versions(refs, deadline, std::move(stop));
  }
  Result<std::vector<std::string>> list(const Deadline& deadline, std::stop_token stop) override {
    return behind_->list(deadline, std::move(stop));
  }
  std::string identity() override { return behind_->identity(); }

  std::optional<std::chrono::milliseconds> lease_left(const std::string& name) override {
    Leases* leases = leases_of(*behind_);
    return leases ? leases->lease_left(name) : std::nullopt;
  }
  void keep_lease(const std::string& name) override {
    if (Leases* leases = leases_of(*behind_)) leases->keep_lease(name);
  }

 private:
  FetchOnce& once_;
  const std::string instance_;
  const std::unique_ptr<SecretSource> behind_;
};

OpenSource FetchOnce::open(OpenSource open) {
  return [this, open = std::move(open)](const ProviderInstance& instance, const Paths& paths,
                                        const Deadline& deadline) -> Result<std::unique_ptr<SecretSource>> {
    DSO_TRY(auto behind, open(instance, paths, deadline));
    return std::unique_ptr<SecretSource>(std::make_unique<OnceSource>(*this, instance.name, std::move(behind)));
  };
}

void FetchOnce::forget() {
  const std::lock_guard lock(mutex_);
  fetched_.clear();
}

}  // namespace dso
