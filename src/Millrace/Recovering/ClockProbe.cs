using System.Globalization;

namespace Millrace.Recovering;

/// <summary>
/// Finds a clock of this node that was set to another time, by the difference to its stopwatch. The fault ends after a
/// while, because the new time remains.
/// </summary>
internal sealed class ClockProbe(TimeProvider time, string node) : IRecoveryProbe
{
    private static readonly TimeSpan MaxDifference = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(5);

    private DateTimeOffset _lastTime = time.GetUtcNow();
    private long _lastTimestamp = time.GetTimestamp();
    private (TimeSpan By, long At)? _jump;

    public IReadOnlyList<string> Symptoms { get; } = [RecoverySymptoms.ClockJump];

    public ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (current, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        var difference = current - _lastTime - time.GetElapsedTime(_lastTimestamp, timestamp);
        (_lastTime, _lastTimestamp) = (current, timestamp);
        if (difference.Duration() > MaxDifference)
            _jump = (difference, timestamp);
        if (_jump is not { } jump || time.GetElapsedTime(jump.At, timestamp) >= Duration)
            return new([]);
        return new([
            new RecoveryDiagnosis
            {
                Cause = RecoveryCause.ServiceUnavailable,
                Symptom = RecoverySymptoms.ClockJump,
                Node = node,
                Description = string.Create(
                    CultureInfo.InvariantCulture,
                    $"The clock of the node {node} was set {(jump.By > TimeSpan.Zero ? "forward" : "back")} by "
                        + $"{jump.By.Duration().TotalSeconds:0} s."),
                Advice = "Check the time synchronisation of the node.",
            },
        ]);
    }
}
