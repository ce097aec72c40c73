// What a provider's child process could send: any header, any payload of any type, and what the agent makes of it. Nothing may
// crash, and what decodes must encode to the same bytes.
#include <cstdint>
#include <cstdlib>

#include "provider/call_answers.h"
#include "provider/messages.h"

namespace {

using namespace dso;

void feed(CallAnswers& answers, const ipc::ChildMessage& message) {
  std::visit(
      [&answers](const auto& m) {
        if constexpr (requires { answers.accept(m); }) answers.accept(m);
      },
      message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  CallAnswers answers(3);
  while (rest.size() >= ipc::kHeaderBytes) {
    const auto header = ipc::read_header(rest.substr(0, ipc::kHeaderBytes));
    if (!header) break;
    rest.remove_prefix(ipc::kHeaderBytes);
    const std::string_view payload = rest.substr(0, header->size);
    rest.remove_prefix(payload.size());
    if (const auto message = ipc::decode_child(header->type, payload)) {
      feed(answers, *message);
      const auto again = ipc::encode(*message);
      const bool flag = std::holds_alternative<ipc::EmitLease>(*message);  // any number but 0 is "renewable"
      if (again.type != header->type || (!flag && view(again.payload) != payload)) std::abort();
    }
    ipc::decode_answer(payload);
    ipc::decode_call(payload);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    answers.lease(i);
    if (i < 2) {
      if (auto r = answers.take_value(i, "name", "what"); r.has_error()) render(r.error());
    } else if (auto r = answers.take_version(i, "what"); r.has_error()) {
      render(r.error());
    }
  }
  return 0;
}
