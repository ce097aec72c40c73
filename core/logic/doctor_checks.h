// Every check of `dso doctor`, in the order in which its rows are shown. docs/doctor.md explains each one of them and no other
// (its test compares); the command line takes these words and their sections. An id is never given another meaning.
#pragma once
#include <string_view>

namespace dso {

inline constexpr std::string_view kDoctorChecks[] = {
    "engine.reach",
    "engine.version",
    "store.provider",
    "store.identity",
    "store.reachable",
    "store.tls",
    "store.clock",
    "store.imds",
    "store.imds_container",
    "secret.fetch",
    "secret.targets",
    "secret.debounce",
    "container.label",
    "container.delivery",
    "container.drift",
    "container.rotation",
    "container.strategy",
    "container.healthcheck",
    "container.health_interval",
    "container.start_time",
    "container.ports",
    "container.exclusive",
    "container.pid1",
    "container.signal",
};

}  // namespace dso
