"""Numbers of the system calls that a confined process must not make, by machine."""

from __future__ import annotations

__all__ = ["AUDIT_ARCHITECTURES", "DENIED", "NUMBERS", "OF_OTHERS", "UNSEEN_BY_LANDLOCK"]

AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

DENIED = (
    # network, and the ring that would go round this filter
    "socket", "connect", "bind", "listen", "accept", "accept4", "io_uring_setup",
    "io_uring_enter", "io_uring_register",
    # programs and other processes
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open",
    "pidfd_getfd", "pidfd_send_signal", "kcmp", "process_madvise", "rt_sigqueueinfo",
    "rt_tgsigqueueinfo", "tkill", "vfork", "fork",
    # namespaces and mounts
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "open_by_handle_at",
    "name_to_handle_at", "mknod", "mknodat",
    # the kernel and the machine
    "bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl", "init_module",
    "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon",
    "swapoff", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname",
    "setdomainname", "iopl", "ioperm", "quotactl", "acct", "syslog", "personality", "vhangup",
    "fanotify_init", "lookup_dcookie",
    # what would slow down the user's other processes
    "setpriority", "ioprio_set", "sched_setscheduler", "sched_setparam", "sched_setattr",
    "sched_setaffinity", "migrate_pages", "move_pages",
    # memory that no limit of the process counts
    "memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "msgget", "semget", "mq_open",
)  # fmt: skip

UNSEEN_BY_LANDLOCK = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime",
    "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat",
    "removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr", "truncate",
)  # fmt: skip
"""Changes to files that Landlock does not control (`truncate` before its third version)."""

OF_OTHERS = ("kill", "tgkill", "prlimit64")
"""Calls about a process, its first argument, that may only be about oneself."""

NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": {
        "accept": 43, "accept4": 288, "acct": 163, "add_key": 248, "adjtimex": 159, "bind": 49,
        "bpf": 321, "chroot": 161, "clock_adjtime": 305, "clock_settime": 227, "clone": 56,
        "clone3": 435, "connect": 42, "delete_module": 176, "execve": 59, "execveat": 322,
        "fanotify_init": 300, "finit_module": 313, "fork": 57, "fsconfig": 431, "fsmount": 432,
        "fsopen": 430, "fspick": 433, "init_module": 175, "io_uring_enter": 426,
        "io_uring_register": 427, "io_uring_setup": 425, "ioperm": 173, "iopl": 172, "kcmp": 312,
        "kexec_file_load": 320, "kexec_load": 246, "keyctl": 250, "kill": 62, "listen": 50,
        "lookup_dcookie": 212, "memfd_create": 319, "memfd_secret": 447, "mknod": 133,
        "mknodat": 259, "mount": 165, "mount_setattr": 442, "move_mount": 429, "mq_open": 240,
        "msgget": 68, "name_to_handle_at": 303, "open_by_handle_at": 304, "open_tree": 428,
        "perf_event_open": 298, "personality": 135, "pidfd_getfd": 438, "pidfd_open": 434,
        "pidfd_send_signal": 424, "pivot_root": 155, "process_madvise": 440,
        "process_vm_readv": 310, "process_vm_writev": 311, "ptrace": 101, "quotactl": 179,
        "reboot": 169, "request_key": 249, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
        "semget": 64, "setdomainname": 171, "sethostname": 170, "setns": 308, "settimeofday": 164,
        "shmat": 30, "shmctl": 31, "shmget": 29, "socket": 41, "swapoff": 168, "swapon": 167,
        "syslog": 103, "tgkill": 234, "tkill": 200, "umount2": 166, "unshare": 272,
        "userfaultfd": 323, "vfork": 58, "vhangup": 153, "setpriority": 141, "ioprio_set": 251,
        "sched_setscheduler": 144, "sched_setparam": 142, "sched_setattr": 314,
        "sched_setaffinity": 203, "migrate_pages": 256, "move_pages": 279, "prlimit64": 302,
        "chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93,
        "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235, "futimesat": 261,
        "utimensat": 280, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "setxattrat": 463,
        "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "removexattrat": 466,
        "file_setattr": 469, "truncate": 76,
    },
    "aarch64": {
        "accept": 202, "accept4": 242, "acct": 89, "add_key": 217, "adjtimex": 171, "bind": 200,
        "bpf": 280, "chroot": 51, "clock_adjtime": 266, "clock_settime": 112, "clone": 220,
        "clone3": 435, "connect": 203, "delete_module": 106, "execve": 221, "execveat": 281,
        "fanotify_init": 262, "finit_module": 273, "fsconfig": 431, "fsmount": 432, "fsopen": 430,
        "fspick": 433, "init_module": 105, "io_uring_enter": 426, "io_uring_register": 427,
        "io_uring_setup": 425, "kcmp": 272, "kexec_file_load": 294, "kexec_load": 104,
        "keyctl": 219, "kill": 129, "listen": 201, "lookup_dcookie": 18, "memfd_create": 279,
        "memfd_secret": 447, "mknodat": 33, "mount": 40, "mount_setattr": 442, "move_mount": 429,
        "mq_open": 180, "msgget": 186, "name_to_handle_at": 264, "open_by_handle_at": 265,
        "open_tree": 428, "perf_event_open": 241, "personality": 92, "pidfd_getfd": 438,
        "pidfd_open": 434, "pidfd_send_signal": 424, "pivot_root": 41, "process_madvise": 440,
        "process_vm_readv": 270, "process_vm_writev": 271, "ptrace": 117, "quotactl": 60,
        "reboot": 142, "request_key": 218, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
        "semget": 190, "setdomainname": 162, "sethostname": 161, "setns": 268,
        "settimeofday": 170, "shmat": 196, "shmctl": 195, "shmget": 194, "socket": 198,
        "swapoff": 225, "swapon": 224, "syslog": 116, "tgkill": 131, "tkill": 130, "umount2": 39,
        "unshare": 97, "userfaultfd": 282, "vhangup": 58, "setpriority": 140, "ioprio_set": 30,
        "sched_setscheduler": 119, "sched_setparam": 118, "sched_setattr": 274,
        "sched_setaffinity": 122, "migrate_pages": 238, "move_pages": 239, "prlimit64": 261,
        "fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "fchown": 55, "fchownat": 54,
        "utimensat": 88, "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "setxattrat": 463,
        "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16, "removexattrat": 466,
        "file_setattr": 469, "truncate": 45,
    },
}  # fmt: skip
