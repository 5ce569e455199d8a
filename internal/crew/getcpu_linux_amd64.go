package crew

const sysGetcpu = 309 // package syscall of this architecture is older than the call
