import type { MachineReport } from '../../contract/entities/settings.ts';
import { appVersion } from '../../contract/version.ts';
import type { Dependencies } from '../dependencies.ts';

/** What this computer has, for a reader. A disk that cannot be asked is unknown. */
export function describeMachine({ machine, paths }: Pick<Dependencies, 'machine' | 'paths'>): MachineReport {
  const { totalBytes, availableBytes } = machine.memory();
  return {
    platform: machine.platform,
    processor: machine.processor,
    threads: machine.threads,
    memoryBytes: totalBytes,
    freeMemoryBytes: availableBytes,
    freeDiskBytes: freeDisk(),
    dataFolder: paths.data,
    version: appVersion,
  };

  function freeDisk(): number | null {
    try {
      return machine.freeDiskBytes(paths.data);
    } catch {
      return null;
    }
  }
}
