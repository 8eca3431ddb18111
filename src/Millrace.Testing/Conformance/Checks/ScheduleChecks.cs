using Millrace.Testing.Conformance.Scheduling;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Runs random schedules of all operations and compares each step with a model. A failure contains its seed.
/// </summary>
internal static class ScheduleChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        .. Enumerable
            .Range(1, 8)
            .Select(seed => new ConformanceCheck(
                $"A random schedule has the same results as the model (seed {seed})",
                probe => new ScheduleRun(probe, seed).Run(steps: 60))),
    ];
}
