//! What the system knows about a running process. Linux alone tells it in files (proc(5)).

use std::{fs, time::Duration};

/// Processor time is counted in hundredths of a second on every platform that Rust runs Linux on.
const TICK: Duration = Duration::from_millis(10);

/// Processor time that a process has used, its own and the kernel's for it.
pub fn processor_time(id: u32) -> Option<Duration> {
    ticks(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?).map(|ticks| TICK * ticks)
}

/// Memory of a process that is in the machine's memory, in megabytes (a million bytes).
pub fn resident_memory(id: u32) -> Option<f64> {
    let kibibytes = resident(&fs::read_to_string(format!("/proc/{id}/status")).ok()?)?;
    Some(f64::from(kibibytes) * 1024.0 / 1e6)
}

/// `utime` and `stime`, the 14th and 15th field. The second is the program's name in brackets and
/// may hold anything, so fields are counted from its end.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194304 900 0 3 0 120 34 5 6 20 0 3 0 777 1 2";
        assert_eq!(ticks(stat), Some(154));
        assert_eq!(ticks("42 (sayso) S 1"), None);
    }

    #[test]
    fn resident_memory_is_found_among_the_other_lines() {
        let status = "Name:\tsayso\nVmHWM:\t   70000 kB\nVmRSS:\t   34567 kB\nThreads:\t3\n";
        assert_eq!(resident(status), Some(34_567));
        assert_eq!(resident("Name:\tkthreadd\n"), None);
    }
}
