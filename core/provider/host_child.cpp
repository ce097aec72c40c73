// The child's whole life: give up what it does not need, load the library, then serve one call after the other until the
// agent closes the socket. Knows no store and no config; everything it lends comes from the agent.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "base/locked_memory.h"
#include "provider/child_host.h"
#include "provider/library.h"
#include "provider/provider_source.h"
#include "provider/sandbox.h"

namespace dso {
namespace {

using ipc::FrameType;

class Child {
 public:
  Child(ipc::FrameChannel& channel, const dso_provider_api* api) : channel_(channel), host_(channel), api_(api) {}

  /// Until the agent says close or is gone.
  void serve() {
    for (;;) {
      FrameType type{};
      SecretBuffer payload;
      if (channel_.receive(type, payload, Deadline::never()) != ipc::Io::ok) return;
      if (type == FrameType::cancel) continue;  // of a call that has ended meanwhile
      const auto call = ipc::decode_call(view(payload));
      if (!call) return;
      host_.begin_call(Deadline::in(std::chrono::milliseconds(call->left_ms)));
      if (type == FrameType::close) {
        if (instance_) guarded("close", [&](dso_error*) { return api_->close(instance_), DSO_OK; });
        return;
      }
      dispatch(type, *call);
      host_.end_call();
    }
  }

 private:
  /// Runs an entry. An exception must not come here; if one does, the library's state is unknown and the process ends.
  template <class F>
  void guarded(const char* entry, F&& body) {
    dso_error error{};
    error.struct_size = sizeof error;
    error.retry_after_ms = -1;
    int32_t result = DSO_OK;
    try {
      result = body(&error);
    } catch (...) {
      const std::string problem = std::string("an exception escaped from its '") + entry + "'";
      host_.send(ipc::Fatal{problem, "This is a mistake in the provider."});
      _exit(1);
    }
    host_.tell_unlocked_memory();
    host_.send(ipc::Done{result == DSO_OK ? ipc::WireError{} : read_c_error(error, result)});
  }

  void unsupported(const char* entry) {
    const std::string text = std::string("the provider has no '") + entry + "'";
    host_.send(ipc::Done{{DSO_E_UNSUPPORTED, text, {}, {}, {}, {}, -1}});
  }

  void dispatch(FrameType type, const ipc::CallMessage& call) {
    std::vector<dso_ref> refs;
    for (const auto& [name, version] : call.refs) refs.push_back({{name.data(), name.size()}, {version.data(), version.size()}});
    // Never looked into: it only has to be something that is not null.
    auto* const request = reinterpret_cast<dso_request*>(this);
    const dso_str text{call.text.data(), call.text.size()};
    if (type == FrameType::open)
      return guarded("open", [&](dso_error* e) { return api_->open(host_.table(), text, &instance_, e); });
    if (!instance_) return host_.send(ipc::Fatal{"its 'open' gave no instance", "This is a mistake in the provider."});
    switch (type) {
      case FrameType::fetch:
        return guarded("fetch", [&](dso_error* e) { return api_->fetch(instance_, refs.data(), refs.size(), request, e); });
      case FrameType::versions:
        if (!api_->versions) return unsupported("versions");
        return guarded("versions", [&](dso_error* e) { return api_->versions(instance_, refs.data(), refs.size(), request, e); });
      case FrameType::list:
        if (!api_->list) return unsupported("list");
        return guarded("list", [&](dso_error* e) { return api_->list(instance_, request, e); });
      case FrameType::renew:
        if (!api_->renew) return unsupported("renew");
        return guarded("renew", [&](dso_error* e) { return api_->renew(instance_, text, request, e); });
      case FrameType::events:
        if (!has_events()) return unsupported("events");
        return guarded("events", [&](dso_error* e) { return api_->events(instance_, request, e); });
      default: _exit(1);
    }
  }

  /// A field that was appended: the table may end before it.
  bool has_events() const {
    return api_->struct_size >= offsetof(dso_provider_api, events) + sizeof(api_->events) && api_->events;
  }

  ipc::FrameChannel& channel_;
  ChildHost host_;
  const dso_provider_api* api_;
  dso_instance* instance_ = nullptr;
};

bool is_started_by_agent(int so_fd, int socket_fd) {
  struct stat so {
  }, socket{};
  return so_fd > 2 && socket_fd > 2 && so_fd != socket_fd && fstat(so_fd, &so) == 0 && S_ISREG(so.st_mode) &&
         fstat(socket_fd, &socket) == 0 && S_ISSOCK(socket.st_mode);
}

}  // namespace

std::optional<ProviderHostWishes> provider_host_wishes(std::span<char* const> words) {
  ProviderHostWishes out;
  for (const char* const word : words) {
    if (std::strcmp(word, "network") == 0)
      out.network = true;
    else if (std::strcmp(word, "locked") == 0)
      out.locked = true;
    else
      return std::nullopt;
  }
  return out;
}

int provider_host_main(int so_fd, int socket_fd, const ProviderHostWishes& wishes) {
  if (!is_started_by_agent(so_fd, socket_fd)) {
    constexpr std::string_view kText = "dso provider-host is started by dso itself, never by hand.\n";
    [[maybe_unused]] const ssize_t n = write(STDERR_FILENO, kText.data(), kText.size());
    return 2;
  }
  ipc::FrameChannel channel{UniqueFd(socket_fd)};
  const auto say = [&channel](const ipc::ChildMessage& message) {
    const ipc::Encoded frame = ipc::encode(message);
    channel.send(frame.type, view(frame.payload), Deadline::never());
  };
  if (wishes.locked) require_locked_secret_memory();
  if (!enter_sandbox(so_fd, socket_fd, wishes.network)) {
    say(ipc::Fatal{"its process could not be confined", "Run `dso doctor`."});
    _exit(1);
  }
  const LoadedLibrary library = load_library(so_fd);
  close(so_fd);
  if (!library.api) {
    say(ipc::Fatal{library.problem, library.next});
    _exit(1);
  }
  say(ipc::Loaded{library.api->name, library.api->semver, library.api->abi, library.api->capabilities});
  try {
    Child(channel, library.api).serve();
  } catch (const std::bad_alloc& refused) {
    say(ipc::Fatal{std::string("it was given more than there is memory for: ") + refused.what(), {}});
    _exit(1);
  }
  // Without the library's static destructors: whatever they do, the agent would have to wait for it.
  _exit(0);
}

}  // namespace dso
