namespace Millrace.Tests.Processes;

/// <summary>A fault that the simulation injects deliberately, to check that its rules detect the fault.</summary>
internal enum InjectedFault
{
    None,

    /// <summary>Each attempt of a step has a different id, so an external service repeats the work.</summary>
    NewStepIds,

    /// <summary>The command of a consumer has no idempotency key, so a repeated event has its effect again.</summary>
    NoIdempotencyKey,

    /// <summary>The effect of a step and its completion are two commits instead of one.</summary>
    SplitStepCommit,

    /// <summary>The storage does not check the versions of process streams.</summary>
    VersionsIgnored,

    /// <summary>
    /// The checkpoint moves before the event is handled, and the node dies before it handles the event.
    /// </summary>
    EarlyCheckpoint,
}
