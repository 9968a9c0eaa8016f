/** Prefixes of the variables that libraries in child processes may need. Others may be secrets and are not passed on. */
const PASSED = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_',
  'TZ',
  'TMP',
  'TEMP',
  'SystemRoot',
  'LD_',
  'DYLD_',
  'CUDA_',
  'NVIDIA_',
  'TRT_',
  'ORT_',
  'OMP_',
  'LIBVA_',
  'VDPAU_',
  'MFX_',
  'ONEVPL_',
  'VK_',
  'MESA_',
  'DRI_PRIME',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_DIRS',
  'XDG_DATA_DIRS',
  'FONTCONFIG_',
  'NODE_V8_COVERAGE',
];

/** The environment for a process that handles media or models: hostile input must not find a token or password in it. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED.some((beginning) => name.startsWith(beginning))));
}
