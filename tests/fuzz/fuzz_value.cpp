// A store's value as its user sees it: fields, paths into them, templates, lines of an env file; and what a container asks for.
// Any bytes may be stored: nothing may crash, and what is not taken apart is given as it is.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "logic/cgroup_text.h"
#include "logic/env_lines.h"
#include "logic/read_request.h"
#include "logic/secret_json.h"
#include "logic/text.h"
#include "logic/value_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dso;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // "TEXT\0VALUE": the first part asks, the second answers
  const std::size_t cut = bytes.find('\0');
  const std::string_view asked = bytes.substr(0, cut);
  const std::string_view stored = cut == std::string_view::npos ? bytes : bytes.substr(cut + 1);

  const SecretValue secret{"name", "1", split_fields(SecretBytes::copy_of(stored))};
  if (secret.fields.size() == 1 && secret.fields[0].name == "value" && secret.fields[0].value.size() > stored.size())
    std::abort();
  if (const auto r = select_field(secret, asked); r.has_error()) render(r.error());
  if (!why_not_template(asked) && !is_template(asked)) std::abort();
  if (const auto r = render_template(secret, asked); r.has_error()) render(r.error());
  for (const EnvSyntax syntax : {EnvSyntax::compose, EnvSyntax::raw})
    if (const auto r = env_lines(secret, syntax); r.has_error()) render(r.error());
  (void)secret_answer(secret);
  (void)secret_digest("key", secret);

  if (const auto r = secret_of_target(asked); r.has_value() && r->size() > asked.size()) std::abort();
  for (const std::string& id : container_ids_in(asked))
    if (in_group_of(asked, stored, id) && stored.find(id) == std::string_view::npos) std::abort();
  return 0;
}
