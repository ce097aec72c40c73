// How a container's processes take signals, as /proc shows them: what logic/signal_reach judges.
#pragma once
#include "logic/signal_reach.h"
#include "model/container.h"

namespace dso {

/// Of the process `container.pid` and the first that it started. The caller knows that the number is the container's here. Asks
/// no engine; any thread.
ContainerSignals signals_of(const Container& container);

}  // namespace dso
