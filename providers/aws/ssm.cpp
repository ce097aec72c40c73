// GetParameters: names that are not there come back in a list of their own, in an answer of status 200.
#include "ssm.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace aws {

using boost::json::object;
using dso::sdk::Answer;
using dso::sdk::Failure;
using dso::sdk::Item;
using dso::sdk::Ref;

namespace {

constexpr std::size_t kParametersAtOnce = 10;

/// "name:3" where a version or label is asked for.
std::string asked_as(const Ssm::Wanted& w) {
  const std::string_view version = w.ref.version.empty() ? w.name.selector : w.ref.version.substr(0, w.ref.version.find('@'));
  return version.empty() ? w.name.id : w.name.id + ":" + std::string(version);
}

/// Of several versions of one name each answer has its selector. One without is taken where it is of the number that was asked
/// for, or nobody asked for the name alone.
const object* answer_to(const Ssm::Wanted& w, const boost::json::array& all, bool alone) {
  const std::string asked = asked_as(w), tail = asked.substr(w.name.id.size());
  const object* without = nullptr;
  for (const auto& v : all) {
    const auto* o = v.if_object();
    if (!o || (string_at(*o, "Name") != w.name.id && string_at(*o, "ARN") != w.name.id)) continue;
    if (string_at(*o, "Selector") == tail) return o;
    const bool of_number = tail == ":" + std::to_string(integer_at(*o, "Version", 0));
    if (!has(*o, "Selector") && (of_number || alone)) without = o;
  }
  return without;
}

double number_at(const object& o, std::string_view key) {
  const boost::json::value* v = o.if_contains(key);
  if (!v) return 0;
  if (v->is_double()) return v->get_double();
  return v->is_int64() ? static_cast<double>(v->get_int64()) : 0;
}

}  // namespace

std::string parameter_version(std::int64_t number, double modified) {
  const std::string out = std::to_string(number);
  return modified > 0 && modified < 1e12 ? out + "@" + std::to_string(std::llround(modified * 1000)) : out;
}

void Ssm::get_some(const std::vector<Wanted>& some, const std::string& region, What what, Answer& answer) {
  Secret body = secret("{\"WithDecryption\":true,\"Names\":[");
  std::vector<std::string> names;
  for (const Wanted& w : some) {
    const std::string name = asked_as(w);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (!names.empty()) append(body, ",");
    append_json_string(body, name);
    names.push_back(name);
  }
  append(body, "]}");
  const Reply reply = session_.ask(Service::ssm, region, "AmazonSSM.GetParameters", view(body));
  const auto about = [&](const Wanted& w) {
    return Context{.action = "ssm:GetParameters",
                   .resource = policy_resource(w.name, region),
                   .name = w.name.id,
                   .version = std::string(w.ref.version),
                   .region = region,
                   .identity = session_.identity()};
  };
  if (!reply.ok()) {
    const dso_class cls = class_of(*reply.error, {});
    const bool of_one = cls == DSO_E_ACCESS_DENIED || cls == DSO_E_DECRYPT_FAILED || cls == DSO_E_INVALID_REQUEST;
    const ErrorFacts facts = *reply.error;
    for (const Wanted& w : some) {
      if (of_one && some.size() > 1)
        get_some({w}, region, what, answer);  // one that is denied denies all
      else
        answer.error(w.ref.index, failure_of(facts, about(w)));
    }
    return;
  }
  const auto document = Document::parse(reply.body);
  const auto* all = document ? array_at(document->root(), "Parameters") : nullptr;
  for (const Wanted& w : some)
    answer.one(w.ref, [&](const Ref&, Item& item) {
      if (!all) throw malformed(about(w), reply.request_id, "the answer holds no parameters");
      const bool alone = std::find(names.begin(), names.end(), w.name.id) == names.end();
      if (const auto* o = answer_to(w, *all, alone)) {
        const std::int64_t version = integer_at(*o, "Version", 0);
        if (version <= 0 || !has(*o, "Value")) throw malformed(about(w), reply.request_id, "the parameter has no value");
        if (what == What::value) emit_text(string_at(*o, "Value"), item);
        item.version(parameter_version(version, number_at(*o, "LastModifiedDate")));
        return;
      }
      ErrorFacts absent;
      absent.status = reply.status;
      absent.code = asked_as(w) == w.name.id ? "ParameterNotFound" : "ParameterVersionNotFound";
      absent.request_id = reply.request_id;
      throw failure_of(absent, about(w));
    });
}

void Ssm::get(const std::vector<Wanted>& wanted, What what, Answer& answer) {
  std::map<std::string, std::vector<Wanted>> by_region;
  for (const Wanted& w : wanted) by_region[w.name.region].push_back(w);
  for (const auto& [of_arn, all] : by_region)
    for (std::size_t at = 0; at < all.size(); at += kParametersAtOnce) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
      const std::vector<Wanted> some(first, first + static_cast<std::ptrdiff_t>(std::min(kParametersAtOnce, all.size() - at)));
      try {
        get_some(some, of_arn.empty() ? session_.region() : of_arn, what, answer);
      } catch (const Failure& f) {  // no answer, or no credentials: the same for each of them
        for (const Wanted& w : some) answer.error(w.ref.index, f);
      }
    }
}

}  // namespace aws
