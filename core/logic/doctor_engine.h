// What `dso doctor` says of the engine: whether it answers, what its version and settings cost, and Docker's own tools. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/doctor.h"

namespace dso {

/// Of the engine's /info; empty where the text is none.
struct EngineInfo {
  std::vector<std::string> security;  ///< "name=rootless"
  bool live_restore = false;
  std::int64_t time_ms = 0;  ///< The engine's clock; 0: it does not say.
};
EngineInfo parse_engine_info(std::string_view json);

struct EngineFacts {
  std::string socket;          ///< Where it is asked.
  std::optional<Error> error;  ///< Why it does not answer; then of the engine nothing below counts.
  std::string version;         ///< "29.1.0"
  std::pair<int, int> api{};   ///< The one agreed on.
  std::optional<EngineInfo> info;
  std::int64_t now_ms = 0;  ///< Our clock, in the middle of the call that gave `info`.
  bool root = false;        ///< We are: only root can ask the packet filter.
  std::string no_redirect;  ///< Why connections cannot be redirected; "": they can.
  std::string cli_plugin;   ///< docker-dso, among Docker's CLI plugins; "": in none of their folders.
  bool cli_plugin_is_us = false;
  std::string compose;  ///< docker-compose there; "": none.
};
DoctorRows engine_checks(const EngineFacts& facts);

}  // namespace dso
