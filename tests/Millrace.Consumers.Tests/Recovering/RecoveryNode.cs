using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Recovering;
using Millrace.Storage;
using Millrace.Tests.Metrics;

namespace Millrace.Tests.Recovering;

/// <summary>
/// A node whose recovery manager works at the times that a test chooses, with the faults that it injects.
/// </summary>
internal sealed class RecoveryNode : IAsyncDisposable
{
    public static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly VirtualClock _clock;

    private RecoveryNode(EventStore store, VirtualClock clock, string name, RecoverySetup setup)
    {
        (Store, _clock) = (store, clock);
        Service = new RecoveryService(
            store, setup, [new Probe(this)], new AuditProbe(null, null), name, NullLogger.Instance)
        {
            LockDuration = LockDuration,
        };
        First = (RecordingAction)setup.Actions["first"];
        Second = (RecordingAction)setup.Actions["second"];
        Recovery = Recovery.Of(store);
    }

    public EventStore Store { get; }

    public RecoveryService Service { get; }

    public Recovery Recovery { get; }

    public RecordingAction First { get; }

    public RecordingAction Second { get; }

    /// <summary>Gets or sets the fault that exists; null for none.</summary>
    public RecoveryDiagnosis? Fault { get; set; }

    /// <summary>Gets or sets the error of the diagnosis; null for none.</summary>
    public Exception? Failure { get; set; }

    public static RecoveryDiagnosis Broken { get; } = new()
    {
        Cause = RecoveryCause.ServiceUnavailable,
        Symptom = "broken",
        Subject = "pump",
        Description = "The pump is broken.",
        Advice = "Buy a new one.",
    };

    public static RecoveryRule Rule { get; } = new()
    {
        Name = "repair",
        When = static fault => fault.Symptom == "broken",
        Actions = ["first", "second"],
        After = TimeSpan.FromSeconds(20),
        RetryDelay = TimeSpan.FromSeconds(30),
        VerifyWithin = TimeSpan.FromSeconds(30),
        HealthyFor = TimeSpan.FromSeconds(20),
    };

    public static async Task<RecoveryNode> Open(
        IStorage storage, VirtualClock clock, string name, RecoveryRule rule, bool isDryRun = false)
    {
        var store = await EventStore.Open(storage, EventTypeMap.Empty, time: clock);
        var actions = new[] { "first", "second" }.ToDictionary(
            static action => action, static IRecoveryAction (action) => new RecordingAction(action));
        return new RecoveryNode(
            store,
            clock,
            name,
            new RecoverySetup(Interval, isDryRun, [rule, .. RecoveryCatalogue.Rules], actions));
    }

    /// <summary>Runs passes for a time.</summary>
    public async Task RunFor(TimeSpan time, CancellationToken cancellationToken = default)
    {
        for (var elapsed = TimeSpan.Zero; elapsed < time; elapsed += Interval)
        {
            await Service.RunOnce(cancellationToken);
            _clock.Advance(Interval);
        }
    }

    /// <summary>Returns the kinds of all steps, oldest first.</summary>
    public async Task<IReadOnlyList<string>> Kinds() =>
        [.. (await Recovery.History()).Reverse().Select(static step => step.Kind)];

    public async Task<RecoveryEntry> Last(string kind) =>
        (await Recovery.History()).First(step => step.Kind == kind);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Store.DisposeAsync();
    }

    private sealed class Probe(RecoveryNode node) : IRecoveryProbe
    {
        public IReadOnlyList<string> Symptoms { get; } = [Broken.Symptom];

        public ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
            DateTimeOffset now, CancellationToken cancellationToken) =>
            node.Failure is { } failure ? throw failure : new(node.Fault is { } fault ? [fault] : []);
    }
}
