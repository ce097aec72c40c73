// The one table of topics, and the threads in which they run.
#include "doctor/doctor.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <thread>
#include <utility>

#include "agent/control_client.h"
#include "agent/which_agent.h"
#include "doctor/topics.h"
#include "logic/doctor_row.h"
#include "logic/parse_config.h"

namespace dso {
namespace {

struct Topic {
  std::string_view sections;  ///< By spaces.
  DoctorRows (*rows)(const DoctorScene&, const Deadline&);
  std::chrono::seconds patience;
};
/// In the order in which they are shown. A new topic is a line here, a function in topics.h and its checks in
/// logic/doctor_checks.h.
constexpr Topic kTopics[] = {
    {"host", host_rows, std::chrono::seconds(5)},
    {"host", file_rows, std::chrono::seconds(5)},
    {"engine", engine_rows, std::chrono::seconds(10)},
    {"agent", agent_rows, std::chrono::seconds(10)},
    {"store secret container", workload_rows, std::chrono::seconds(60)},
};

bool is_wanted(const std::vector<std::string>& wanted, const Topic& topic) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](std::string_view w) {
           return (" " + std::string(topic.sections) + " ").find(" " + std::string(w.substr(0, w.find('.'))) + " ") !=
                  std::string::npos;
         });
}
bool is_wanted(const std::vector<std::string>& wanted, const DoctorRow& row) {
  return wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return w == row.section || w == row.check; });
}

DoctorRows rows_of(const Topic& topic, const DoctorScene& scene) {
  try {
    return topic.rows(scene, Deadline::in(topic.patience));
  } catch (const std::exception&) {  // its what() may quote anything
    return {doctor_row(DoctorLevel::error, std::string(topic.sections.substr(0, topic.sections.find(' '))) + ".checks", {},
                       "these checks ended with an unexpected error", "Please report it with the command that you ran.")};
  }
}

}  // namespace

DoctorScene doctor_scene(const std::string& config_path, const Paths& paths, std::string version, std::stop_token stop) {
  DoctorScene scene{paths, std::move(version), {}, {}, {}, {}, stop, {}};
  scene.agent = std::async(std::launch::deferred, ask_for_status, agent_socket(paths), stop).share();
  auto loaded = load_config_report(config_path);
  if (loaded.has_value()) {
    scene.config = std::move(*loaded);
  } else {
    scene.config.config = default_config();
    scene.config.config.file = which_config(config_path);
    scene.config_error = std::move(loaded).error();
  }
  auto engine = Engine::from_environment();
  if (engine.has_value())
    scene.engine = std::move(*engine);
  else
    scene.engine_error = std::move(engine).error();
  return scene;
}

DoctorRows run_doctor(const DoctorScene& scene, const std::vector<std::string>& wanted) {
  std::vector<DoctorRows> found(std::size(kTopics));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::size(kTopics); ++i)  // NOLINT(modernize-loop-convert): two lists in step
    if (is_wanted(wanted, kTopics[i]))
      threads.emplace_back([&scene, &rows = found[i], &topic = kTopics[i]] { rows = rows_of(topic, scene); });
  for (std::thread& t : threads) t.join();
  DoctorRows out;
  for (DoctorRows& rows : found)
    for (DoctorRow& row : rows)
      if (is_wanted(wanted, row)) out.push_back(std::move(row));
  return out;
}

}  // namespace dso
