/**
 * shorten() - Shorten a path
 * @path: What to shorten
 * @flags: How
 *
 * contexts: process, sleepable
 *
 * param: path
 *   type: path, input
 *   constraint-type: user_path
 *   cdesc: Not longer than
 *   it is.
 *
 * param: flags
 *   type: int, input, optional
 *   constraint-type: mask(0x3)
 *
 * return:
 *   type: int
 *   check-type: fd
 *   desc: A descriptor
 *     note: deeper lines go on
 *
 * error: ENOSPC, No room, not even here
 *   desc: All is full.
 *
 * signal: SIGINT
 *   number: 2
 *   direction: receive
 *   action: restart
 *   errno: -EINTR
 *   sa_flags_required: SA_RESTART
 *   restartable: yes
 *   mood: grim
 *
 * lock: short_lock
 *   type: spinlock
 *   acquired: yes
 *   desc: One
 *   desc: Two
 *
 * side-effect: alloc_memory | filesystem
 *   target: the disk
 *   desc: Fills it
 *   reversible: no
 *
 * state-trans: the disk
 *   from: empty, nearly
 *   to: full
 *   condition: sooner or later
 *   desc: Fills up
 *
 * capability: CAP_SYS_ADMIN
 *   type: override
 *   allows: Much
 *   without: Less
 *
 * constraint: Depth
 *   desc: Not too deep
 *   expr: depth < 40
 *
 * notes: Short.
 */
int shorten(const char __user *path, int flags)
{
	return 0;
}
