// Faults on purpose, for tests: KEEPSAKE_WORKER_FAULT=<name>@<step>, read once. PROTOCOL.md lists the names.
#pragma once

bool fault_at(const char * name, int step);
