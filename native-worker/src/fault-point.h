// Named moments at which the worker can be made to die, to stop or to meet a full disk, for campaigns of faults.
//
// KEEPSAKE_FAULT="action:name" or "action:name:n" (the n-th time, from 1), the variable and the grammar of the app,
// which hands its environment on. Actions: kill (SIGKILL), stop (SIGSTOP), fail. Without the variable nothing happens.
#pragma once

// Names: worker-file.write, .fsync, .fsynced, .rename, .renamed: true = behave as if the disk were full.
// device.lost, .memory, .abort (by calls of a training step or a probe), device.check: true = behave as a device that
// does.
bool fault_point(const char * name);
