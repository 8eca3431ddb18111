using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Recovering;

/// <summary>
/// A time in which the manager cannot use the store, and so cannot record anything. It observes, reports to a person
/// through the log, and returns the steps to record when the store works again. Each node does so.
/// </summary>
internal sealed partial class StoreTrouble(
    RecoverySetup setup, AuditProbe audit, string node, TimeProvider time, ILogger logger)
{
    private long _startedAt;
    private DateTimeOffset _since;
    private RecoveryDiagnosis? _fault;
    private RecoveryRule? _rule;
    private DateTimeOffset? _givenUpAt;

    /// <summary>Gets whether the store could not be used at the last attempt.</summary>
    public bool Exists => _fault is not null;

    /// <summary>Gets whether a person was called.</summary>
    public bool IsGivenUp => _givenUpAt is not null;

    /// <summary>Records that the store could not be used.</summary>
    public void Failed(Exception exception)
    {
        if (_fault is null)
        {
            _fault = FaultOf(exception);
            _rule = setup.RuleFor(_fault, logger);
            _startedAt = time.GetTimestamp();
            _since = time.GetUtcNow();
            Log.CannotUse(logger, _fault.Symptom, exception);
        }
        if (_rule is not { } rule || IsGivenUp || time.GetElapsedTime(_startedAt) < rule.After)
            return;
        _givenUpAt = time.GetUtcNow();
        Log.GivenUp(logger, rule.Name, _fault.Description, _fault.Advice);
    }

    /// <summary>
    /// Returns the steps to record after the store works again; null if the trouble was too short, or there was none.
    /// </summary>
    public RecoveryStep? Ended()
    {
        if (_fault is not { } fault || _rule is not { } rule || time.GetElapsedTime(_startedAt) < rule.After)
            return null;
        var note = new RecoveryNote
        {
            Case = Guid.CreateVersion7(_since).ToString("N"),
            Rule = rule.Name,
            Node = node,
        };
        var events = new List<(string, RecoveryNote)>
        {
            (RecoveryEvents.Diagnosed, note with { Diagnosis = fault, Text = $"Since {_since:u}." }),
        };
        if (_givenUpAt is { } at)
            events.Add((RecoveryEvents.GivenUp, note with { Text = $"At {at:u}. {fault.Advice}" }));
        var duration = time.GetElapsedTime(_startedAt).TotalMilliseconds;
        events.Add((RecoveryEvents.Healed, note with { DurationMs = duration }));
        return new RecoveryStep(null, events);
    }

    /// <summary>Forgets the trouble, after its steps were recorded or another node records its own.</summary>
    public void Clear() => (_fault, _rule, _givenUpAt) = (null, null, null);

    /// <summary>Returns the fault that an error of the store is.</summary>
    public RecoveryDiagnosis FaultOf(Exception exception) => (exception as StorageException)?.Problem switch
    {
        StorageProblem.Damaged => audit.FaultOf(exception.Message) with { Node = node },
        StorageProblem.Full => new RecoveryDiagnosis
        {
            Cause = RecoveryCause.ServiceUnavailable,
            Symptom = RecoverySymptoms.DiskFull,
            Node = node,
            Description = exception.Message,
            Advice = "Add space to the disk of the store. It then works again without a restart.",
        },
        _ => new RecoveryDiagnosis
        {
            Cause = RecoveryCause.ServiceUnavailable,
            Symptom = RecoverySymptoms.StoreUnavailable,
            Node = node,
            Description = $"The node {node} cannot use the store. {exception.Message}",
            Advice = "Check the database, its network and its disk. The node continues when the store answers. If the "
                + "data is lost, restore the last backup into a new store with 'millrace restore'.",
        },
    };

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 25006, Level = LogLevel.Warning,
            Message = "The recovery manager cannot use the store ({Symptom}). It observes the store.")]
        public static partial void CannotUse(ILogger logger, string symptom, Exception exception);

        [LoggerMessage(
            EventId = 25007, Level = LogLevel.Error,
            Message = "A person must act (recovery rule {Rule}): {Fault} {Advice}")]
        public static partial void GivenUp(ILogger logger, string rule, string fault, string? advice);
    }
}
