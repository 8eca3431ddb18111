namespace Millrace.Tests.Recovering;

/// <summary>An action that records its attempts, and does what a test chooses.</summary>
internal sealed class RecordingAction(string name) : IRecoveryAction
{
    private readonly Lock _lock = new();
    private readonly List<RecoveryAttempt> _attempts = [];

    public string Name => name;

    public string Description => $"Does what the test of '{name}' chooses.";

    public Func<RecoveryAttempt, CancellationToken, Task> OnRun { get; set; } = static (_, _) => Task.CompletedTask;

    public IReadOnlyList<RecoveryAttempt> Attempts
    {
        get
        {
            lock (_lock)
                return [.. _attempts];
        }
    }

    public Task Run(RecoveryAttempt attempt, CancellationToken cancellationToken)
    {
        lock (_lock)
            _attempts.Add(attempt);
        return OnRun(attempt, cancellationToken);
    }
}
